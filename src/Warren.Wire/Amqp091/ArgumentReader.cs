using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text.Unicode;
using Warren.Buffers.Fields;

namespace Warren.Wire.Amqp091;

/// <summary>Reads the arguments of one method in order (AMQP 0-9-1, 4.2.5). Bits are packed into octets as they come.</summary>
/// <remarks>Does not allocate. Every error is 501 FRAME_ERROR with the octets, as RabbitMQ answers.</remarks>
internal ref struct ArgumentReader
{
    private readonly MethodId _method;
    private readonly ReadOnlySpan<byte> _all;
    private ReadOnlySpan<byte> _rest;
    private byte _bits;
    private int _bitIndex;

    public ArgumentReader(MethodId method, ReadOnlySpan<byte> arguments)
    {
        _method = method;
        _all = arguments;
        _rest = arguments;
    }

    public byte Octet() => Take(1)[0];

    public ushort Short() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    public uint Long() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    public ulong LongLong() => BinaryPrimitives.ReadUInt64BigEndian(Take(8));

    /// <summary>A short string; names must be UTF-8, because they are shown and stored as text.</summary>
    public ReadOnlySpan<byte> ShortString()
    {
        ReadOnlySpan<byte> value = Take(Octet());
        if (!Utf8.IsValid(value))
        {
            throw new ConnectionError(ReplyCode.SyntaxError, "short string is not valid UTF-8", _method);
        }

        return value;
    }

    public ReadOnlySpan<byte> LongString()
    {
        uint length = Long();
        if (length > (uint)_rest.Length)
        {
            ThrowUndecodable();
        }

        return Take((int)length);
    }

    /// <summary>A table without its length, checked to be well-formed.</summary>
    public ReadOnlySpan<byte> Table()
    {
        ReadOnlySpan<byte> table = LongString();
        if (!FieldTableReader.Validate(table))
        {
            throw new ConnectionError(ReplyCode.SyntaxError, "malformed field table", _method);
        }

        return table;
    }

    public bool Bit()
    {
        if (_bitIndex == 0)
        {
            _bits = Take(1)[0];
        }

        bool bit = (_bits & (1 << _bitIndex)) != 0;
        _bitIndex = (_bitIndex + 1) & 7;
        return bit;
    }

    /// <summary>Nothing may be left over.</summary>
    public readonly void End()
    {
        if (!_rest.IsEmpty)
        {
            ThrowUndecodable();
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (_rest.Length < count)
        {
            ThrowUndecodable();
        }

        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    [DoesNotReturn]
    private readonly void ThrowUndecodable() =>
        throw new ConnectionError(ReplyCode.FrameError, $"cannot decode {FrameReader.Octets(_all)}", _method);
}
