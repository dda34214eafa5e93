namespace Warren.Wire.Amqp091.Methods;

/// <summary>basic.get: asks for one message.</summary>
public readonly ref struct BasicGet
{
    /// <summary>Name of the queue; empty is the one declared last.</summary>
    public ReadOnlySpan<byte> Queue { get; init; }

    /// <summary>The message counts as acknowledged.</summary>
    public bool NoAck { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static BasicGet Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.BasicGet, arguments);
        reader.ReservedUInt16();
        ReadOnlySpan<byte> queue = reader.Name();
        byte bits = reader.Octet();
        reader.End();
        return new BasicGet { Queue = queue, NoAck = (bits & 1) != 0 };
    }
}
