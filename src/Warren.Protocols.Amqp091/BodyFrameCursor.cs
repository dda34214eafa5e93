using Warren.Wire.Amqp091;

namespace Warren.Protocols.Amqp091;

/// <summary>Where the read loop stands inside a content body frame that has not arrived whole.</summary>
/// <remarks>Not thread-safe: the read loop's.</remarks>
internal sealed class BodyFrameCursor
{
    public bool IsInside { get; private set; }

    public FrameHeader Header { get; private set; }

    public int Channel => Header.Channel;

    /// <summary>Payload bytes still to come; the end octet follows them.</summary>
    public int Remaining { get; set; }

    public void Enter(FrameHeader header)
    {
        Header = header;
        Remaining = header.PayloadSize;
        IsInside = true;
    }

    public void Leave() => IsInside = false;
}
