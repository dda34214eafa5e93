namespace Warren.Wire.Mqtt;

/// <summary>CONNECT: the first packet of a connection (MQTT 5.0 and 3.1.1, 3.1).</summary>
public readonly ref struct Connect
{
    internal const int UserNameFlag = 0x80;
    internal const int PasswordFlag = 0x40;
    internal const int WillRetainFlag = 0x20;
    internal const int WillQoSShift = 3;
    internal const int WillQoSMask = 3 << WillQoSShift;
    internal const int WillFlag = 0x04;
    internal const int CleanStartFlag = 0x02;
    internal const byte BridgeBit = 0x80;
    private const int ReservedFlag = 0x01;

    /// <summary>The version the client speaks.</summary>
    public ProtocolVersion Version { get; init; }

    /// <summary>Whether the client is a bridge: mosquitto sets the highest bit of the protocol level.</summary>
    public bool IsBridge { get; init; }

    /// <summary>Start with a new session; clean session before MQTT 5.0.</summary>
    public bool CleanStart { get; init; }

    /// <summary>Seconds; 0 switches it off.</summary>
    public ushort KeepAlive { get; init; }

    /// <summary>The client identifier; may be empty.</summary>
    public ReadOnlySpan<byte> ClientId { get; init; }

    /// <summary>Whether there is a will.</summary>
    public bool HasWill { get; init; }

    /// <summary>The will; empty when there is none.</summary>
    public Will Will { get; init; }

    /// <summary>Whether there is a user name, which may be empty.</summary>
    public bool HasUserName { get; init; }

    /// <summary>The user name, UTF-8.</summary>
    public ReadOnlySpan<byte> UserName { get; init; }

    /// <summary>Whether there is a password, which may be empty.</summary>
    public bool HasPassword { get; init; }

    /// <summary>The password, any bytes.</summary>
    public ReadOnlySpan<byte> Password { get; init; }

    /// <summary>The properties; empty before MQTT 5.0.</summary>
    public Properties Properties { get; init; }

    /// <summary>Seconds the session is kept after the connection; <see cref="uint.MaxValue"/> is for ever.</summary>
    /// <remarks>Before MQTT 5.0: 0 for a clean session, for ever otherwise.</remarks>
    public uint SessionExpiryInterval => Version == ProtocolVersion.Mqtt50
        ? Properties.Number(PropertyId.SessionExpiryInterval, 0)
        : CleanStart ? 0 : uint.MaxValue;

    /// <summary>Reads the body of a CONNECT.</summary>
    /// <exception cref="PacketError">
    /// 0x81, 0x82, 0x84 or 0x97. Its <see cref="PacketError.Version"/> says whether and how to answer.
    /// </exception>
    public static Connect Read(ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(PacketType.Connect, body);
        ReadOnlySpan<byte> name = reader.Binary();
        byte level = reader.Octet();
        var version = (ProtocolVersion)(level & ~BridgeBit);
        CheckVersion(name, version, level);
        try
        {
            return ReadRest(ref reader, version, (level & BridgeBit) != 0);
        }
        catch (PacketError error) when (version == ProtocolVersion.Mqtt50)
        {
            throw error.OfVersion(version);
        }
    }

    private static void CheckVersion(ReadOnlySpan<byte> name, ProtocolVersion version, byte level)
    {
        if (name.SequenceEqual("MQIsdp"u8))
        {
            if (version != ProtocolVersion.Mqtt31)
            {
                ThrowUnsupported(level, ProtocolVersion.Mqtt31);
            }
        }
        else if (!name.SequenceEqual("MQTT"u8))
        {
            PacketError.ThrowMalformed(PacketType.Connect, "not a protocol name");
        }
        else if (version is not (ProtocolVersion.Mqtt311 or ProtocolVersion.Mqtt50))
        {
            // Who speaks something newer is more likely to read the newest answer.
            ThrowUnsupported(level, version > ProtocolVersion.Mqtt50 ? ProtocolVersion.Mqtt50 : ProtocolVersion.Mqtt311);
        }
    }

    private static void ThrowUnsupported(byte level, ProtocolVersion answer) =>
        throw new PacketError(ReasonCode.UnsupportedProtocolVersion, $"Connect: protocol level {level}", answer);

    private static Connect ReadRest(scoped ref BodyReader reader, ProtocolVersion version, bool isBridge)
    {
        byte flags = reader.Octet();
        CheckFlags(flags, version);
        ushort keepAlive = reader.UInt16();
        Properties properties = reader.Properties(version, PropertyPlace.Connect);
        ReadOnlySpan<byte> clientId = reader.Text("the client identifier");
        bool hasWill = (flags & WillFlag) != 0;
        Will will = hasWill ? ReadWill(ref reader, version, flags) : default;
        bool hasUserName = (flags & UserNameFlag) != 0;
        ReadOnlySpan<byte> userName = hasUserName ? reader.Text("the user name") : [];
        bool hasPassword = (flags & PasswordFlag) != 0;
        ReadOnlySpan<byte> password = hasPassword ? reader.Binary() : [];
        reader.End();
        return new Connect
        {
            Version = version,
            IsBridge = isBridge,
            CleanStart = (flags & CleanStartFlag) != 0,
            KeepAlive = keepAlive,
            ClientId = clientId,
            HasWill = hasWill,
            Will = will,
            HasUserName = hasUserName,
            UserName = userName,
            HasPassword = hasPassword,
            Password = password,
            Properties = properties,
        };
    }

    private static void CheckFlags(byte flags, ProtocolVersion version)
    {
        // MQTT 3.1 left the lowest bit open.
        if ((flags & ReservedFlag) != 0 && version != ProtocolVersion.Mqtt31)
        {
            PacketError.ThrowMalformed(PacketType.Connect, "reserved flag");
        }

        if ((flags & WillQoSMask) == WillQoSMask)
        {
            PacketError.ThrowMalformed(PacketType.Connect, "will QoS 3");
        }

        if ((flags & WillFlag) == 0 && (flags & (WillQoSMask | WillRetainFlag)) != 0)
        {
            PacketError.ThrowMalformed(PacketType.Connect, "will QoS or retain without will");
        }

        if ((flags & (UserNameFlag | PasswordFlag)) == PasswordFlag && version != ProtocolVersion.Mqtt50)
        {
            PacketError.ThrowMalformed(PacketType.Connect, "password without user name");
        }
    }

    private static Will ReadWill(scoped ref BodyReader reader, ProtocolVersion version, byte flags)
    {
        Properties properties = reader.Properties(version, PropertyPlace.Will);
        ReadOnlySpan<byte> topic = reader.Topic("the will topic");
        if (topic.IsEmpty)
        {
            PacketError.ThrowMalformed(PacketType.Connect, "empty will topic");
        }

        return new Will
        {
            Topic = topic,
            Payload = reader.Binary(),
            QoS = (QoS)((flags & WillQoSMask) >> WillQoSShift),
            Retain = (flags & WillRetainFlag) != 0,
            Properties = properties,
        };
    }
}
