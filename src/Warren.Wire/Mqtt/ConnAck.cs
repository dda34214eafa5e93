namespace Warren.Wire.Mqtt;

/// <summary>CONNACK (MQTT 5.0 and 3.1.1, 3.2).</summary>
public readonly ref struct ConnAck
{
    /// <summary>Whether the server has kept the client's session.</summary>
    public bool SessionPresent { get; init; }

    /// <summary>The second octet: a <see cref="ReasonCode"/> in MQTT 5.0, a <see cref="ConnectReturnCode"/> before.</summary>
    public byte Code { get; init; }

    /// <summary>The properties; empty before MQTT 5.0.</summary>
    public Properties Properties { get; init; }

    /// <summary>Reads a CONNACK, as a client does.</summary>
    /// <exception cref="PacketError">0x81, 0x82 or 0x97.</exception>
    public static ConnAck Read(Packet packet, ProtocolVersion version)
    {
        var reader = new BodyReader(PacketType.ConnAck, packet.Body);
        byte flags = reader.Octet();
        byte code = reader.Octet();
        if (flags > (version == ProtocolVersion.Mqtt31 ? byte.MaxValue : 1))
        {
            PacketError.ThrowMalformed(PacketType.ConnAck, "reserved flags");
        }

        bool known = version == ProtocolVersion.Mqtt50
            ? ((ReasonCode)code).IsAllowedIn(PacketType.ConnAck)
            : code <= (byte)ConnectReturnCode.NotAuthorized;
        bool present = (flags & 1) != 0 && version != ProtocolVersion.Mqtt31;
        if (!known || (present && code != 0))
        {
            PacketError.ThrowProtocol(PacketType.ConnAck, $"code {code}, session present {present}");
        }

        Properties properties = reader.Properties(version, PropertyPlace.ConnAck);
        reader.End();
        return new ConnAck { SessionPresent = present, Code = code, Properties = properties };
    }
}
