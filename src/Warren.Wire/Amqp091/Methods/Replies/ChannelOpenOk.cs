namespace Warren.Wire.Amqp091.Methods;

/// <summary>channel.open-ok: says that the channel is open.</summary>
public readonly ref struct ChannelOpenOk
{
    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static ChannelOpenOk Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.ChannelOpenOk, arguments);
        _ = reader.LongString();
        reader.End();
        return default;
    }
}
