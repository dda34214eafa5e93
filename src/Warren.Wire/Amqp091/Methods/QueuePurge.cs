namespace Warren.Wire.Amqp091;

/// <summary>queue.purge: its arguments, views into the frame.</summary>
public readonly ref struct QueuePurge
{
    private QueuePurge(scoped ref ArgumentReader reader)
    {
        _ = reader.Short();
        Queue = reader.ShortString();
        NoWait = reader.Bit();
        reader.End();
    }

    /// <summary>The queue: UTF-8.</summary>
    public ReadOnlySpan<byte> Queue { get; }

    /// <summary>The no wait: flag.</summary>
    public bool NoWait { get; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: they cannot be decoded.</exception>
    public static QueuePurge Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.QueuePurge, arguments);
        return new QueuePurge(ref reader);
    }
}
