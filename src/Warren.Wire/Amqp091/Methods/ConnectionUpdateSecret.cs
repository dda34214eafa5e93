namespace Warren.Wire.Amqp091;

/// <summary>connection.update-secret: its arguments, views into the frame.</summary>
public readonly ref struct ConnectionUpdateSecret
{
    private ConnectionUpdateSecret(scoped ref ArgumentReader reader)
    {
        NewSecret = reader.LongString();
        Reason = reader.ShortString();
        reader.End();
    }

    /// <summary>The new secret: bytes.</summary>
    public ReadOnlySpan<byte> NewSecret { get; }

    /// <summary>The reason: UTF-8.</summary>
    public ReadOnlySpan<byte> Reason { get; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: they cannot be decoded.</exception>
    public static ConnectionUpdateSecret Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.ConnectionUpdateSecret, arguments);
        return new ConnectionUpdateSecret(ref reader);
    }
}
