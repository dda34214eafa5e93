namespace Warren.Wire.Amqp091.Methods;

/// <summary>basic.cancel: ends a consumer; both sides may send it.</summary>
public readonly ref struct BasicCancel
{
    /// <summary>Name of the consumer.</summary>
    public ReadOnlySpan<byte> ConsumerTag { get; init; }

    /// <summary>No reply is wanted.</summary>
    public bool NoWait { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static BasicCancel Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.BasicCancel, arguments);
        ReadOnlySpan<byte> consumerTag = reader.Name();
        byte bits = reader.Octet();
        reader.End();
        return new BasicCancel { ConsumerTag = consumerTag, NoWait = (bits & 1) != 0 };
    }
}
