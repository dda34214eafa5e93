using System.Buffers.Binary;
using System.Text;
using Warren.Buffers.Fields;

namespace Warren.Wire.Amqp091;

/// <summary>Writes one frame into a span: header, arguments as they are added, end octet.</summary>
/// <remarks>Does not allocate. The caller provides room: the constants say how much is enough.</remarks>
public ref struct FrameWriter
{
    /// <summary>Enough for any method with at most two short strings.</summary>
    public const int SmallFrame = 640;

    /// <summary>Enough for connection.close, channel.close, basic.return and basic.get-ok.</summary>
    public const int CloseFrameMax = 1024;

    /// <summary>Enough for connection.start with our server-properties.</summary>
    public const int StartFrameMax = 4096;

    private readonly Span<byte> _destination;
    private int _at;
    private int _bitIndex;

    private FrameWriter(Span<byte> destination, FrameType type, ushort channel)
    {
        _destination = destination;
        destination[0] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(destination[1..], channel);
        _at = FrameReader.HeaderSize;
    }

    /// <summary>A heartbeat, whole.</summary>
    public static ReadOnlySpan<byte> Heartbeat => [(byte)FrameType.Heartbeat, 0, 0, 0, 0, 0, 0, FrameReader.FrameEnd];

    /// <summary>Begins a method frame.</summary>
    public static FrameWriter Method(Span<byte> destination, ushort channel, MethodId id)
    {
        var writer = new FrameWriter(destination, FrameType.Method, channel);
        writer.Long((uint)id);
        return writer;
    }

    /// <summary>Begins a content header frame.</summary>
    public static FrameWriter Header(Span<byte> destination, ushort channel) => new(destination, FrameType.Header, channel);

    /// <summary>Adds an octet.</summary>
    public void Octet(byte value)
    {
        _bitIndex = 0;
        _destination[_at++] = value;
    }

    /// <summary>Adds 16 bits.</summary>
    public void Short(ushort value)
    {
        _bitIndex = 0;
        BinaryPrimitives.WriteUInt16BigEndian(_destination[_at..], value);
        _at += sizeof(ushort);
    }

    /// <summary>Adds 32 bits.</summary>
    public void Long(uint value)
    {
        _bitIndex = 0;
        BinaryPrimitives.WriteUInt32BigEndian(_destination[_at..], value);
        _at += sizeof(uint);
    }

    /// <summary>Adds 64 bits.</summary>
    public void LongLong(ulong value)
    {
        _bitIndex = 0;
        BinaryPrimitives.WriteUInt64BigEndian(_destination[_at..], value);
        _at += sizeof(ulong);
    }

    /// <summary>Adds a flag; flags in a row share octets.</summary>
    public void Bit(bool value)
    {
        if (_bitIndex == 0)
        {
            _destination[_at++] = 0;
        }

        if (value)
        {
            _destination[_at - 1] |= (byte)(1 << _bitIndex);
        }

        _bitIndex = (_bitIndex + 1) & 7;
    }

    /// <summary>Adds a short string of at most 255 bytes.</summary>
    public void ShortString(ReadOnlySpan<byte> value)
    {
        Octet(checked((byte)value.Length));
        value.CopyTo(_destination[_at..]);
        _at += value.Length;
    }

    /// <summary>Adds a short string.</summary>
    public void ShortString(string value)
    {
        int length = Encoding.UTF8.GetBytes(value, _destination[(_at + 1)..]);
        Octet(checked((byte)length));
        _at += length;
    }

    /// <summary>Adds a long string.</summary>
    public void LongString(ReadOnlySpan<byte> value)
    {
        Long((uint)value.Length);
        value.CopyTo(_destination[_at..]);
        _at += value.Length;
    }

    /// <summary>Adds a table with its length.</summary>
    public void Table(FieldTable table)
    {
        int size = FieldTableWriter.Write(_destination[(_at + sizeof(uint))..], table);
        Long((uint)size);
        _at += size;
    }

    /// <summary>Adds bytes as they are.</summary>
    public void Raw(ReadOnlySpan<byte> value)
    {
        _bitIndex = 0;
        value.CopyTo(_destination[_at..]);
        _at += value.Length;
    }

    /// <summary>Closes the frame and answers its length in bytes.</summary>
    public readonly int End()
    {
        BinaryPrimitives.WriteUInt32BigEndian(_destination[3..], (uint)(_at - FrameReader.HeaderSize));
        _destination[_at] = FrameReader.FrameEnd;
        return _at + 1;
    }
}
