using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Warren.Buffers;

namespace Warren.Fuzz.Targets;

/// <summary>Makes log segments from the description of the format, and puts checksums right after a change.</summary>
/// <remarks>A second writer on purpose: it shares nothing with the one of the store but the layout.</remarks>
internal static class LogSegments
{
    public const int HeaderSize = 4096;
    public const uint ShardId = 3;
    public const ulong Number = 7;

    private const int BatchHeaderSize = 64;
    private const int RecordHeaderSize = 40;

    public static readonly Guid Cluster = new("00112233-4455-6677-8899-aabbccddeeff");

    private static readonly uint RecordSeed =
        Crc32C.Compute([.. Cluster.ToByteArray(), .. Number32(ShardId)]);

    private static readonly uint SegmentSeed = Crc32C.Compute(BitConverter.GetBytes(Number), RecordSeed);

    private static ReadOnlySpan<byte> BatchMagic => "WRNB"u8;

    /// <summary>A whole segment of batches with the given numbers of records.</summary>
    public static byte[] Make(Random random, params int[] recordsOfBatches)
    {
        byte[] header = new byte[HeaderSize];
        "WARRNLOG"u8.CopyTo(header);
        header[8] = 1;
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(12), HeaderSize);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(16), ShardId);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(24), Number);
        Cluster.TryWriteBytes(header.AsSpan(48));
        var segment = new List<byte>(header);
        ulong lsn = 1;
        foreach (int records in recordsOfBatches)
        {
            int start = segment.Count;
            segment.AddRange(new byte[BatchHeaderSize]);
            for (int i = 0; i < records; i++)
            {
                segment.AddRange(Record(random, lsn++));
            }

            Span<byte> batch = CollectionsMarshal.AsSpan(segment)[start..];
            BatchMagic.CopyTo(batch);
            BinaryPrimitives.WriteInt32LittleEndian(batch[4..], batch.Length);
            BinaryPrimitives.WriteUInt64LittleEndian(batch[8..], lsn - (ulong)records);
            BinaryPrimitives.WriteInt32LittleEndian(batch[40..], records);
            batch[46] = 1;
        }

        byte[] bytes = [.. segment];
        Seal(bytes);
        return bytes;
    }

    /// <summary>Puts right every checksum that can be found, so that a change gets past them.</summary>
    public static void Seal(Span<byte> segment)
    {
        if (segment.Length >= HeaderSize)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(
                segment[(HeaderSize - 4)..], Crc32C.Compute(segment[..(HeaderSize - 4)]));
        }

        for (int at = HeaderSize; at <= segment.Length - BatchHeaderSize; at += 8)
        {
            if (segment[at..].StartsWith(BatchMagic))
            {
                SealBatch(segment[at..]);
            }
        }
    }

    private static void SealBatch(Span<byte> rest)
    {
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
        Span<byte> body = rest[BatchHeaderSize..(int)Math.Clamp(length, BatchHeaderSize, (uint)rest.Length)];
        uint bodyCrc = 0;
        while (body.Length >= RecordHeaderSize)
        {
            long recordLength = BinaryPrimitives.ReadUInt32LittleEndian(body);
            long padded = (recordLength + 7) & ~7L;
            uint payload = BinaryPrimitives.ReadUInt32LittleEndian(body[36..]);
            if (padded < RecordHeaderSize || padded > body.Length || payload > recordLength)
            {
                break;
            }

            Span<byte> record = body[..(int)padded];
            uint crc = Crc32C.Compute(record[8..], Crc32C.Compute(record[..4], RecordSeed));
            BinaryPrimitives.WriteUInt32LittleEndian(record[4..], crc);
            bodyCrc = Crc32C.Compute(record[..(int)payload], bodyCrc);
            body = body[record.Length..];
        }

        BinaryPrimitives.WriteUInt32LittleEndian(rest[56..], bodyCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(rest[60..], Crc32C.Compute(rest[..60], SegmentSeed));
    }

    // Owners and releases as one-byte numbers: distances from -64 to 63.
    private static byte[] Record(Random random, ulong lsn)
    {
        int owners = random.Next(4);
        int releases = random.Next(3);
        byte[] references = new byte[owners + 1 + (2 * releases)];
        for (int i = 0; i < references.Length; i++)
        {
            references[i] = (byte)random.Next(128);
        }

        references[owners] = (byte)releases;
        int payloadOffset = RecordHeaderSize + references.Length;
        int length = payloadOffset + random.Next(60);
        byte[] record = new byte[(length + 7) & ~7];
        BinaryPrimitives.WriteInt32LittleEndian(record, length);
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(8), lsn);
        record[32] = 1;
        BinaryPrimitives.WriteInt16LittleEndian(record.AsSpan(34), (short)owners);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(36), payloadOffset);
        references.CopyTo(record, RecordHeaderSize);
        random.NextBytes(record.AsSpan(payloadOffset, length - payloadOffset));
        return record;
    }

    private static byte[] Number32(uint value) => BitConverter.GetBytes(value);
}
