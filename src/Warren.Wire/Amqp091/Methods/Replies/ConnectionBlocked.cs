namespace Warren.Wire.Amqp091.Methods;

/// <summary>connection.blocked: tells a publisher that the server does not read from it (RabbitMQ).</summary>
public readonly ref struct ConnectionBlocked
{
    /// <summary>Why, in words.</summary>
    public ReadOnlySpan<byte> Reason { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static ConnectionBlocked Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.ConnectionBlocked, arguments);
        ReadOnlySpan<byte> reason = reader.ShortString();
        reader.End();
        return new ConnectionBlocked { Reason = reason };
    }
}
