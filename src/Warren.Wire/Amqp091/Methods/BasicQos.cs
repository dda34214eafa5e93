namespace Warren.Wire.Amqp091.Methods;

/// <summary>basic.qos: limits what is delivered without being acknowledged.</summary>
public readonly ref struct BasicQos
{
    /// <summary>Bytes; 0 is no limit, anything else is not implemented.</summary>
    public uint PrefetchSize { get; init; }

    /// <summary>Messages; 0 is no limit.</summary>
    public ushort PrefetchCount { get; init; }

    /// <summary>For the channel as a whole and not for each new consumer (RabbitMQ's meaning).</summary>
    public bool Global { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static BasicQos Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.BasicQos, arguments);
        uint prefetchSize = reader.UInt32();
        ushort prefetchCount = reader.UInt16();
        byte bits = reader.Octet();
        reader.End();
        return new BasicQos
        {
            PrefetchSize = prefetchSize,
            PrefetchCount = prefetchCount,
            Global = (bits & 1) != 0,
        };
    }
}
