using Warren.Buffers;
using Warren.Wire.Amqp091;

namespace Warren.Protocols.Amqp091;

/// <summary>Where the read loop stands inside a content body frame that has not arrived whole.</summary>
/// <remarks>Not thread-safe: the read loop's.</remarks>
internal sealed class BodyFrameCursor(ChannelTable channels)
{
    private const int LongBody = 32 * 1024; // worth receiving where it belongs
    private const int BetweenBodyFrames = 1024; // the end of a frame and the header of the next, and little of its payload

    private FrameHeader _header;
    private int _remaining; // payload bytes still to come; the end octet follows them
    private Channel? _receiving; // whose body was received in place last

    public bool IsInside { get; private set; }

    /// <summary>Bytes worth reading at a time: few where the next ones may be received in place.</summary>
    public int ReadAhead => _receiving is { RemainingBody: >= LongBody } ? BetweenBodyFrames : int.MaxValue;

    /// <summary>A body frame begins.</summary>
    public void Enter(FrameHeader header)
    {
        _header = header;
        _remaining = header.PayloadSize;
        IsInside = true;
        channels.Find(header.Channel).OnBodyFrame();
    }

    /// <summary>Room for the rest of the frame, when it is worth receiving there.</summary>
    public Payload LendRoom() => channels.Find(_header.Channel).LendRoom(_remaining);

    /// <summary>A part of it was received in place.</summary>
    public void OnReceivedInRoom(int bytes)
    {
        _remaining -= bytes;
        _receiving = channels[_header.Channel];
        _receiving?.OnReceivedInRoom(bytes);
    }

    /// <summary>Takes as much of the frame as has arrived.</summary>
    /// <returns>False when the frame has not arrived whole.</returns>
    /// <exception cref="ConnectionError">501: its end octet is wrong.</exception>
    public bool TryConsume(ref ReadOnlySpan<byte> rest)
    {
        if (_remaining > 0)
        {
            if (rest.IsEmpty)
            {
                return false;
            }

            int part = Math.Min(rest.Length, _remaining);
            channels.Find(_header.Channel).OnBodyPart(rest[..part]);
            rest = rest[part..];
            _remaining -= part;
        }

        if (_remaining > 0 || rest.IsEmpty)
        {
            return false;
        }

        FrameReader.CheckEnd(rest[0], _header.Type, default);
        rest = rest[1..];
        IsInside = false;
        channels.Find(_header.Channel).OnBodyFrameEnd();
        return true;
    }
}
