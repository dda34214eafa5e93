namespace Warren.Wire.Amqp091.Methods;

/// <summary>exchange.declare: creates an exchange or checks that it is there.</summary>
public readonly ref struct ExchangeDeclare
{
    /// <summary>Name of the exchange.</summary>
    public ReadOnlySpan<byte> Exchange { get; init; }

    /// <summary>Its type: direct, fanout, topic, headers or another one.</summary>
    public ReadOnlySpan<byte> Type { get; init; }

    /// <summary>Only check that it is there.</summary>
    public bool Passive { get; init; }

    /// <summary>Survives a restart.</summary>
    public bool Durable { get; init; }

    /// <summary>Goes with its last binding.</summary>
    public bool AutoDelete { get; init; }

    /// <summary>Takes messages from exchanges only (RabbitMQ).</summary>
    public bool Internal { get; init; }

    /// <summary>No reply is wanted.</summary>
    public bool NoWait { get; init; }

    /// <summary>Further arguments; encoded, without length prefix, checked.</summary>
    public ReadOnlySpan<byte> Arguments { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static ExchangeDeclare Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.ExchangeDeclare, arguments);
        reader.ReservedUInt16();
        ReadOnlySpan<byte> exchange = reader.Name();
        ReadOnlySpan<byte> type = reader.Name();
        byte bits = reader.Octet();
        ReadOnlySpan<byte> table = reader.Table();
        reader.End();
        return new ExchangeDeclare
        {
            Exchange = exchange,
            Type = type,
            Passive = (bits & 1) != 0,
            Durable = (bits & 2) != 0,
            AutoDelete = (bits & 4) != 0,
            Internal = (bits & 8) != 0,
            NoWait = (bits & 16) != 0,
            Arguments = table,
        };
    }
}
