namespace Warren.Wire.Amqp091;

/// <summary>basic.nack: its arguments, views into the frame.</summary>
public readonly ref struct BasicNack
{
    private BasicNack(scoped ref ArgumentReader reader)
    {
        DeliveryTag = reader.LongLong();
        Multiple = reader.Bit();
        Requeue = reader.Bit();
        reader.End();
    }

    /// <summary>The delivery tag: 64 bit.</summary>
    public ulong DeliveryTag { get; }

    /// <summary>The multiple: flag.</summary>
    public bool Multiple { get; }

    /// <summary>The requeue: flag.</summary>
    public bool Requeue { get; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: they cannot be decoded.</exception>
    public static BasicNack Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.BasicNack, arguments);
        return new BasicNack(ref reader);
    }
}
