namespace Warren.Wire.Amqp091.Methods;

/// <summary>basic.cancel-ok: confirms a basic.cancel; both sides may send it.</summary>
public readonly ref struct BasicCancelOk
{
    /// <summary>Name of the consumer.</summary>
    public ReadOnlySpan<byte> ConsumerTag { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static BasicCancelOk Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.BasicCancelOk, arguments);
        ReadOnlySpan<byte> consumerTag = reader.ShortString();
        reader.End();
        return new BasicCancelOk { ConsumerTag = consumerTag };
    }
}
