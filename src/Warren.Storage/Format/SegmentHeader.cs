using System.Buffers.Binary;
using Warren.Buffers;

namespace Warren.Storage.Format;

/// <summary>The first 4096 bytes of a segment file.</summary>
/// <remarks>
/// <code>
///  0 magic "WARRNLOG"   8 major u16  10 minor u16  12 headerLen u32  16 shardId u32  20 nodeId u32
/// 24 segmentNo u64     32 firstLsn u64             40 epoch u64      48 clusterUuid 16
/// 64 createdMs u64     72 flags u32  76 zero u32   80 lastLsn u64    88 allocated u64   96 .. 4091 zero
/// 4092 crc32c u32 over 0..4091
/// </code>
/// firstLsn and lastLsn are 0 except in compacted segments, where they are the range of LSNs the file stands for.
/// allocated, from minor version 1, is what the file had when it was made; a file that no sidecar closes is at least as long.
/// </remarks>
internal readonly record struct SegmentHeader
{
    internal const int Size = 4096;
    internal const ushort Major = 1;
    internal const ushort Minor = 1;
    internal const uint CompactedFlag = 1;

    internal Guid ClusterUuid { get; init; }

    internal uint ShardId { get; init; }

    internal ushort NodeId { get; init; }

    internal ulong Number { get; init; }

    internal ulong FirstLsn { get; init; }

    internal ulong LastLsn { get; init; }

    internal ulong Epoch { get; init; }

    internal long CreatedMs { get; init; }

    internal uint Flags { get; init; }

    internal ushort MajorVersion { get; init; }

    /// <summary>Bytes the file had when it was made; 0 when that is not known.</summary>
    internal long Allocated { get; init; }

    internal bool IsCompacted => (Flags & CompactedFlag) != 0;

    private static ReadOnlySpan<byte> Magic => "WARRNLOG"u8;

    internal void Write(Span<byte> destination)
    {
        destination = destination[..Size];
        destination.Clear();
        Magic.CopyTo(destination);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[8..], Major);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[10..], Minor);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[12..], Size);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[16..], ShardId);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[20..], NodeId);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], Number);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[32..], FirstLsn);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[40..], Epoch);
        ClusterUuid.TryWriteBytes(destination[48..]);
        BinaryPrimitives.WriteInt64LittleEndian(destination[64..], CreatedMs);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[72..], Flags);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[80..], LastLsn);
        BinaryPrimitives.WriteInt64LittleEndian(destination[88..], Allocated);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4092..], Crc32C.Compute(destination[..4092]));
    }

    /// <summary>False when the bytes are no intact header of any version that keeps the checksum in its place.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> source, out SegmentHeader header)
    {
        header = default;
        if (source.Length < Size || !source.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(source[4092..]) != Crc32C.Compute(source[..4092]))
        {
            return false;
        }

        header = new SegmentHeader
        {
            MajorVersion = BinaryPrimitives.ReadUInt16LittleEndian(source[8..]),
            ShardId = BinaryPrimitives.ReadUInt32LittleEndian(source[16..]),
            NodeId = (ushort)BinaryPrimitives.ReadUInt32LittleEndian(source[20..]),
            Number = BinaryPrimitives.ReadUInt64LittleEndian(source[24..]),
            FirstLsn = BinaryPrimitives.ReadUInt64LittleEndian(source[32..]),
            Epoch = BinaryPrimitives.ReadUInt64LittleEndian(source[40..]),
            ClusterUuid = new Guid(source.Slice(48, 16)),
            CreatedMs = BinaryPrimitives.ReadInt64LittleEndian(source[64..]),
            Flags = BinaryPrimitives.ReadUInt32LittleEndian(source[72..]),
            LastLsn = BinaryPrimitives.ReadUInt64LittleEndian(source[80..]),
            Allocated = BinaryPrimitives.ReadUInt16LittleEndian(source[10..]) == 0
                ? 0
                : Math.Max(0, BinaryPrimitives.ReadInt64LittleEndian(source[88..])),
        };
        return true;
    }
}
