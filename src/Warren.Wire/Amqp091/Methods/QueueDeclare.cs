namespace Warren.Wire.Amqp091;

/// <summary>queue.declare: its arguments, views into the frame.</summary>
public readonly ref struct QueueDeclare
{
    private QueueDeclare(scoped ref ArgumentReader reader)
    {
        _ = reader.Short();
        Queue = reader.ShortString();
        Passive = reader.Bit();
        Durable = reader.Bit();
        Exclusive = reader.Bit();
        AutoDelete = reader.Bit();
        NoWait = reader.Bit();
        Arguments = reader.Table();
        reader.End();
    }

    /// <summary>The queue: UTF-8.</summary>
    public ReadOnlySpan<byte> Queue { get; }

    /// <summary>The passive: flag.</summary>
    public bool Passive { get; }

    /// <summary>The durable: flag.</summary>
    public bool Durable { get; }

    /// <summary>The exclusive: flag.</summary>
    public bool Exclusive { get; }

    /// <summary>The auto delete: flag.</summary>
    public bool AutoDelete { get; }

    /// <summary>The no wait: flag.</summary>
    public bool NoWait { get; }

    /// <summary>The arguments: an encoded, validated field table without its length.</summary>
    public ReadOnlySpan<byte> Arguments { get; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: they cannot be decoded.</exception>
    public static QueueDeclare Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.QueueDeclare, arguments);
        return new QueueDeclare(ref reader);
    }
}
