namespace Warren.Wire.Amqp091.Methods;

/// <summary>connection.secure-ok: answers a SASL challenge.</summary>
public readonly ref struct ConnectionSecureOk
{
    /// <summary>The mechanism's response, opaque.</summary>
    public ReadOnlySpan<byte> Response { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static ConnectionSecureOk Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.ConnectionSecureOk, arguments);
        ReadOnlySpan<byte> response = reader.LongString();
        reader.End();
        return new ConnectionSecureOk { Response = response };
    }
}
