namespace Warren.Wire.Amqp091.Methods;

/// <summary>basic.nack: refuses deliveries, and in the other direction publishes (RabbitMQ).</summary>
public readonly ref struct BasicNack
{
    /// <summary>The delivery or publish; 0 with multiple is all so far.</summary>
    public ulong DeliveryTag { get; init; }

    /// <summary>All up to and including the tag.</summary>
    public bool Multiple { get; init; }

    /// <summary>Put them back into their queue.</summary>
    public bool Requeue { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static BasicNack Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.BasicNack, arguments);
        ulong deliveryTag = reader.UInt64();
        byte bits = reader.Octet();
        reader.End();
        return new BasicNack
        {
            DeliveryTag = deliveryTag,
            Multiple = (bits & 1) != 0,
            Requeue = (bits & 2) != 0,
        };
    }
}
