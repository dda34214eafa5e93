namespace Warren.Wire.Amqp091;

/// <summary>basic.consume: its arguments, views into the frame.</summary>
public readonly ref struct BasicConsume
{
    private BasicConsume(scoped ref ArgumentReader reader)
    {
        _ = reader.Short();
        Queue = reader.ShortString();
        ConsumerTag = reader.ShortString();
        NoLocal = reader.Bit();
        NoAck = reader.Bit();
        Exclusive = reader.Bit();
        NoWait = reader.Bit();
        Arguments = reader.Table();
        reader.End();
    }

    /// <summary>The queue: UTF-8.</summary>
    public ReadOnlySpan<byte> Queue { get; }

    /// <summary>The consumer tag: UTF-8.</summary>
    public ReadOnlySpan<byte> ConsumerTag { get; }

    /// <summary>The no local: flag.</summary>
    public bool NoLocal { get; }

    /// <summary>The no ack: flag.</summary>
    public bool NoAck { get; }

    /// <summary>The exclusive: flag.</summary>
    public bool Exclusive { get; }

    /// <summary>The no wait: flag.</summary>
    public bool NoWait { get; }

    /// <summary>The arguments: an encoded, validated field table without its length.</summary>
    public ReadOnlySpan<byte> Arguments { get; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: they cannot be decoded.</exception>
    public static BasicConsume Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.BasicConsume, arguments);
        return new BasicConsume(ref reader);
    }
}
