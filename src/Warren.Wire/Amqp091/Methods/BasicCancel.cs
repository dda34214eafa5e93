namespace Warren.Wire.Amqp091;

/// <summary>basic.cancel: its arguments, views into the frame.</summary>
public readonly ref struct BasicCancel
{
    private BasicCancel(scoped ref ArgumentReader reader)
    {
        ConsumerTag = reader.ShortString();
        NoWait = reader.Bit();
        reader.End();
    }

    /// <summary>The consumer tag: UTF-8.</summary>
    public ReadOnlySpan<byte> ConsumerTag { get; }

    /// <summary>The no wait: flag.</summary>
    public bool NoWait { get; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: they cannot be decoded.</exception>
    public static BasicCancel Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.BasicCancel, arguments);
        return new BasicCancel(ref reader);
    }
}
