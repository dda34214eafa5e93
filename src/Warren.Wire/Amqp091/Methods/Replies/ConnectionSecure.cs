namespace Warren.Wire.Amqp091.Methods;

/// <summary>connection.secure: is a SASL challenge.</summary>
public readonly ref struct ConnectionSecure
{
    /// <summary>Opaque.</summary>
    public ReadOnlySpan<byte> Challenge { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static ConnectionSecure Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.ConnectionSecure, arguments);
        ReadOnlySpan<byte> challenge = reader.LongString();
        reader.End();
        return new ConnectionSecure { Challenge = challenge };
    }
}
