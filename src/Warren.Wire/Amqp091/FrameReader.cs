using System.Buffers.Binary;
using System.Diagnostics;

namespace Warren.Wire.Amqp091;

/// <summary>Cuts frames out of a byte stream (AMQP 0-9-1, 4.2.3). Pure: no I/O, no state, no allocation.</summary>
public static class FrameReader
{
    /// <summary>Bytes before the payload.</summary>
    public const int HeaderSize = 7;

    /// <summary>Bytes of a frame besides its payload: header and end octet.</summary>
    public const int Overhead = HeaderSize + 1;

    /// <summary>The octet that closes every frame.</summary>
    public const byte FrameEnd = 0xCE;

    /// <summary>The smallest frame_max two peers may agree on (AMQP 0-9-1 reference, "Constants").</summary>
    public const int FrameMinSize = 4096;

    // 0      1         3             7                  size+7      size+8
    // +------+---------+-------------+  +------------+  +-----------+
    // | type | channel |    size     |  |  payload   |  | frame-end |
    // +------+---------+-------------+  +------------+  +-----------+
    //   u8       u16         u32          size octets        0xCE

    /// <summary>Reads one whole frame and moves <paramref name="input"/> past it.</summary>
    /// <param name="input">The unread bytes; unchanged when the result is false.</param>
    /// <param name="frameMax">The negotiated frame_max in bytes, header and end octet included; at least 8.</param>
    /// <param name="frame">The frame, a view into <paramref name="input"/>.</param>
    /// <returns>False when the frame has not arrived whole.</returns>
    /// <exception cref="ConnectionError">
    /// 501 FRAME_ERROR: too large, of no known type, or not closed by 0xCE.
    /// </exception>
    public static bool TryRead(ref ReadOnlySpan<byte> input, int frameMax, out Frame frame)
    {
        ReadOnlySpan<byte> unread = input;
        if (!TryReadHeader(unread, frameMax, out FrameHeader header)
            || unread.Length - Overhead < header.PayloadSize)
        {
            frame = default;
            return false;
        }

        ReadOnlySpan<byte> payload = unread.Slice(HeaderSize, header.PayloadSize);
        CheckEnd(unread[HeaderSize + header.PayloadSize], header.Type, payload);
        frame = new Frame(header.Type, header.Channel, payload);
        input = unread[(Overhead + header.PayloadSize)..];
        return true;
    }

    /// <summary>Reads a frame's header, for a payload that is taken in pieces; nothing is consumed.</summary>
    /// <param name="input">The unread bytes.</param>
    /// <param name="frameMax">The negotiated frame_max in bytes, header and end octet included; at least 8.</param>
    /// <param name="header">The header; the payload follows after <see cref="HeaderSize"/> bytes.</param>
    /// <returns>False when fewer than <see cref="HeaderSize"/> bytes are there.</returns>
    /// <exception cref="ConnectionError">501 FRAME_ERROR: too large, or of no known type.</exception>
    public static bool TryReadHeader(ReadOnlySpan<byte> input, int frameMax, out FrameHeader header)
    {
        Debug.Assert(frameMax >= Overhead, "a frame_max of 0 (no limit) was not replaced by the server's own");
        if (input.Length < HeaderSize)
        {
            header = default;
            return false;
        }

        byte type = input[0];
        uint size = BinaryPrimitives.ReadUInt32BigEndian(input[3..]);
        if (size > (uint)(frameMax - Overhead))
        {
            ConnectionError.ThrowFrameTooLarge(type, size, frameMax);
        }

        bool known = type is (byte)FrameType.Method or (byte)FrameType.Header or (byte)FrameType.Body
            || (type == (byte)FrameType.Heartbeat && size == 0);
        if (!known)
        {
            ConnectionError.ThrowUnknownFrame(type);
        }

        header = new FrameHeader((FrameType)type, BinaryPrimitives.ReadUInt16BigEndian(input[1..]), (int)size);
        return true;
    }

    /// <summary>Checks the octet after a payload.</summary>
    /// <param name="end">The octet found where the frame ends.</param>
    /// <param name="type">The frame's type, for the error's text.</param>
    /// <param name="payload">The payload, or as much as is still at hand, for the error's text.</param>
    /// <exception cref="ConnectionError">501 FRAME_ERROR: the octet is not 0xCE.</exception>
    public static void CheckEnd(byte end, FrameType type, ReadOnlySpan<byte> payload)
    {
        if (end != FrameEnd)
        {
            ConnectionError.ThrowBadFrameEnd(type, payload, end);
        }
    }
}
