namespace Warren.Wire.Amqp091;

/// <summary>connection.open: its arguments, views into the frame.</summary>
public readonly ref struct ConnectionOpen
{
    private ConnectionOpen(scoped ref ArgumentReader reader)
    {
        VirtualHost = reader.ShortString();
        _ = reader.ShortString();
        _ = reader.Bit();
        reader.End();
    }

    /// <summary>The virtual host: UTF-8.</summary>
    public ReadOnlySpan<byte> VirtualHost { get; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: they cannot be decoded.</exception>
    public static ConnectionOpen Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.ConnectionOpen, arguments);
        return new ConnectionOpen(ref reader);
    }
}
