namespace Warren.Wire.Mqtt;

/// <summary>Writes the packets only a client sends, each whole, and returns its length in bytes.</summary>
/// <remarks>
/// Pure, no allocation, for tests and tools. What both sides send is in <see cref="PacketWriter"/> and
/// <see cref="PublishWriter"/>.
/// </remarks>
public static class ClientPacketWriter
{
    /// <summary>PINGREQ.</summary>
    public static ReadOnlySpan<byte> PingReq => [(int)PacketType.PingReq << 4, 0];

    /// <summary>DISCONNECT without a reason: a normal disconnection.</summary>
    public static ReadOnlySpan<byte> Disconnect => [(int)PacketType.Disconnect << 4, 0];

    /// <summary>Bytes <see cref="WriteConnect"/> writes at most.</summary>
    public static int SizeOfConnect(in Connect connect) =>
        64 + connect.ClientId.Length + connect.Will.Topic.Length + connect.Will.Payload.Length
        + connect.Will.Properties.Encoded.Length + connect.UserName.Length + connect.Password.Length
        + connect.Properties.Encoded.Length;

    /// <summary>CONNECT.</summary>
    public static int WriteConnect(Span<byte> destination, in Connect connect)
    {
        ReadOnlySpan<byte> name = connect.Version == ProtocolVersion.Mqtt31 ? "MQIsdp"u8 : "MQTT"u8;
        bool is50 = connect.Version == ProtocolVersion.Mqtt50;
        int length = SizeOfBinary(name) + 4
            + (is50 ? SizeOfProperties(connect.Properties) : 0)
            + SizeOfBinary(connect.ClientId)
            + (connect.HasWill && is50 ? SizeOfProperties(connect.Will.Properties) : 0)
            + (connect.HasWill ? SizeOfBinary(connect.Will.Topic) + SizeOfBinary(connect.Will.Payload) : 0)
            + (connect.HasUserName ? SizeOfBinary(connect.UserName) : 0)
            + (connect.HasPassword ? SizeOfBinary(connect.Password) : 0);
        var writer = new BodyWriter(destination, PacketType.Connect, 0, length);
        writer.Binary(name);
        writer.Octet((byte)((int)connect.Version | (connect.IsBridge ? Connect.BridgeBit : 0)));
        writer.Octet((byte)FlagsOf(connect));
        writer.UInt16(connect.KeepAlive);
        if (is50)
        {
            writer.Properties(connect.Properties.Encoded);
        }

        writer.Binary(connect.ClientId);
        if (connect.HasWill)
        {
            if (is50)
            {
                writer.Properties(connect.Will.Properties.Encoded);
            }

            writer.Binary(connect.Will.Topic);
            writer.Binary(connect.Will.Payload);
        }

        if (connect.HasUserName)
        {
            writer.Binary(connect.UserName);
        }

        if (connect.HasPassword)
        {
            writer.Binary(connect.Password);
        }

        return writer.Length;
    }

    /// <summary>SUBSCRIBE of one filter.</summary>
    /// <param name="properties">Encoded, without their length.</param>
    public static int WriteSubscribe(
        Span<byte> destination,
        ProtocolVersion version,
        ushort packetIdentifier,
        Subscription subscription,
        ReadOnlySpan<byte> properties = default)
    {
        BodyWriter writer = BeginFilters(
            destination, PacketType.Subscribe, version, packetIdentifier, SizeOfBinary(subscription.Filter) + 1, properties);
        writer.Binary(subscription.Filter);
        writer.Octet(subscription.Options);
        return writer.Length;
    }

    /// <summary>SUBSCRIBE of many filters with the same options.</summary>
    /// <param name="properties">Encoded, without their length.</param>
    public static int WriteSubscribe(
        Span<byte> destination,
        ProtocolVersion version,
        ushort packetIdentifier,
        ReadOnlySpan<byte[]> filters,
        byte options,
        ReadOnlySpan<byte> properties = default)
    {
        BodyWriter writer = BeginFilters(
            destination, PacketType.Subscribe, version, packetIdentifier, SizeOfAll(filters) + filters.Length, properties);
        foreach (byte[] filter in filters)
        {
            writer.Binary(filter);
            writer.Octet(options);
        }

        return writer.Length;
    }

    /// <summary>UNSUBSCRIBE.</summary>
    /// <param name="properties">Encoded, without their length.</param>
    public static int WriteUnsubscribe(
        Span<byte> destination,
        ProtocolVersion version,
        ushort packetIdentifier,
        ReadOnlySpan<byte[]> filters,
        ReadOnlySpan<byte> properties = default)
    {
        BodyWriter writer = BeginFilters(
            destination, PacketType.Unsubscribe, version, packetIdentifier, SizeOfAll(filters), properties);
        foreach (byte[] filter in filters)
        {
            writer.Binary(filter);
        }

        return writer.Length;
    }

    private static BodyWriter BeginFilters(
        Span<byte> destination,
        PacketType type,
        ProtocolVersion version,
        ushort packetIdentifier,
        int filters,
        scoped ReadOnlySpan<byte> properties)
    {
        bool is50 = version == ProtocolVersion.Mqtt50;
        int length = sizeof(ushort) + filters
            + (is50 ? VariableByteInteger.SizeOf(properties.Length) + properties.Length : 0);
        var writer = new BodyWriter(destination, type, 0b0010, length);
        writer.UInt16(packetIdentifier);
        if (is50)
        {
            writer.Properties(properties);
        }

        return writer;
    }

    private static int FlagsOf(in Connect connect) =>
        (connect.CleanStart ? Connect.CleanStartFlag : 0)
        | (connect.HasWill ? Connect.WillFlag : 0)
        | ((int)connect.Will.QoS << Connect.WillQoSShift)
        | (connect.Will.Retain ? Connect.WillRetainFlag : 0)
        | (connect.HasPassword ? Connect.PasswordFlag : 0)
        | (connect.HasUserName ? Connect.UserNameFlag : 0);

    private static int SizeOfBinary(ReadOnlySpan<byte> value) => sizeof(ushort) + value.Length;

    private static int SizeOfProperties(Properties properties) =>
        VariableByteInteger.SizeOf(properties.Encoded.Length) + properties.Encoded.Length;

    private static int SizeOfAll(ReadOnlySpan<byte[]> filters)
    {
        int size = 0;
        foreach (byte[] filter in filters)
        {
            size += sizeof(ushort) + filter.Length;
        }

        return size;
    }
}
