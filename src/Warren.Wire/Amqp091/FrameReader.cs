using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Warren.Wire.Amqp091;

/// <summary>Cuts frames out of a byte stream (AMQP 0-9-1, 4.2.3). Pure: no I/O, no state, no allocation.</summary>
public static class FrameReader
{
    /// <summary>Octets before the payload.</summary>
    public const int HeaderSize = 7;

    /// <summary>The octet that closes every frame.</summary>
    public const byte FrameEnd = 0xCE;

    private const int ShownOctets = 32; // of a bad frame, in the error text

    // 0      1         3             7                  size+7      size+8
    // +------+---------+-------------+  +------------+  +-----------+
    // | type | channel |    size     |  |  payload   |  | frame-end |
    // +------+---------+-------------+  +------------+  +-----------+
    //   u8       u16         u32          size octets        0xCE

    /// <summary>Reads the header of the frame at the start of <paramref name="input"/>; nothing is consumed.</summary>
    /// <param name="input">The unread bytes.</param>
    /// <param name="frameMax">The negotiated frame_max in bytes, header and end octet included.</param>
    /// <param name="header">The header.</param>
    /// <returns>False when it has not arrived whole.</returns>
    /// <exception cref="ConnectionError">501: unknown type, or too large.</exception>
    public static bool TryReadHeader(ReadOnlySpan<byte> input, int frameMax, out FrameHeader header)
    {
        if (input.Length < HeaderSize)
        {
            header = default;
            return false;
        }

        var type = (FrameType)input[0];
        uint size = BinaryPrimitives.ReadUInt32BigEndian(input[3..]);
        if (size > (uint)(frameMax - HeaderSize - 1))
        {
            ThrowTooLarge(type, size, frameMax);
        }

        if (type is not (FrameType.Method or FrameType.Header or FrameType.Body or FrameType.Heartbeat))
        {
            ThrowUnknownType(type);
        }

        header = new FrameHeader(type, BinaryPrimitives.ReadUInt16BigEndian(input[1..]), (int)size);
        return true;
    }

    /// <summary>Reads one whole frame and moves <paramref name="input"/> past it.</summary>
    /// <returns>False when it has not arrived whole; <paramref name="input"/> is unchanged then.</returns>
    /// <exception cref="ConnectionError">501: unknown type, too large, or not closed by 0xCE.</exception>
    public static bool TryRead(ref ReadOnlySpan<byte> input, int frameMax, out Frame frame)
    {
        if (!TryReadHeader(input, frameMax, out FrameHeader header) || input.Length < HeaderSize + header.PayloadLength + 1)
        {
            frame = default;
            return false;
        }

        ReadOnlySpan<byte> payload = input.Slice(HeaderSize, header.PayloadLength);
        byte end = input[HeaderSize + header.PayloadLength];
        if (end != FrameEnd)
        {
            ThrowBadEnd(header.Type, payload, end);
        }

        frame = new Frame(header.Type, header.Channel, payload);
        input = input[(HeaderSize + header.PayloadLength + 1)..];
        return true;
    }

    /// <summary>Checks the end octet of a body frame that was consumed in parts.</summary>
    /// <exception cref="ConnectionError">501.</exception>
    public static void CheckEnd(FrameHeader header, byte end)
    {
        if (end != FrameEnd)
        {
            ThrowBadEnd(header.Type, default, end);
        }
    }

    /// <summary>Octets as Erlang shows them, which is how RabbitMQ's error texts do.</summary>
    internal static string Octets(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder("<<");
        int shown = Math.Min(bytes.Length, ShownOctets);
        for (int i = 0; i < shown; i++)
        {
            text.Append(i == 0 ? "" : ",").Append(bytes[i]);
        }

        return text.Append(shown < bytes.Length ? ",...>>" : ">>").ToString();
    }

    [DoesNotReturn]
    private static void ThrowTooLarge(FrameType type, uint size, int frameMax) =>
        throw new ConnectionError(
            ReplyCode.FrameError,
            $"type {(byte)type}, all octets = <<>>: {{frame_too_large,{size},{frameMax - HeaderSize - 1}}}");

    [DoesNotReturn]
    private static void ThrowUnknownType(FrameType type) =>
        throw new ConnectionError(ReplyCode.FrameError, $"type {(byte)type}, all octets = <<>>: unknown_frame");

    [DoesNotReturn]
    private static void ThrowBadEnd(FrameType type, ReadOnlySpan<byte> payload, byte end) =>
        throw new ConnectionError(
            ReplyCode.FrameError,
            $"type {(byte)type}, all octets = {Octets(payload)}: {{invalid_frame_end_marker,{end}}}");
}
