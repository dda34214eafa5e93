namespace Warren.Wire.Amqp091.Methods;

/// <summary>confirm.select: switches the channel to publisher confirms (RabbitMQ).</summary>
public readonly ref struct ConfirmSelect
{
    /// <summary>No reply is wanted.</summary>
    public bool NoWait { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static ConfirmSelect Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.ConfirmSelect, arguments);
        byte bits = reader.Octet();
        reader.End();
        return new ConfirmSelect { NoWait = (bits & 1) != 0 };
    }
}
