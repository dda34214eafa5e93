namespace Warren.Wire.Amqp091;

/// <summary>exchange.delete: its arguments, views into the frame.</summary>
public readonly ref struct ExchangeDelete
{
    private ExchangeDelete(scoped ref ArgumentReader reader)
    {
        _ = reader.Short();
        Exchange = reader.ShortString();
        IfUnused = reader.Bit();
        NoWait = reader.Bit();
        reader.End();
    }

    /// <summary>The exchange: UTF-8.</summary>
    public ReadOnlySpan<byte> Exchange { get; }

    /// <summary>The if unused: flag.</summary>
    public bool IfUnused { get; }

    /// <summary>The no wait: flag.</summary>
    public bool NoWait { get; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: they cannot be decoded.</exception>
    public static ExchangeDelete Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.ExchangeDelete, arguments);
        return new ExchangeDelete(ref reader);
    }
}
