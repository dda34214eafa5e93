namespace Warren.Wire.Amqp091.Methods;

/// <summary>queue.delete-ok: says that the queue is gone.</summary>
public readonly ref struct QueueDeleteOk
{
    /// <summary>Messages that went with it.</summary>
    public uint MessageCount { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static QueueDeleteOk Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.QueueDeleteOk, arguments);
        uint messageCount = reader.UInt32();
        reader.End();
        return new QueueDeleteOk { MessageCount = messageCount };
    }
}
