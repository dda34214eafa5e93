using System.Buffers.Binary;
using Warren.Buffers;

namespace Warren.Storage.Format;

/// <summary>What the bytes at a place of a segment are.</summary>
internal enum BatchState
{
    /// <summary>No intact batch header.</summary>
    None = 0,

    /// <summary>An intact header whose records do not follow it.</summary>
    Broken = 1,

    /// <summary>Header, record headers and references are intact; some payload is not.</summary>
    DamagedPayload = 2,

    /// <summary>Everything is intact.</summary>
    Whole = 3,
}

/// <summary>What a scan of arbitrary bytes as a segment found.</summary>
/// <param name="HasHeader">The segment header is intact.</param>
/// <param name="Batches">Intact batch headers.</param>
/// <param name="Records">Intact records.</param>
/// <param name="DamagedRecords">Records whose frame is intact and whose payload is not.</param>
/// <param name="LastLsn">Highest LSN of an intact record.</param>
/// <param name="End">Offset behind the last batch.</param>
public readonly record struct SegmentScan(
    bool HasHeader, int Batches, long Records, long DamagedRecords, ulong LastLsn, long End);

/// <summary>Finds batches and records in the bytes of a segment. Pure; never throws on any bytes.</summary>
public static class SegmentScanner
{
    private const int MaxScannedBytes = 1 << 30;

    /// <summary>Scans a whole segment, skipping what is broken. Takes arbitrary bytes.</summary>
    /// <param name="segment">The bytes of the file.</param>
    /// <param name="identity">Whose segment it should be.</param>
    /// <param name="number">The segment's number.</param>
    public static SegmentScan Scan(ReadOnlySpan<byte> segment, LogIdentity identity, ulong number)
    {
        uint segmentSeed = identity.SegmentSeed(number);
        uint recordSeed = identity.RecordSeed;
        bool hasHeader = SegmentHeader.TryRead(segment, out _);
        int batches = 0;
        long records = 0;
        long damaged = 0;
        ulong lastLsn = 0;
        long end = Math.Min(SegmentHeader.Size, segment.Length);
        var owners = new List<ulong>();
        var releases = new List<RecordReference>();
        int position = FindBatch(segment, SegmentHeader.Size, segmentSeed);
        while (position >= 0)
        {
            BatchState state = Check(segment, position, segmentSeed, recordSeed, out BatchHeader header);
            batches++;
            int bodyEnd = (int)Math.Min(segment.Length, position + (long)header.Length);
            ReadOnlySpan<byte> body = segment[Math.Min(position + BatchHeader.Size, bodyEnd)..bodyEnd];
            while (RecordView.TryCut(body, out RecordView record))
            {
                if (record.IsIntact(recordSeed) && record.TryReadReferences(owners, releases))
                {
                    records++;
                    lastLsn = Math.Max(lastLsn, record.Lsn);
                }
                else if (state == BatchState.DamagedPayload)
                {
                    damaged++;
                }

                body = body[record.Bytes.Length..];
            }

            end = bodyEnd;
            int next = state is BatchState.Whole or BatchState.DamagedPayload ? bodyEnd : position + BatchHeader.Size;
            position = FindBatch(segment, next, segmentSeed);
        }

        return new SegmentScan(hasHeader, batches, records, damaged, lastLsn, end);
    }

    /// <summary>Scans a file as a segment; a file that is too large or cannot be read is no segment.</summary>
    /// <param name="file">The file.</param>
    /// <param name="identity">Whose segment it should be.</param>
    /// <param name="number">The segment's number.</param>
    /// <exception cref="IOException">The disk failed.</exception>
    public static SegmentScan Scan(IBlockFile file, LogIdentity identity, ulong number)
    {
        ArgumentNullException.ThrowIfNull(file);
        long length = file.Length;
        if (length > MaxScannedBytes)
        {
            return default;
        }

        byte[] bytes = new byte[length];
        int read = file.Read(0, bytes);
        return Scan(bytes.AsSpan(0, read), identity, number);
    }

    /// <summary>Judges what begins at an offset.</summary>
    internal static BatchState Check(
        ReadOnlySpan<byte> segment, int offset, uint segmentSeed, uint recordSeed, out BatchHeader header)
    {
        header = default;
        if (offset > segment.Length || !BatchHeader.TryRead(segment[offset..], segmentSeed, out header))
        {
            return BatchState.None;
        }

        if (header.Length > segment.Length - offset)
        {
            return BatchState.Broken;
        }

        ReadOnlySpan<byte> body = segment.Slice(offset, (int)header.Length)[BatchHeader.Size..];
        bool payloads = true;
        uint crc = 0;
        uint count = 0;
        while (!body.IsEmpty)
        {
            if (!RecordView.TryCut(body, out RecordView record))
            {
                return BatchState.Broken;
            }

            crc = Crc32C.Compute(record.Frame, crc);
            payloads &= record.IsIntact(recordSeed);
            count++;
            body = body[record.Bytes.Length..];
        }

        return crc != header.BodyCrc || count != header.RecordCount ? BatchState.Broken
            : payloads ? BatchState.Whole
            : BatchState.DamagedPayload;
    }

    /// <summary>Offset of the next intact batch header at or after <paramref name="from"/>, or -1.</summary>
    internal static int FindBatch(ReadOnlySpan<byte> segment, int from, uint segmentSeed)
    {
        Span<byte> magic = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(magic, BatchHeader.Magic);
        int position = from;
        while (position <= segment.Length - BatchHeader.Size)
        {
            int found = segment[position..].IndexOf(magic);
            if (found < 0)
            {
                return -1;
            }

            position += found;
            if ((position & 7) == 0 && BatchHeader.TryRead(segment[position..], segmentSeed, out _))
            {
                return position;
            }

            position++;
        }

        return -1;
    }

    /// <summary>Offset of the next intact record with an LSN in a range, looking at every multiple of 8; or -1.</summary>
    internal static int FindRecord(
        ReadOnlySpan<byte> segment, int from, int end, ulong lowestLsn, ulong highestLsn, uint recordSeed)
    {
        for (int position = (from + 7) & ~7; position <= end - RecordView.HeaderSize; position += 8)
        {
            ulong lsn = BinaryPrimitives.ReadUInt64LittleEndian(segment[(position + 8)..]);
            if (lsn >= lowestLsn && lsn <= highestLsn
                && RecordView.TryCut(segment[position..end], out RecordView record) && record.IsIntact(recordSeed))
            {
                return position;
            }
        }

        return -1;
    }
}
