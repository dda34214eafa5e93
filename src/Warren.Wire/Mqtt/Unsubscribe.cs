namespace Warren.Wire.Mqtt;

/// <summary>UNSUBSCRIBE (MQTT 5.0 and 3.1.1, 3.10): an identifier, properties and at least one filter.</summary>
/// <remarks>Enumerate it for the filters.</remarks>
public readonly ref struct Unsubscribe
{
    private readonly ReadOnlySpan<byte> _filters;

    private Unsubscribe(ushort identifier, Properties properties, ReadOnlySpan<byte> filters, int count)
    {
        PacketIdentifier = identifier;
        Properties = properties;
        _filters = filters;
        Count = count;
    }

    /// <summary>The packet identifier, for the UNSUBACK.</summary>
    public ushort PacketIdentifier { get; }

    /// <summary>The properties; empty before MQTT 5.0.</summary>
    public Properties Properties { get; }

    /// <summary>Filters in it.</summary>
    public int Count { get; }

    /// <summary>Reads an UNSUBSCRIBE and checks every filter.</summary>
    /// <exception cref="PacketError">0x81, 0x82 or 0x97.</exception>
    public static Unsubscribe Read(Packet packet, ProtocolVersion version)
    {
        var reader = new BodyReader(PacketType.Unsubscribe, packet.Body);
        ushort identifier = reader.PacketIdentifier();
        Properties properties = reader.Properties(version, PropertyPlace.Unsubscribe);
        ReadOnlySpan<byte> filters = reader.Rest;
        int count = 0;
        for (; !reader.IsAtEnd; count++)
        {
            _ = reader.Filter(version);
        }

        if (count == 0)
        {
            PacketError.ThrowProtocol(PacketType.Unsubscribe, "no filter");
        }

        return new Unsubscribe(identifier, properties, filters, count);
    }

    /// <summary>Goes through the filters.</summary>
    public FilterEnumerator GetEnumerator() => new(_filters);
}
