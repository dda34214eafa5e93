namespace Warren.Wire.Amqp091.Methods;

/// <summary>basic.consume: starts a consumer.</summary>
public readonly ref struct BasicConsume
{
    /// <summary>Name of the queue; empty is the one declared last.</summary>
    public ReadOnlySpan<byte> Queue { get; init; }

    /// <summary>Name of the consumer; empty lets the server choose one.</summary>
    public ReadOnlySpan<byte> ConsumerTag { get; init; }

    /// <summary>Not the messages of this connection.</summary>
    public bool NoLocal { get; init; }

    /// <summary>Deliveries count as acknowledged.</summary>
    public bool NoAck { get; init; }

    /// <summary>No other consumer on the queue.</summary>
    public bool Exclusive { get; init; }

    /// <summary>No reply is wanted.</summary>
    public bool NoWait { get; init; }

    /// <summary>Further arguments; encoded, without length prefix, checked.</summary>
    public ReadOnlySpan<byte> Arguments { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static BasicConsume Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.BasicConsume, arguments);
        reader.ReservedUInt16();
        ReadOnlySpan<byte> queue = reader.Name();
        ReadOnlySpan<byte> consumerTag = reader.Name();
        byte bits = reader.Octet();
        ReadOnlySpan<byte> table = reader.Table();
        reader.End();
        return new BasicConsume
        {
            Queue = queue,
            ConsumerTag = consumerTag,
            NoLocal = (bits & 1) != 0,
            NoAck = (bits & 2) != 0,
            Exclusive = (bits & 4) != 0,
            NoWait = (bits & 8) != 0,
            Arguments = table,
        };
    }
}
