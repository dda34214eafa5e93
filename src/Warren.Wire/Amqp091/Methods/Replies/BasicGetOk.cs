namespace Warren.Wire.Amqp091.Methods;

/// <summary>basic.get-ok: brings the message asked for.</summary>
public readonly ref struct BasicGetOk
{
    /// <summary>Number of the delivery on this channel.</summary>
    public ulong DeliveryTag { get; init; }

    /// <summary>It was delivered before.</summary>
    public bool Redelivered { get; init; }

    /// <summary>The exchange it was published to.</summary>
    public ReadOnlySpan<byte> Exchange { get; init; }

    /// <summary>Its routing key.</summary>
    public ReadOnlySpan<byte> RoutingKey { get; init; }

    /// <summary>Messages still ready.</summary>
    public uint MessageCount { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static BasicGetOk Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.BasicGetOk, arguments);
        ulong deliveryTag = reader.UInt64();
        byte bits = reader.Octet();
        ReadOnlySpan<byte> exchange = reader.ShortString();
        ReadOnlySpan<byte> routingKey = reader.ShortString();
        uint messageCount = reader.UInt32();
        reader.End();
        return new BasicGetOk
        {
            DeliveryTag = deliveryTag,
            Redelivered = (bits & 1) != 0,
            Exchange = exchange,
            RoutingKey = routingKey,
            MessageCount = messageCount,
        };
    }
}
