namespace Warren.Wire.Mqtt;

/// <summary>The fixed header of a control packet (MQTT 5.0, 2.1.1).</summary>
/// <param name="Type">What the packet is.</param>
/// <param name="Flags">The low four bits of the first byte; checked.</param>
/// <param name="Size">Bytes of the fixed header itself, two to five.</param>
/// <param name="RemainingLength">Bytes that follow it.</param>
public readonly record struct PacketHeader(PacketType Type, byte Flags, byte Size, int RemainingLength)
{
    /// <summary>Bytes of the whole packet.</summary>
    public int PacketSize => Size + RemainingLength;
}
