namespace Warren.Wire.Amqp091;

/// <summary>basic.publish: its arguments, views into the frame.</summary>
public readonly ref struct BasicPublish
{
    private BasicPublish(scoped ref ArgumentReader reader)
    {
        _ = reader.Short();
        Exchange = reader.ShortString();
        RoutingKey = reader.ShortString();
        Mandatory = reader.Bit();
        Immediate = reader.Bit();
        reader.End();
    }

    /// <summary>The exchange: UTF-8.</summary>
    public ReadOnlySpan<byte> Exchange { get; }

    /// <summary>The routing key: UTF-8.</summary>
    public ReadOnlySpan<byte> RoutingKey { get; }

    /// <summary>The mandatory: flag.</summary>
    public bool Mandatory { get; }

    /// <summary>The immediate: flag.</summary>
    public bool Immediate { get; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: they cannot be decoded.</exception>
    public static BasicPublish Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.BasicPublish, arguments);
        return new BasicPublish(ref reader);
    }
}
