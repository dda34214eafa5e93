namespace Warren.Wire.Amqp091.Methods;

/// <summary>queue.delete: deletes a queue.</summary>
public readonly ref struct QueueDelete
{
    /// <summary>Name of the queue; empty is the one declared last.</summary>
    public ReadOnlySpan<byte> Queue { get; init; }

    /// <summary>Only without consumers.</summary>
    public bool IfUnused { get; init; }

    /// <summary>Only without ready messages.</summary>
    public bool IfEmpty { get; init; }

    /// <summary>No reply is wanted.</summary>
    public bool NoWait { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static QueueDelete Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.QueueDelete, arguments);
        reader.ReservedUInt16();
        ReadOnlySpan<byte> queue = reader.Name();
        byte bits = reader.Octet();
        reader.End();
        return new QueueDelete
        {
            Queue = queue,
            IfUnused = (bits & 1) != 0,
            IfEmpty = (bits & 2) != 0,
            NoWait = (bits & 4) != 0,
        };
    }
}
