namespace Warren.Wire.Amqp091.Methods;

/// <summary>channel.flow: stops and restarts the flow of content; both sides may send it.</summary>
public readonly ref struct ChannelFlow
{
    /// <summary>True to let content flow.</summary>
    public bool Active { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static ChannelFlow Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.ChannelFlow, arguments);
        byte bits = reader.Octet();
        reader.End();
        return new ChannelFlow { Active = (bits & 1) != 0 };
    }
}
