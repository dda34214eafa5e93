namespace Warren.Wire.Amqp091;

/// <summary>connection.start-ok: its arguments, views into the frame.</summary>
public readonly ref struct ConnectionStartOk
{
    private ConnectionStartOk(scoped ref ArgumentReader reader)
    {
        ClientProperties = reader.Table();
        Mechanism = reader.ShortString();
        Response = reader.LongString();
        Locale = reader.ShortString();
        reader.End();
    }

    /// <summary>The client properties: an encoded, validated field table without its length.</summary>
    public ReadOnlySpan<byte> ClientProperties { get; }

    /// <summary>The mechanism: UTF-8.</summary>
    public ReadOnlySpan<byte> Mechanism { get; }

    /// <summary>The response: bytes.</summary>
    public ReadOnlySpan<byte> Response { get; }

    /// <summary>The locale: UTF-8.</summary>
    public ReadOnlySpan<byte> Locale { get; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: they cannot be decoded.</exception>
    public static ConnectionStartOk Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.ConnectionStartOk, arguments);
        return new ConnectionStartOk(ref reader);
    }
}
