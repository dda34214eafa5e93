namespace Warren.Wire.Amqp091;

/// <summary>exchange.declare: its arguments, views into the frame.</summary>
public readonly ref struct ExchangeDeclare
{
    private ExchangeDeclare(scoped ref ArgumentReader reader)
    {
        _ = reader.Short();
        Exchange = reader.ShortString();
        Type = reader.ShortString();
        Passive = reader.Bit();
        Durable = reader.Bit();
        AutoDelete = reader.Bit();
        Internal = reader.Bit();
        NoWait = reader.Bit();
        Arguments = reader.Table();
        reader.End();
    }

    /// <summary>The exchange: UTF-8.</summary>
    public ReadOnlySpan<byte> Exchange { get; }

    /// <summary>The type: UTF-8.</summary>
    public ReadOnlySpan<byte> Type { get; }

    /// <summary>The passive: flag.</summary>
    public bool Passive { get; }

    /// <summary>The durable: flag.</summary>
    public bool Durable { get; }

    /// <summary>The auto delete: flag.</summary>
    public bool AutoDelete { get; }

    /// <summary>The internal: flag.</summary>
    public bool Internal { get; }

    /// <summary>The no wait: flag.</summary>
    public bool NoWait { get; }

    /// <summary>The arguments: an encoded, validated field table without its length.</summary>
    public ReadOnlySpan<byte> Arguments { get; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: they cannot be decoded.</exception>
    public static ExchangeDeclare Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.ExchangeDeclare, arguments);
        return new ExchangeDeclare(ref reader);
    }
}
