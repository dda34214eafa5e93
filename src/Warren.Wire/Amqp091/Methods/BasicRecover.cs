namespace Warren.Wire.Amqp091;

/// <summary>basic.recover: its arguments, views into the frame.</summary>
public readonly ref struct BasicRecover
{
    private BasicRecover(scoped ref ArgumentReader reader)
    {
        Requeue = reader.Bit();
        reader.End();
    }

    /// <summary>The requeue: flag.</summary>
    public bool Requeue { get; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: they cannot be decoded.</exception>
    public static BasicRecover Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.BasicRecover, arguments);
        return new BasicRecover(ref reader);
    }
}
