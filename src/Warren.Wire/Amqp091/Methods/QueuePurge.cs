namespace Warren.Wire.Amqp091.Methods;

/// <summary>queue.purge: drops the ready messages of a queue.</summary>
public readonly ref struct QueuePurge
{
    /// <summary>Name of the queue; empty is the one declared last.</summary>
    public ReadOnlySpan<byte> Queue { get; init; }

    /// <summary>No reply is wanted.</summary>
    public bool NoWait { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static QueuePurge Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.QueuePurge, arguments);
        reader.ReservedUInt16();
        ReadOnlySpan<byte> queue = reader.Name();
        byte bits = reader.Octet();
        reader.End();
        return new QueuePurge { Queue = queue, NoWait = (bits & 1) != 0 };
    }
}
