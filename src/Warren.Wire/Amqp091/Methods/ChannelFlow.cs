namespace Warren.Wire.Amqp091;

/// <summary>channel.flow: its arguments, views into the frame.</summary>
public readonly ref struct ChannelFlow
{
    private ChannelFlow(scoped ref ArgumentReader reader)
    {
        Active = reader.Bit();
        reader.End();
    }

    /// <summary>The active: flag.</summary>
    public bool Active { get; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: they cannot be decoded.</exception>
    public static ChannelFlow Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.ChannelFlow, arguments);
        return new ChannelFlow(ref reader);
    }
}
