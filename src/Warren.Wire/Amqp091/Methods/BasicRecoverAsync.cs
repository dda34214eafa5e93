namespace Warren.Wire.Amqp091.Methods;

/// <summary>basic.recover-async: asks for all unacknowledged messages again, without a reply (deprecated).</summary>
public readonly ref struct BasicRecoverAsync
{
    /// <summary>Put them back into their queue; false is not implemented.</summary>
    public bool Requeue { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static BasicRecoverAsync Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.BasicRecoverAsync, arguments);
        byte bits = reader.Octet();
        reader.End();
        return new BasicRecoverAsync { Requeue = (bits & 1) != 0 };
    }
}
