namespace Warren.Wire.Amqp091.Methods;

/// <summary>basic.deliver: brings a message to a consumer.</summary>
public readonly ref struct BasicDeliver
{
    /// <summary>Name of the consumer.</summary>
    public ReadOnlySpan<byte> ConsumerTag { get; init; }

    /// <summary>Number of the delivery on this channel.</summary>
    public ulong DeliveryTag { get; init; }

    /// <summary>It was delivered before.</summary>
    public bool Redelivered { get; init; }

    /// <summary>The exchange it was published to.</summary>
    public ReadOnlySpan<byte> Exchange { get; init; }

    /// <summary>Its routing key.</summary>
    public ReadOnlySpan<byte> RoutingKey { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static BasicDeliver Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.BasicDeliver, arguments);
        ReadOnlySpan<byte> consumerTag = reader.ShortString();
        ulong deliveryTag = reader.UInt64();
        byte bits = reader.Octet();
        ReadOnlySpan<byte> exchange = reader.ShortString();
        ReadOnlySpan<byte> routingKey = reader.ShortString();
        reader.End();
        return new BasicDeliver
        {
            ConsumerTag = consumerTag,
            DeliveryTag = deliveryTag,
            Redelivered = (bits & 1) != 0,
            Exchange = exchange,
            RoutingKey = routingKey,
        };
    }
}
