namespace Warren.Wire.Amqp091.Methods;

/// <summary>channel.open: opens the channel.</summary>
public readonly ref struct ChannelOpen
{
    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static ChannelOpen Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.ChannelOpen, arguments);
        _ = reader.ShortString();
        reader.End();
        return default;
    }
}
