namespace Warren.Wire.Amqp091.Methods;

/// <summary>basic.consume-ok: says that the consumer is there.</summary>
public readonly ref struct BasicConsumeOk
{
    /// <summary>Name of the consumer.</summary>
    public ReadOnlySpan<byte> ConsumerTag { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static BasicConsumeOk Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.BasicConsumeOk, arguments);
        ReadOnlySpan<byte> consumerTag = reader.ShortString();
        reader.End();
        return new BasicConsumeOk { ConsumerTag = consumerTag };
    }
}
