namespace Warren.Wire.Amqp091;

/// <summary>One whole frame: a view into the bytes it was read from.</summary>
public readonly ref struct Frame
{
    /// <summary>A frame of the given parts.</summary>
    public Frame(FrameType type, ushort channel, ReadOnlySpan<byte> payload)
    {
        Type = type;
        Channel = channel;
        Payload = payload;
    }

    /// <summary>What the frame carries.</summary>
    public FrameType Type { get; }

    /// <summary>The channel it belongs to; 0 is the connection.</summary>
    public ushort Channel { get; }

    /// <summary>The bytes between the header and the end octet.</summary>
    public ReadOnlySpan<byte> Payload { get; }
}
