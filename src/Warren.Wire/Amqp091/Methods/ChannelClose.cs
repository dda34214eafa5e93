namespace Warren.Wire.Amqp091;

/// <summary>channel.close: its arguments, views into the frame.</summary>
public readonly ref struct ChannelClose
{
    private ChannelClose(scoped ref ArgumentReader reader)
    {
        Code = reader.Short();
        Text = reader.ShortString();
        FailedClass = reader.Short();
        FailedMethod = reader.Short();
        reader.End();
    }

    /// <summary>The code: 16 bit.</summary>
    public ushort Code { get; }

    /// <summary>The text: UTF-8.</summary>
    public ReadOnlySpan<byte> Text { get; }

    /// <summary>The failed class: 16 bit.</summary>
    public ushort FailedClass { get; }

    /// <summary>The failed method: 16 bit.</summary>
    public ushort FailedMethod { get; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: they cannot be decoded.</exception>
    public static ChannelClose Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.ChannelClose, arguments);
        return new ChannelClose(ref reader);
    }
}
