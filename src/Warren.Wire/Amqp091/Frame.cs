namespace Warren.Wire.Amqp091;

/// <summary>The type octet of a frame (AMQP 0-9-1, 4.2.3).</summary>
public enum FrameType : byte
{
    /// <summary>A method.</summary>
    Method = 1,

    /// <summary>A content header.</summary>
    Header = 2,

    /// <summary>A part of a content body.</summary>
    Body = 3,

    /// <summary>A heartbeat.</summary>
    Heartbeat = 8,
}

/// <summary>The first seven octets of a frame.</summary>
public readonly record struct FrameHeader(FrameType Type, ushort Channel, int PayloadLength);

/// <summary>A whole frame, a view into the bytes it was read from.</summary>
public readonly ref struct Frame
{
    /// <summary>A frame.</summary>
    public Frame(FrameType type, ushort channel, ReadOnlySpan<byte> payload)
    {
        Type = type;
        Channel = channel;
        Payload = payload;
    }

    /// <summary>What it carries.</summary>
    public FrameType Type { get; }

    /// <summary>The channel; 0 is the connection itself.</summary>
    public ushort Channel { get; }

    /// <summary>What is between header and end octet.</summary>
    public ReadOnlySpan<byte> Payload { get; }
}
