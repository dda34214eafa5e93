namespace Warren.Wire.Amqp091.Methods;

/// <summary>connection.open: opens a virtual host.</summary>
public readonly ref struct ConnectionOpen
{
    /// <summary>Name of the virtual host.</summary>
    public ReadOnlySpan<byte> VirtualHost { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static ConnectionOpen Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.ConnectionOpen, arguments);
        ReadOnlySpan<byte> virtualHost = reader.Name();
        _ = reader.ShortString();
        _ = reader.Octet();
        reader.End();
        return new ConnectionOpen { VirtualHost = virtualHost };
    }
}
