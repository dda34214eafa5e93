namespace Warren.Wire.Mqtt;

/// <summary>DISCONNECT (MQTT 5.0 and 3.1.1, 3.14).</summary>
public readonly ref struct Disconnect
{
    /// <summary>The reason; normal disconnection when it is left out, and always before MQTT 5.0.</summary>
    public ReasonCode Reason { get; init; }

    /// <summary>The properties; empty before MQTT 5.0.</summary>
    public Properties Properties { get; init; }

    /// <summary>Reads a DISCONNECT.</summary>
    /// <exception cref="PacketError">0x81, 0x82 or 0x97.</exception>
    public static Disconnect Read(Packet packet, ProtocolVersion version, PacketSender sender = PacketSender.Client)
    {
        var reader = new BodyReader(PacketType.Disconnect, packet.Body);
        ReasonCode reason = ReasonCode.NormalDisconnection;
        Properties properties = default;
        if (version == ProtocolVersion.Mqtt50 && !reader.IsAtEnd)
        {
            reason = (ReasonCode)reader.Octet();
            if (!reason.IsAllowedIn(PacketType.Disconnect))
            {
                PacketError.ThrowProtocol(PacketType.Disconnect, $"reason code 0x{(byte)reason:X2}");
            }

            if (!reader.IsAtEnd)
            {
                bool client = sender == PacketSender.Client;
                properties = reader.Properties(
                    version, client ? PropertyPlace.Disconnect : PropertyPlace.ServerDisconnect);
            }
        }

        reader.End();
        return new Disconnect { Reason = reason, Properties = properties };
    }
}
