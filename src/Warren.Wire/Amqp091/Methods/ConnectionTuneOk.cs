namespace Warren.Wire.Amqp091;

/// <summary>connection.tune-ok: its arguments, views into the frame.</summary>
public readonly ref struct ConnectionTuneOk
{
    private ConnectionTuneOk(scoped ref ArgumentReader reader)
    {
        ChannelMax = reader.Short();
        FrameMax = reader.Long();
        Heartbeat = reader.Short();
        reader.End();
    }

    /// <summary>The channel max: 16 bit.</summary>
    public ushort ChannelMax { get; }

    /// <summary>The frame max: 32 bit.</summary>
    public uint FrameMax { get; }

    /// <summary>The heartbeat: 16 bit.</summary>
    public ushort Heartbeat { get; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: they cannot be decoded.</exception>
    public static ConnectionTuneOk Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.ConnectionTuneOk, arguments);
        return new ConnectionTuneOk(ref reader);
    }
}
