namespace Warren.Wire.Amqp091.Methods;

/// <summary>queue.declare-ok: says that the queue is there.</summary>
public readonly ref struct QueueDeclareOk
{
    /// <summary>Name of the queue.</summary>
    public ReadOnlySpan<byte> Queue { get; init; }

    /// <summary>Ready messages.</summary>
    public uint MessageCount { get; init; }

    /// <summary>Consumers.</summary>
    public uint ConsumerCount { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static QueueDeclareOk Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.QueueDeclareOk, arguments);
        ReadOnlySpan<byte> queue = reader.ShortString();
        uint messageCount = reader.UInt32();
        uint consumerCount = reader.UInt32();
        reader.End();
        return new QueueDeclareOk
        {
            Queue = queue,
            MessageCount = messageCount,
            ConsumerCount = consumerCount,
        };
    }
}
