namespace Warren.Wire.Amqp091.Methods;

/// <summary>exchange.delete: deletes an exchange.</summary>
public readonly ref struct ExchangeDelete
{
    /// <summary>Name of the exchange.</summary>
    public ReadOnlySpan<byte> Exchange { get; init; }

    /// <summary>Only without bindings.</summary>
    public bool IfUnused { get; init; }

    /// <summary>No reply is wanted.</summary>
    public bool NoWait { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static ExchangeDelete Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.ExchangeDelete, arguments);
        reader.ReservedUInt16();
        ReadOnlySpan<byte> exchange = reader.Name();
        byte bits = reader.Octet();
        reader.End();
        return new ExchangeDelete
        {
            Exchange = exchange,
            IfUnused = (bits & 1) != 0,
            NoWait = (bits & 2) != 0,
        };
    }
}
