namespace Warren.Wire.Amqp091.Methods;

/// <summary>basic.recover: asks for all unacknowledged messages again.</summary>
public readonly ref struct BasicRecover
{
    /// <summary>Put them back into their queue; false is not implemented.</summary>
    public bool Requeue { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static BasicRecover Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.BasicRecover, arguments);
        byte bits = reader.Octet();
        reader.End();
        return new BasicRecover { Requeue = (bits & 1) != 0 };
    }
}
