namespace Warren.Wire.Amqp091.Methods;

/// <summary>queue.unbind: takes a binding away.</summary>
public readonly ref struct QueueUnbind
{
    /// <summary>Name of the queue; empty is the one declared last.</summary>
    public ReadOnlySpan<byte> Queue { get; init; }

    /// <summary>Name of the exchange.</summary>
    public ReadOnlySpan<byte> Exchange { get; init; }

    /// <summary>The binding key.</summary>
    public ReadOnlySpan<byte> RoutingKey { get; init; }

    /// <summary>Further arguments; encoded, without length prefix, checked.</summary>
    public ReadOnlySpan<byte> Arguments { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static QueueUnbind Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.QueueUnbind, arguments);
        reader.ReservedUInt16();
        ReadOnlySpan<byte> queue = reader.Name();
        ReadOnlySpan<byte> exchange = reader.Name();
        ReadOnlySpan<byte> routingKey = reader.ShortString();
        ReadOnlySpan<byte> table = reader.Table();
        reader.End();
        return new QueueUnbind
        {
            Queue = queue,
            Exchange = exchange,
            RoutingKey = routingKey,
            Arguments = table,
        };
    }
}
