using System.Buffers.Binary;

namespace Warren.Wire.Mqtt;

/// <summary>Writes one whole packet into a span, whose size is known before.</summary>
internal ref struct BodyWriter
{
    private readonly Span<byte> _destination;
    private int _at;

    internal BodyWriter(Span<byte> destination, PacketType type, int flags, int remainingLength)
    {
        _destination = destination;
        destination[0] = (byte)(((int)type << 4) | flags);
        _at = 1 + VariableByteInteger.Write(destination[1..], remainingLength);
    }

    /// <summary>Bytes written so far.</summary>
    internal readonly int Length => _at;

    internal void Octet(byte value) => _destination[_at++] = value;

    internal void UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_destination[_at..], value);
        _at += sizeof(ushort);
    }

    internal void Binary(scoped ReadOnlySpan<byte> value)
    {
        UInt16(checked((ushort)value.Length));
        Raw(value);
    }

    internal void Properties(scoped ReadOnlySpan<byte> properties)
    {
        PropertyLength(properties.Length);
        Raw(properties);
    }

    internal void PropertyLength(int length) => _at += VariableByteInteger.Write(_destination[_at..], length);

    internal void Raw(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_destination[_at..]);
        _at += bytes.Length;
    }
}
