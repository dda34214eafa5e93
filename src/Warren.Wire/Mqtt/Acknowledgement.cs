namespace Warren.Wire.Mqtt;

/// <summary>PUBACK, PUBREC, PUBREL and PUBCOMP, which look alike (MQTT 5.0, 3.4 to 3.7).</summary>
public readonly ref struct Acknowledgement
{
    /// <summary>Which of the four it is.</summary>
    public PacketType Type { get; init; }

    /// <summary>The packet identifier of the message.</summary>
    public ushort PacketIdentifier { get; init; }

    /// <summary>The reason; success when it is left out, and always before MQTT 5.0.</summary>
    public ReasonCode Reason { get; init; }

    /// <summary>The properties; empty before MQTT 5.0.</summary>
    public Properties Properties { get; init; }

    /// <summary>Reads a packet of one of the four types.</summary>
    /// <exception cref="PacketError">0x81, 0x82 or 0x97.</exception>
    public static Acknowledgement Read(Packet packet, ProtocolVersion version)
    {
        var reader = new BodyReader(packet.Type, packet.Body);
        ushort identifier = reader.PacketIdentifier();
        ReasonCode reason = ReasonCode.Success;
        Properties properties = default;
        if (version == ProtocolVersion.Mqtt50 && !reader.IsAtEnd)
        {
            reason = (ReasonCode)reader.Octet();
            if (!reason.IsAllowedIn(packet.Type))
            {
                PacketError.ThrowProtocol(packet.Type, $"reason code 0x{(byte)reason:X2}");
            }

            if (!reader.IsAtEnd)
            {
                properties = reader.Properties(version, PropertyPlace.Acknowledgement);
            }
        }

        reader.End();
        return new Acknowledgement
        {
            Type = packet.Type,
            PacketIdentifier = identifier,
            Reason = reason,
            Properties = properties,
        };
    }
}
