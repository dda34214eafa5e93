namespace Warren.Wire.Amqp091.Methods;

/// <summary>connection.start: says what the server is and can do.</summary>
public readonly ref struct ConnectionStart
{
    /// <summary>0.</summary>
    public byte VersionMajor { get; init; }

    /// <summary>9.</summary>
    public byte VersionMinor { get; init; }

    /// <summary>What the server says about itself and can do; encoded, without length prefix, checked.</summary>
    public ReadOnlySpan<byte> ServerProperties { get; init; }

    /// <summary>SASL mechanisms, separated by spaces.</summary>
    public ReadOnlySpan<byte> Mechanisms { get; init; }

    /// <summary>Locales, separated by spaces.</summary>
    public ReadOnlySpan<byte> Locales { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static ConnectionStart Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.ConnectionStart, arguments);
        byte versionMajor = reader.Octet();
        byte versionMinor = reader.Octet();
        ReadOnlySpan<byte> serverProperties = reader.Table();
        ReadOnlySpan<byte> mechanisms = reader.LongString();
        ReadOnlySpan<byte> locales = reader.LongString();
        reader.End();
        return new ConnectionStart
        {
            VersionMajor = versionMajor,
            VersionMinor = versionMinor,
            ServerProperties = serverProperties,
            Mechanisms = mechanisms,
            Locales = locales,
        };
    }
}
