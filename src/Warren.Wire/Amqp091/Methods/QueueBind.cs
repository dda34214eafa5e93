namespace Warren.Wire.Amqp091;

/// <summary>queue.bind: its arguments, views into the frame.</summary>
public readonly ref struct QueueBind
{
    private QueueBind(scoped ref ArgumentReader reader)
    {
        _ = reader.Short();
        Queue = reader.ShortString();
        Exchange = reader.ShortString();
        RoutingKey = reader.ShortString();
        NoWait = reader.Bit();
        Arguments = reader.Table();
        reader.End();
    }

    /// <summary>The queue: UTF-8.</summary>
    public ReadOnlySpan<byte> Queue { get; }

    /// <summary>The exchange: UTF-8.</summary>
    public ReadOnlySpan<byte> Exchange { get; }

    /// <summary>The routing key: UTF-8.</summary>
    public ReadOnlySpan<byte> RoutingKey { get; }

    /// <summary>The no wait: flag.</summary>
    public bool NoWait { get; }

    /// <summary>The arguments: an encoded, validated field table without its length.</summary>
    public ReadOnlySpan<byte> Arguments { get; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: they cannot be decoded.</exception>
    public static QueueBind Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.QueueBind, arguments);
        return new QueueBind(ref reader);
    }
}
