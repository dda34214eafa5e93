namespace Warren.Wire.Amqp091.Methods;

/// <summary>queue.declare: creates a queue or checks that it is there.</summary>
public readonly ref struct QueueDeclare
{
    /// <summary>Name of the queue; empty lets the server choose one.</summary>
    public ReadOnlySpan<byte> Queue { get; init; }

    /// <summary>Only check that it is there.</summary>
    public bool Passive { get; init; }

    /// <summary>Survives a restart.</summary>
    public bool Durable { get; init; }

    /// <summary>Belongs to this connection and goes with it.</summary>
    public bool Exclusive { get; init; }

    /// <summary>Goes with its last consumer.</summary>
    public bool AutoDelete { get; init; }

    /// <summary>No reply is wanted.</summary>
    public bool NoWait { get; init; }

    /// <summary>Further arguments; encoded, without length prefix, checked.</summary>
    public ReadOnlySpan<byte> Arguments { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static QueueDeclare Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.QueueDeclare, arguments);
        reader.ReservedUInt16();
        ReadOnlySpan<byte> queue = reader.Name();
        byte bits = reader.Octet();
        ReadOnlySpan<byte> table = reader.Table();
        reader.End();
        return new QueueDeclare
        {
            Queue = queue,
            Passive = (bits & 1) != 0,
            Durable = (bits & 2) != 0,
            Exclusive = (bits & 4) != 0,
            AutoDelete = (bits & 8) != 0,
            NoWait = (bits & 16) != 0,
            Arguments = table,
        };
    }
}
