using System.Buffers.Binary;
using System.Text;
using Warren.Buffers.Fields;

namespace Warren.Wire.Amqp091;

/// <summary>Writes one whole frame into a span: header, payload piece by piece, end octet.</summary>
/// <remarks>
/// The destination has to be long enough; running over its end is a bug of the caller and throws what a span throws.
/// Fields are written in the order of the calls; <see cref="End"/> closes the frame.
/// </remarks>
public ref struct FrameWriter
{
    private readonly Span<byte> _destination;
    private int _at;

    /// <summary>Begins a frame.</summary>
    public FrameWriter(Span<byte> destination, FrameType type, ushort channel)
    {
        _destination = destination;
        destination[0] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(destination[1..], channel);
        _at = FrameReader.HeaderSize;
    }

    /// <summary>Begins a method frame.</summary>
    public FrameWriter(Span<byte> destination, ushort channel, MethodId method)
        : this(destination, FrameType.Method, channel) => UInt32((uint)method);

    /// <summary>A whole heartbeat frame.</summary>
    public static ReadOnlySpan<byte> Heartbeat =>
        [(byte)FrameType.Heartbeat, 0, 0, 0, 0, 0, 0, FrameReader.FrameEnd];

    /// <summary>Appends an octet, or up to eight bits packed into it.</summary>
    public void Octet(byte value) => _destination[_at++] = value;

    /// <summary>Appends up to five bits, the first one lowest.</summary>
    public void Bits(bool first, bool second = false, bool third = false, bool fourth = false, bool fifth = false) =>
        Octet((byte)((first ? 1 : 0) | (second ? 2 : 0) | (third ? 4 : 0) | (fourth ? 8 : 0) | (fifth ? 16 : 0)));

    /// <summary>Appends an unsigned 16 bit number.</summary>
    public void UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_destination[_at..], value);
        _at += sizeof(ushort);
    }

    /// <summary>Appends an unsigned 32 bit number.</summary>
    public void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_destination[_at..], value);
        _at += sizeof(uint);
    }

    /// <summary>Appends an unsigned 64 bit number.</summary>
    public void UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_destination[_at..], value);
        _at += sizeof(ulong);
    }

    /// <summary>Appends a short string.</summary>
    /// <exception cref="OverflowException">Longer than 255 bytes.</exception>
    public void ShortString(scoped ReadOnlySpan<byte> value)
    {
        Octet(checked((byte)value.Length));
        Raw(value);
    }

    /// <summary>Appends a short string, cut to 255 bytes of UTF-8.</summary>
    public void ShortText(string value)
    {
        int length = Encoding.UTF8.GetBytes(ReplyText.Cut(value), _destination[(_at + 1)..]);
        _destination[_at] = (byte)length;
        _at += 1 + length;
    }

    /// <summary>Appends a long string, or a table that is encoded already.</summary>
    public void LongString(scoped ReadOnlySpan<byte> value)
    {
        UInt32((uint)value.Length);
        Raw(value);
    }

    /// <summary>Appends a table.</summary>
    public void Table(FieldTable table) => _at += FieldTableWriter.WriteWithLength(_destination[_at..], table);

    /// <summary>Appends bytes as they are.</summary>
    public void Raw(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_destination[_at..]);
        _at += bytes.Length;
    }

    /// <summary>Closes the frame.</summary>
    /// <returns>Bytes of the whole frame.</returns>
    public int End()
    {
        BinaryPrimitives.WriteUInt32BigEndian(_destination[3..], (uint)(_at - FrameReader.HeaderSize));
        _destination[_at++] = FrameReader.FrameEnd;
        return _at;
    }
}
