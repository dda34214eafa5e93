namespace Warren.Wire.Amqp091;

/// <summary>basic.ack: its arguments, views into the frame.</summary>
public readonly ref struct BasicAck
{
    private BasicAck(scoped ref ArgumentReader reader)
    {
        DeliveryTag = reader.LongLong();
        Multiple = reader.Bit();
        reader.End();
    }

    /// <summary>The delivery tag: 64 bit.</summary>
    public ulong DeliveryTag { get; }

    /// <summary>The multiple: flag.</summary>
    public bool Multiple { get; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: they cannot be decoded.</exception>
    public static BasicAck Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.BasicAck, arguments);
        return new BasicAck(ref reader);
    }
}
