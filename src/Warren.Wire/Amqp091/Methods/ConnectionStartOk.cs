namespace Warren.Wire.Amqp091.Methods;

/// <summary>connection.start-ok: chooses mechanism and locale and carries the first SASL response.</summary>
public readonly ref struct ConnectionStartOk
{
    /// <summary>What the client says about itself and can do; encoded, without length prefix, checked.</summary>
    public ReadOnlySpan<byte> ClientProperties { get; init; }

    /// <summary>The SASL mechanism chosen.</summary>
    public ReadOnlySpan<byte> Mechanism { get; init; }

    /// <summary>The mechanism's response, opaque.</summary>
    public ReadOnlySpan<byte> Response { get; init; }

    /// <summary>The locale chosen.</summary>
    public ReadOnlySpan<byte> Locale { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static ConnectionStartOk Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.ConnectionStartOk, arguments);
        ReadOnlySpan<byte> clientProperties = reader.Table();
        ReadOnlySpan<byte> mechanism = reader.ShortString();
        ReadOnlySpan<byte> response = reader.LongString();
        ReadOnlySpan<byte> locale = reader.ShortString();
        reader.End();
        return new ConnectionStartOk
        {
            ClientProperties = clientProperties,
            Mechanism = mechanism,
            Response = response,
            Locale = locale,
        };
    }
}
