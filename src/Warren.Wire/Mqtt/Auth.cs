namespace Warren.Wire.Mqtt;

/// <summary>AUTH: a step of an extended authentication (MQTT 5.0, 3.15).</summary>
public readonly ref struct Auth
{
    /// <summary>Success, continue or re-authenticate.</summary>
    public ReasonCode Reason { get; init; }

    /// <summary>The properties, the authentication method among them.</summary>
    public Properties Properties { get; init; }

    /// <summary>Reads an AUTH.</summary>
    /// <exception cref="PacketError">0x81, 0x82 or 0x97.</exception>
    public static Auth Read(Packet packet)
    {
        if (packet.Body.IsEmpty)
        {
            return default;
        }

        var reader = new BodyReader(PacketType.Auth, packet.Body);
        var reason = (ReasonCode)reader.Octet();
        if (!reason.IsAllowedIn(PacketType.Auth))
        {
            PacketError.ThrowProtocol(PacketType.Auth, $"reason code 0x{(byte)reason:X2}");
        }

        Properties properties = reader.Properties(ProtocolVersion.Mqtt50, PropertyPlace.Auth);
        reader.End();
        if (!properties.Has(PropertyId.AuthenticationMethod))
        {
            PacketError.ThrowProtocol(PacketType.Auth, "no authentication method");
        }

        return new Auth { Reason = reason, Properties = properties };
    }
}
