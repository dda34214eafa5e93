using System.Buffers.Binary;
using Warren.Buffers;

namespace Warren.Storage.Format;

/// <summary>The 64 bytes before the records of one commit.</summary>
/// <remarks>
/// <code>
///  0 magic u32          4 length u32 (whole batch, multiple of 8)   8 baseLsn u64       16 epoch u64
/// 24 durableLsn u64    32 wallClockMs u64 (informative)            40 recordCount u32   44 flags u16  46 version u16
/// 48 prevBatchCrc u32  52 zero u32   56 bodyCrc u32 over the records' headers and references
/// 60 headerCrc u32 over 0..59, seeded with cluster, shard and segment number
/// </code>
/// </remarks>
internal readonly record struct BatchHeader
{
    internal const int Size = 64;
    internal const uint Magic = 0x42_4E_52_57; // "WRNB"

    /// <summary>A group of the largest size, what was appended before it, and what waits to be given back.</summary>
    internal const uint MaxLength = 576 << 20;

    /// <summary>The last batch of a log, copied by the start after an unclean stop.</summary>
    internal const ushort CopiedFlag = 1;

    /// <summary>Survivors copied by compaction.</summary>
    internal const ushort CompactedFlag = 2;

    internal uint Length { get; init; }

    internal ulong BaseLsn { get; init; }

    internal ulong Epoch { get; init; }

    internal ulong DurableLsn { get; init; }

    internal long WallClockMs { get; init; }

    internal uint RecordCount { get; init; }

    internal ushort Flags { get; init; }

    internal uint PreviousCrc { get; init; }

    internal uint BodyCrc { get; init; }

    internal uint HeaderCrc { get; init; }

    /// <summary>Writes the header and returns its checksum.</summary>
    internal uint Write(Span<byte> destination, uint segmentSeed)
    {
        destination = destination[..Size];
        BinaryPrimitives.WriteUInt32LittleEndian(destination, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], Length);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], BaseLsn);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], DurableLsn);
        BinaryPrimitives.WriteInt64LittleEndian(destination[32..], WallClockMs);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[40..], RecordCount);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[44..], Flags);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[46..], SegmentHeader.Major);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[48..], PreviousCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[52..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[56..], BodyCrc);
        uint crc = Crc32C.Compute(destination[..60], segmentSeed);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[60..], crc);
        return crc;
    }

    /// <summary>False when the bytes are no intact batch header of that segment.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> source, uint segmentSeed, out BatchHeader header)
    {
        header = default;
        if (source.Length < Size || BinaryPrimitives.ReadUInt32LittleEndian(source) != Magic)
        {
            return false;
        }

        uint crc = BinaryPrimitives.ReadUInt32LittleEndian(source[60..]);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(source[4..]);
        if (crc != Crc32C.Compute(source[..60], segmentSeed)
            || length < Size || length > MaxLength || length % 8 != 0)
        {
            return false;
        }

        header = new BatchHeader
        {
            Length = length,
            BaseLsn = BinaryPrimitives.ReadUInt64LittleEndian(source[8..]),
            Epoch = BinaryPrimitives.ReadUInt64LittleEndian(source[16..]),
            DurableLsn = BinaryPrimitives.ReadUInt64LittleEndian(source[24..]),
            WallClockMs = BinaryPrimitives.ReadInt64LittleEndian(source[32..]),
            RecordCount = BinaryPrimitives.ReadUInt32LittleEndian(source[40..]),
            Flags = BinaryPrimitives.ReadUInt16LittleEndian(source[44..]),
            PreviousCrc = BinaryPrimitives.ReadUInt32LittleEndian(source[48..]),
            BodyCrc = BinaryPrimitives.ReadUInt32LittleEndian(source[56..]),
            HeaderCrc = crc,
        };
        return true;
    }
}
