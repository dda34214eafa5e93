namespace Warren.Wire.Amqp091;

/// <summary>queue.unbind: its arguments, views into the frame.</summary>
public readonly ref struct QueueUnbind
{
    private QueueUnbind(scoped ref ArgumentReader reader)
    {
        _ = reader.Short();
        Queue = reader.ShortString();
        Exchange = reader.ShortString();
        RoutingKey = reader.ShortString();
        Arguments = reader.Table();
        reader.End();
    }

    /// <summary>The queue: UTF-8.</summary>
    public ReadOnlySpan<byte> Queue { get; }

    /// <summary>The exchange: UTF-8.</summary>
    public ReadOnlySpan<byte> Exchange { get; }

    /// <summary>The routing key: UTF-8.</summary>
    public ReadOnlySpan<byte> RoutingKey { get; }

    /// <summary>The arguments: an encoded, validated field table without its length.</summary>
    public ReadOnlySpan<byte> Arguments { get; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: they cannot be decoded.</exception>
    public static QueueUnbind Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.QueueUnbind, arguments);
        return new QueueUnbind(ref reader);
    }
}
