using System.Buffers.Binary;

namespace Warren.Storage.Format;

/// <summary>Writes little-endian numbers one after the other into a buffer that is large enough.</summary>
internal ref struct ByteCursor
{
    private readonly Span<byte> _bytes;

    internal ByteCursor(Span<byte> bytes) => _bytes = bytes;

    internal int Position { get; set; }

    internal void Put(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_bytes[Position..]);
        Position += bytes.Length;
    }

    internal void Put(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes[Position..], value);
        Position += sizeof(ushort);
    }

    internal void Put(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes[Position..], value);
        Position += sizeof(uint);
    }

    internal void Put(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes[Position..], value);
        Position += sizeof(ulong);
    }
}
