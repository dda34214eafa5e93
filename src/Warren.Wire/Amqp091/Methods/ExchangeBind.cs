namespace Warren.Wire.Amqp091.Methods;

/// <summary>exchange.bind: binds an exchange to an exchange (RabbitMQ).</summary>
public readonly ref struct ExchangeBind
{
    /// <summary>The exchange messages go to.</summary>
    public ReadOnlySpan<byte> Destination { get; init; }

    /// <summary>The exchange messages come from.</summary>
    public ReadOnlySpan<byte> Source { get; init; }

    /// <summary>The binding key.</summary>
    public ReadOnlySpan<byte> RoutingKey { get; init; }

    /// <summary>No reply is wanted.</summary>
    public bool NoWait { get; init; }

    /// <summary>Further arguments; encoded, without length prefix, checked.</summary>
    public ReadOnlySpan<byte> Arguments { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static ExchangeBind Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.ExchangeBind, arguments);
        reader.ReservedUInt16();
        ReadOnlySpan<byte> destination = reader.Name();
        ReadOnlySpan<byte> source = reader.Name();
        ReadOnlySpan<byte> routingKey = reader.ShortString();
        byte bits = reader.Octet();
        ReadOnlySpan<byte> table = reader.Table();
        reader.End();
        return new ExchangeBind
        {
            Destination = destination,
            Source = source,
            RoutingKey = routingKey,
            NoWait = (bits & 1) != 0,
            Arguments = table,
        };
    }
}
