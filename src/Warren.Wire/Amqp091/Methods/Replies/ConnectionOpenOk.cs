namespace Warren.Wire.Amqp091.Methods;

/// <summary>connection.open-ok: says that the virtual host is open.</summary>
public readonly ref struct ConnectionOpenOk
{
    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static ConnectionOpenOk Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.ConnectionOpenOk, arguments);
        _ = reader.ShortString();
        reader.End();
        return default;
    }
}
