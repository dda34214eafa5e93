namespace Warren.Wire.Mqtt;

/// <summary>SUBSCRIBE (MQTT 5.0 and 3.1.1, 3.8): an identifier, properties and at least one filter.</summary>
/// <remarks>Enumerate it for the filters.</remarks>
public readonly ref struct Subscribe
{
    private readonly ReadOnlySpan<byte> _filters;

    private Subscribe(ushort identifier, Properties properties, ReadOnlySpan<byte> filters, int count)
    {
        PacketIdentifier = identifier;
        Properties = properties;
        _filters = filters;
        Count = count;
    }

    /// <summary>The packet identifier, for the SUBACK.</summary>
    public ushort PacketIdentifier { get; }

    /// <summary>The properties; empty before MQTT 5.0.</summary>
    public Properties Properties { get; }

    /// <summary>Filters in it.</summary>
    public int Count { get; }

    /// <summary>The subscription identifier; 0 when absent.</summary>
    public int SubscriptionIdentifier => (int)Properties.Number(PropertyId.SubscriptionIdentifier, 0);

    /// <summary>Reads a SUBSCRIBE and checks every filter and its options.</summary>
    /// <exception cref="PacketError">0x81, 0x82 or 0x97.</exception>
    public static Subscribe Read(Packet packet, ProtocolVersion version)
    {
        var reader = new BodyReader(PacketType.Subscribe, packet.Body);
        ushort identifier = reader.PacketIdentifier();
        Properties properties = reader.Properties(version, PropertyPlace.Subscribe);
        ReadOnlySpan<byte> filters = reader.Rest;
        int count = 0;
        for (; !reader.IsAtEnd; count++)
        {
            ReadOnlySpan<byte> filter = reader.Filter(version);
            CheckOptions(filter, reader.Octet(), version);
        }

        if (count == 0)
        {
            PacketError.ThrowProtocol(PacketType.Subscribe, "no filter");
        }

        return new Subscribe(identifier, properties, filters, count);
    }

    /// <summary>Goes through the filters.</summary>
    public SubscriptionEnumerator GetEnumerator() => new(_filters);

    private static void CheckOptions(ReadOnlySpan<byte> filter, byte options, ProtocolVersion version)
    {
        bool is50 = version == ProtocolVersion.Mqtt50;
        if ((options & (is50 ? Subscription.ReservedMask : Subscription.ReservedMaskBefore50)) != 0)
        {
            PacketError.ThrowMalformed(PacketType.Subscribe, "reserved option");
        }

        var subscription = new Subscription(filter, options);
        if (subscription.QoS > QoS.ExactlyOnce)
        {
            PacketError.ThrowProtocol(PacketType.Subscribe, "QoS 3");
        }

        if (subscription.RetainHandling > RetainHandling.DoNotSend)
        {
            PacketError.ThrowProtocol(PacketType.Subscribe, "retain handling 3");
        }

        if (subscription.NoLocal && TopicFilter.IsShared(filter))
        {
            PacketError.ThrowProtocol(PacketType.Subscribe, "no local with a shared subscription");
        }
    }
}
