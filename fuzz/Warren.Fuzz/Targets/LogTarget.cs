using System.Buffers.Binary;
using Warren.Storage.Format;

namespace Warren.Fuzz.Targets;

/// <summary>The scanner of log segments: no bytes on a disk make it throw, and another shard's bytes never count.</summary>
internal sealed class LogTarget : FuzzTarget
{
    // References of a record: one or two bytes on the disk, up to 16 in memory, in a list that doubles.
    private const int ReferencesFactor = 64;

    private static readonly LogIdentity Identity = new(LogSegments.Cluster, LogSegments.ShardId);
    private static readonly LogIdentity Stranger = new(LogSegments.Cluster, LogSegments.ShardId + 1);

    public LogTarget()
    {
        var random = new Random(1);
        byte[][] segments =
        [
            LogSegments.Make(random),
            .. Enumerable.Range(0, 100).Select(
                _ => LogSegments.Make(random, random.Next(1, 5), random.Next(1, 20), random.Next(1, 3))),
        ];
        foreach (byte[] segment in segments)
        {
            SegmentScan scan = Scan(segment);
            FuzzFailure.ThrowUnless(
                scan.HasHeader && scan.DamagedRecords == 0 && (ulong)scan.Records == scan.LastLsn
                && scan.End == segment.Length,
                $"an intact segment is scanned as {scan}");
        }

        Corpus = segments;
    }

    public override string Name => "log";

    public override IReadOnlyList<byte[]> Corpus { get; }

    public override void MutateByGrammar(FuzzInput input, FuzzRandom random)
    {
        if (input.Length > LogSegments.HeaderSize + 8)
        {
            // The batches are what matters, and lengths there are little-endian.
            Span<byte> batches = input.Bytes[LogSegments.HeaderSize..];
            int at = random.Next((batches.Length / 8) - 1) * 8;
            switch (random.Next(4))
            {
                case 0:
                    batches[at + random.Next(8)] = (byte)random.Next64();
                    break;
                case 1:
                    int edge = batches.Length - at + (8 * random.Next(4)) - 16;
                    BinaryPrimitives.WriteInt32LittleEndian(batches[at..], edge);
                    break;
                case 2:
                    BinaryPrimitives.WriteUInt32LittleEndian(batches[(at + 4)..], (uint)random.Next(48));
                    break;
                default:
                    "WRNB"u8.CopyTo(batches[at..]);
                    break;
            }
        }

        if (random.Next(4) != 0)
        {
            LogSegments.Seal(input.Bytes);
        }
    }

    public override void Run(ReadOnlySpan<byte> input, FuzzRandom random)
    {
        long mark = Allocated;
        SegmentScan scan = Scan(input);
        CheckAllocation(mark, input.Length, ReferencesFactor);
        Accepted += scan.Records > 0 ? 1 : 0;

        FuzzFailure.ThrowUnless(scan.End >= 0 && scan.End <= input.Length, "ends beyond the bytes");
        FuzzFailure.ThrowUnless(scan == Scan(input), "the second scan found something else");
        FuzzFailure.ThrowUnless(scan.Batches > 0 || scan.Records == 0, "records without a batch");
        SegmentScan strange = SegmentScanner.Scan(input, Stranger, LogSegments.Number);
        FuzzFailure.ThrowUnless(strange.Batches == 0 && strange.Records == 0, "another shard's bytes count");
        SegmentScan moved = SegmentScanner.Scan(input, Identity, LogSegments.Number + 1);
        FuzzFailure.ThrowUnless(moved.Batches == 0 && moved.Records == 0, "another segment's bytes count");
        int length = random.Next(input.Length + 1);
        FuzzFailure.ThrowUnless(Scan(input[..length]).End <= length, "a torn segment ends beyond the tear");
    }

    private static SegmentScan Scan(ReadOnlySpan<byte> segment) =>
        SegmentScanner.Scan(segment, Identity, LogSegments.Number);
}
