using System.Buffers.Binary;
using Warren.Buffers;

namespace Warren.Storage.Format;

/// <summary>One record inside a buffer, padding included.</summary>
/// <remarks>
/// <code>
///  0 length u32 (without padding)  4 crc32c u32 (everything else, padding included; seeded with cluster and shard)
///  8 lsn u64   16 tagA u64   24 tagB u64   32 type u8  33 flags u8  34 ownerCount u16  36 payloadOffset u32
/// 40 owners: zigzag varint distances; releaseCount varint; releases: owner distance, lsn distance from this LSN
/// payloadOffset .. length: payload; zeros to the next multiple of 8
/// </code>
/// </remarks>
internal readonly ref struct RecordView
{
    internal const int HeaderSize = 40;

    /// <summary>
    /// Largest record, padding included, and what one group may hold: a message of 512 MiB, its header and its references.
    /// </summary>
    internal const int MaxLength = 516 << 20;

    /// <summary>The record with its padding.</summary>
    internal ReadOnlySpan<byte> Bytes { get; private init; }

    internal int Length { get; private init; }

    internal int PayloadOffset { get; private init; }

    internal ulong Lsn => BinaryPrimitives.ReadUInt64LittleEndian(Bytes[8..]);

    internal ulong TagA => BinaryPrimitives.ReadUInt64LittleEndian(Bytes[16..]);

    internal ulong TagB => BinaryPrimitives.ReadUInt64LittleEndian(Bytes[24..]);

    internal RecordType Type => (RecordType)Bytes[32];

    internal byte Flags => Bytes[33];

    internal int OwnerCount => BinaryPrimitives.ReadUInt16LittleEndian(Bytes[34..]);

    internal int PayloadLength => Length - PayloadOffset;

    internal ReadOnlySpan<byte> Payload => Bytes[PayloadOffset..Length];

    /// <summary>Header and references: what a batch's bodyCrc covers.</summary>
    internal ReadOnlySpan<byte> Frame => Bytes[..PayloadOffset];

    internal ReadOnlySpan<byte> References => Bytes[HeaderSize..PayloadOffset];

    internal static int Padded(int length) => (length + 7) & ~7;

    /// <summary>Cuts the record at the start of <paramref name="source"/>; checks bounds only.</summary>
    internal static bool TryCut(ReadOnlySpan<byte> source, out RecordView record)
    {
        record = default;
        if (source.Length < HeaderSize)
        {
            return false;
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(source);
        uint payloadOffset = BinaryPrimitives.ReadUInt32LittleEndian(source[36..]);
        if (length > MaxLength || payloadOffset <= HeaderSize || payloadOffset > length
            || Padded((int)length) > source.Length)
        {
            return false;
        }

        record = new RecordView
        {
            Bytes = source[..Padded((int)length)],
            Length = (int)length,
            PayloadOffset = (int)payloadOffset,
        };
        return true;
    }

    internal bool IsIntact(uint recordSeed) =>
        BinaryPrimitives.ReadUInt32LittleEndian(Bytes[4..]) == ComputeCrc(Bytes, recordSeed);

    /// <summary>Checksum of a record with its padding, leaving out the checksum itself.</summary>
    internal static uint ComputeCrc(ReadOnlySpan<byte> padded, uint recordSeed) =>
        Crc32C.Compute(padded[8..], Crc32C.Compute(padded[..4], recordSeed));

    /// <summary>Reads owners and releases; false when they do not fill their place exactly.</summary>
    internal bool TryReadReferences(List<ulong> owners, List<RecordReference> releases)
    {
        owners.Clear();
        releases.Clear();
        ReadOnlySpan<byte> input = References;
        ulong previous = 0;
        for (int i = OwnerCount; i > 0; i--)
        {
            if (!Varint.TryReadDelta(ref input, previous, out previous))
            {
                return false;
            }

            owners.Add(previous);
        }

        if (!Varint.TryRead(ref input, out ulong count) || count > ushort.MaxValue)
        {
            return false;
        }

        previous = 0;
        for (ulong i = 0; i < count; i++)
        {
            if (!Varint.TryReadDelta(ref input, previous, out previous)
                || !Varint.TryReadDelta(ref input, Lsn, out ulong lsn))
            {
                return false;
            }

            releases.Add(new RecordReference(previous, lsn));
        }

        return input.IsEmpty;
    }
}
