namespace Warren.Wire.Amqp091.Methods;

/// <summary>basic.ack: acknowledges deliveries, and in the other direction confirms publishes.</summary>
public readonly ref struct BasicAck
{
    /// <summary>The delivery or publish; 0 with multiple is all so far.</summary>
    public ulong DeliveryTag { get; init; }

    /// <summary>All up to and including the tag.</summary>
    public bool Multiple { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static BasicAck Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.BasicAck, arguments);
        ulong deliveryTag = reader.UInt64();
        byte bits = reader.Octet();
        reader.End();
        return new BasicAck { DeliveryTag = deliveryTag, Multiple = (bits & 1) != 0 };
    }
}
