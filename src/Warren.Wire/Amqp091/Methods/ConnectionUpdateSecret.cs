namespace Warren.Wire.Amqp091.Methods;

/// <summary>connection.update-secret: replaces a credential that expires (RabbitMQ).</summary>
public readonly ref struct ConnectionUpdateSecret
{
    /// <summary>The new credential, opaque.</summary>
    public ReadOnlySpan<byte> NewSecret { get; init; }

    /// <summary>Why, in words.</summary>
    public ReadOnlySpan<byte> Reason { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static ConnectionUpdateSecret Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.ConnectionUpdateSecret, arguments);
        ReadOnlySpan<byte> newSecret = reader.LongString();
        ReadOnlySpan<byte> reason = reader.ShortString();
        reader.End();
        return new ConnectionUpdateSecret { NewSecret = newSecret, Reason = reason };
    }
}
