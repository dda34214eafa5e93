namespace Warren.Wire.Amqp091;

/// <summary>exchange.unbind: its arguments, views into the frame.</summary>
public readonly ref struct ExchangeUnbind
{
    private ExchangeUnbind(scoped ref ArgumentReader reader)
    {
        _ = reader.Short();
        Destination = reader.ShortString();
        Source = reader.ShortString();
        RoutingKey = reader.ShortString();
        NoWait = reader.Bit();
        Arguments = reader.Table();
        reader.End();
    }

    /// <summary>The destination: UTF-8.</summary>
    public ReadOnlySpan<byte> Destination { get; }

    /// <summary>The source: UTF-8.</summary>
    public ReadOnlySpan<byte> Source { get; }

    /// <summary>The routing key: UTF-8.</summary>
    public ReadOnlySpan<byte> RoutingKey { get; }

    /// <summary>The no wait: flag.</summary>
    public bool NoWait { get; }

    /// <summary>The arguments: an encoded, validated field table without its length.</summary>
    public ReadOnlySpan<byte> Arguments { get; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: they cannot be decoded.</exception>
    public static ExchangeUnbind Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.ExchangeUnbind, arguments);
        return new ExchangeUnbind(ref reader);
    }
}
