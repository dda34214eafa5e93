namespace Warren.Wire.Amqp091.Methods;

/// <summary>queue.bind: binds a queue to an exchange.</summary>
public readonly ref struct QueueBind
{
    /// <summary>Name of the queue; empty is the one declared last.</summary>
    public ReadOnlySpan<byte> Queue { get; init; }

    /// <summary>Name of the exchange.</summary>
    public ReadOnlySpan<byte> Exchange { get; init; }

    /// <summary>The binding key.</summary>
    public ReadOnlySpan<byte> RoutingKey { get; init; }

    /// <summary>No reply is wanted.</summary>
    public bool NoWait { get; init; }

    /// <summary>Further arguments; encoded, without length prefix, checked.</summary>
    public ReadOnlySpan<byte> Arguments { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static QueueBind Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.QueueBind, arguments);
        reader.ReservedUInt16();
        ReadOnlySpan<byte> queue = reader.Name();
        ReadOnlySpan<byte> exchange = reader.Name();
        ReadOnlySpan<byte> routingKey = reader.ShortString();
        byte bits = reader.Octet();
        ReadOnlySpan<byte> table = reader.Table();
        reader.End();
        return new QueueBind
        {
            Queue = queue,
            Exchange = exchange,
            RoutingKey = routingKey,
            NoWait = (bits & 1) != 0,
            Arguments = table,
        };
    }
}
