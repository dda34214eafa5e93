using System.Buffers.Binary;
using Warren.Buffers;

namespace Warren.Storage.Format;

/// <summary>Whose log a file is. Every checksum is seeded with it, so a misplaced or forged piece never validates.</summary>
/// <param name="ClusterUuid">Random, never told to clients: a message body cannot imitate a record.</param>
/// <param name="ShardId">The shard.</param>
public readonly record struct LogIdentity(Guid ClusterUuid, uint ShardId)
{
    /// <summary>Seed of record checksums: the same in every segment, because compaction moves records.</summary>
    internal uint RecordSeed
    {
        get
        {
            Span<byte> bytes = stackalloc byte[20];
            ClusterUuid.TryWriteBytes(bytes);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[16..], ShardId);
            return Crc32C.Compute(bytes);
        }
    }

    /// <summary>Seed of segment, batch and sidecar checksums: bound to the segment's number.</summary>
    internal uint SegmentSeed(ulong number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
        return Crc32C.Compute(bytes, RecordSeed);
    }
}
