namespace Warren.Wire.Mqtt;

/// <summary>A whole control packet, a view into the input; its body is not yet looked at.</summary>
public readonly ref struct Packet
{
    /// <summary>A packet of a header and the bytes that follow it.</summary>
    public Packet(PacketHeader header, ReadOnlySpan<byte> body)
    {
        Header = header;
        Body = body;
    }

    /// <summary>The fixed header.</summary>
    public PacketHeader Header { get; }

    /// <summary>What the packet is.</summary>
    public PacketType Type => Header.Type;

    /// <summary>What follows the fixed header: variable header and payload.</summary>
    public ReadOnlySpan<byte> Body { get; }
}
