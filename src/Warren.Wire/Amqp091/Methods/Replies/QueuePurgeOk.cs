namespace Warren.Wire.Amqp091.Methods;

/// <summary>queue.purge-ok: says that the queue was purged.</summary>
public readonly ref struct QueuePurgeOk
{
    /// <summary>Messages dropped.</summary>
    public uint MessageCount { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static QueuePurgeOk Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.QueuePurgeOk, arguments);
        uint messageCount = reader.UInt32();
        reader.End();
        return new QueuePurgeOk { MessageCount = messageCount };
    }
}
