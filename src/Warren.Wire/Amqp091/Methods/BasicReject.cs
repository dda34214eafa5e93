namespace Warren.Wire.Amqp091;

/// <summary>basic.reject: its arguments, views into the frame.</summary>
public readonly ref struct BasicReject
{
    private BasicReject(scoped ref ArgumentReader reader)
    {
        DeliveryTag = reader.LongLong();
        Requeue = reader.Bit();
        reader.End();
    }

    /// <summary>The delivery tag: 64 bit.</summary>
    public ulong DeliveryTag { get; }

    /// <summary>The requeue: flag.</summary>
    public bool Requeue { get; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: they cannot be decoded.</exception>
    public static BasicReject Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.BasicReject, arguments);
        return new BasicReject(ref reader);
    }
}
