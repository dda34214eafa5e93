namespace Warren.Wire.Amqp091;

/// <summary>basic.get: its arguments, views into the frame.</summary>
public readonly ref struct BasicGet
{
    private BasicGet(scoped ref ArgumentReader reader)
    {
        _ = reader.Short();
        Queue = reader.ShortString();
        NoAck = reader.Bit();
        reader.End();
    }

    /// <summary>The queue: UTF-8.</summary>
    public ReadOnlySpan<byte> Queue { get; }

    /// <summary>The no ack: flag.</summary>
    public bool NoAck { get; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: they cannot be decoded.</exception>
    public static BasicGet Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.BasicGet, arguments);
        return new BasicGet(ref reader);
    }
}
