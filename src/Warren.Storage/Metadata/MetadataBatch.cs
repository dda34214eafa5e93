using System.Buffers.Binary;
using System.Text;
using Warren.Buffers;

namespace Warren.Storage.Metadata;

/// <summary>The form of one write in a metadata log. Pure.</summary>
/// <remarks>
/// <code>
/// 0        4        8           16        20        24       28          32            length
/// | magic  | length | revision  | prevCrc | bodyCrc | count  | headerCrc | operations … |
/// operation, padded to 8:  | kind u8 | 0 | keyLength u16 | valueLength u32 | key | value |
/// </code>
/// Little-endian. length covers everything and is a multiple of 8. prevCrc is the headerCrc of the batch before, or the
/// snapshot's checksum: a missing or misplaced batch breaks the chain. headerCrc covers bytes 0 to 27, seeded with the
/// file's number, so that bytes of another file are never taken for this one's.
/// </remarks>
internal static class MetadataBatch
{
    internal const int HeaderSize = 32;
    internal const int MaxSize = 64 * 1024 * 1024;

    private const uint Magic = 0x31424D57; // "WMB1"
    private const int OperationHeaderSize = 8;
    private const byte PutKind = 1;
    private const byte DeleteKind = 2;

    internal static byte[] Encode(ReadOnlySpan<MetadataOperation> operations, long revision, uint previousCrc, uint fileNumber)
    {
        int size = HeaderSize;
        foreach (MetadataOperation operation in operations)
        {
            size = checked(size + SizeOf(operation));
        }

        byte[] batch = new byte[size];
        int offset = HeaderSize;
        foreach (MetadataOperation operation in operations)
        {
            Span<byte> target = batch.AsSpan(offset, SizeOf(operation));
            int keyLength = Encoding.UTF8.GetBytes(operation.Key, target[OperationHeaderSize..]);
            target[0] = operation.IsDelete ? DeleteKind : PutKind;
            BinaryPrimitives.WriteUInt16LittleEndian(target[2..], (ushort)keyLength);
            BinaryPrimitives.WriteUInt32LittleEndian(target[4..], (uint)operation.Value.Length);
            operation.Value.Span.CopyTo(target[(OperationHeaderSize + keyLength)..]);
            offset += target.Length;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(batch, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(batch.AsSpan(4), (uint)size);
        BinaryPrimitives.WriteInt64LittleEndian(batch.AsSpan(8), revision);
        BinaryPrimitives.WriteUInt32LittleEndian(batch.AsSpan(16), previousCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(batch.AsSpan(20), Crc32C.Compute(batch.AsSpan(HeaderSize)));
        BinaryPrimitives.WriteUInt32LittleEndian(batch.AsSpan(24), (uint)operations.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(batch.AsSpan(28), Crc32C.Compute(batch.AsSpan(0, 28), fileNumber));
        return batch;
    }

    /// <summary>Reads the header of a batch.</summary>
    /// <returns>False when this is not the header of a batch of that file.</returns>
    internal static bool TryReadHeader(ReadOnlySpan<byte> bytes, uint fileNumber, out Header header)
    {
        header = default;
        if (bytes.Length < HeaderSize
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[28..]) != Crc32C.Compute(bytes[..28], fileNumber))
        {
            return false;
        }

        header = new Header(
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[28..]));
        return header.Size is >= HeaderSize and <= MaxSize && header.Size % 8 == 0;
    }

    /// <summary>Reads the operations behind a header whose body checksum has matched.</summary>
    /// <returns>False when they do not fill the body exactly, or are of a kind this version does not know.</returns>
    internal static bool TryReadOperations(ReadOnlySpan<byte> body, uint count, List<MetadataOperation> operations)
    {
        operations.Clear();
        for (uint i = 0; i < count; i++)
        {
            if (body.Length < OperationHeaderSize)
            {
                return false;
            }

            byte kind = body[0];
            int keyLength = BinaryPrimitives.ReadUInt16LittleEndian(body[2..]);
            uint valueLength = BinaryPrimitives.ReadUInt32LittleEndian(body[4..]);
            long size = Padded(OperationHeaderSize + keyLength + (long)valueLength);
            if (kind is not (PutKind or DeleteKind) || size > body.Length)
            {
                return false;
            }

            string key = Encoding.UTF8.GetString(body.Slice(OperationHeaderSize, keyLength));
            byte[] value = body.Slice(OperationHeaderSize + keyLength, (int)valueLength).ToArray();
            operations.Add(new MetadataOperation(key, value, kind == DeleteKind));
            body = body[(int)size..];
        }

        return body.IsEmpty;
    }

    private static int SizeOf(in MetadataOperation operation) =>
        (int)Padded(OperationHeaderSize + Encoding.UTF8.GetByteCount(operation.Key) + (long)operation.Value.Length);

    private static long Padded(long size) => (size + 7) & ~7L;

    /// <summary>What the first 32 bytes of a batch say.</summary>
    internal readonly record struct Header(uint Size, long Revision, uint PreviousCrc, uint BodyCrc, uint Count, uint HeaderCrc);
}
