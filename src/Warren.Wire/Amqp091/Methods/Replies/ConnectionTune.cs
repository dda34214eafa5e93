namespace Warren.Wire.Amqp091.Methods;

/// <summary>connection.tune: proposes the limits of the connection.</summary>
public readonly ref struct ConnectionTune
{
    /// <summary>Highest channel number; 0 is no limit.</summary>
    public ushort ChannelMax { get; init; }

    /// <summary>Largest frame in bytes; 0 is no limit.</summary>
    public uint FrameMax { get; init; }

    /// <summary>Seconds between heartbeats; 0 is none.</summary>
    public ushort Heartbeat { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static ConnectionTune Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.ConnectionTune, arguments);
        ushort channelMax = reader.UInt16();
        uint frameMax = reader.UInt32();
        ushort heartbeat = reader.UInt16();
        reader.End();
        return new ConnectionTune
        {
            ChannelMax = channelMax,
            FrameMax = frameMax,
            Heartbeat = heartbeat,
        };
    }
}
