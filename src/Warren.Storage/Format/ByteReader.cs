using System.Buffers.Binary;

namespace Warren.Storage.Format;

/// <summary>Reads little-endian numbers one after the other; past the end it returns zeros and says so.</summary>
internal ref struct ByteReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private int _position;

    internal ByteReader(ReadOnlySpan<byte> bytes, int position)
    {
        _bytes = bytes;
        _position = position;
    }

    internal bool Failed { get; private set; }

    internal readonly int Remaining => _bytes.Length - _position;

    internal uint U32()
    {
        if (Remaining < sizeof(uint))
        {
            Failed = true;
            return 0;
        }

        uint value = BinaryPrimitives.ReadUInt32LittleEndian(_bytes[_position..]);
        _position += sizeof(uint);
        return value;
    }

    internal ulong U64()
    {
        if (Remaining < sizeof(ulong))
        {
            Failed = true;
            return 0;
        }

        ulong value = BinaryPrimitives.ReadUInt64LittleEndian(_bytes[_position..]);
        _position += sizeof(ulong);
        return value;
    }
}
