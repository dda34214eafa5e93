namespace Warren.Wire.Amqp091;

/// <summary>basic.qos: its arguments, views into the frame.</summary>
public readonly ref struct BasicQos
{
    private BasicQos(scoped ref ArgumentReader reader)
    {
        PrefetchSize = reader.Long();
        PrefetchCount = reader.Short();
        Global = reader.Bit();
        reader.End();
    }

    /// <summary>The prefetch size: 32 bit.</summary>
    public uint PrefetchSize { get; }

    /// <summary>The prefetch count: 16 bit.</summary>
    public ushort PrefetchCount { get; }

    /// <summary>The global: flag.</summary>
    public bool Global { get; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: they cannot be decoded.</exception>
    public static BasicQos Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.BasicQos, arguments);
        return new BasicQos(ref reader);
    }
}
