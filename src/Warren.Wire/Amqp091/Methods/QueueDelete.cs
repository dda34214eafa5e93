namespace Warren.Wire.Amqp091;

/// <summary>queue.delete: its arguments, views into the frame.</summary>
public readonly ref struct QueueDelete
{
    private QueueDelete(scoped ref ArgumentReader reader)
    {
        _ = reader.Short();
        Queue = reader.ShortString();
        IfUnused = reader.Bit();
        IfEmpty = reader.Bit();
        NoWait = reader.Bit();
        reader.End();
    }

    /// <summary>The queue: UTF-8.</summary>
    public ReadOnlySpan<byte> Queue { get; }

    /// <summary>The if unused: flag.</summary>
    public bool IfUnused { get; }

    /// <summary>The if empty: flag.</summary>
    public bool IfEmpty { get; }

    /// <summary>The no wait: flag.</summary>
    public bool NoWait { get; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: they cannot be decoded.</exception>
    public static QueueDelete Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.QueueDelete, arguments);
        return new QueueDelete(ref reader);
    }
}
