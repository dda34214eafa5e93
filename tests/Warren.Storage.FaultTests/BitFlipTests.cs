using Warren.Storage.Format;
using Xunit;

namespace Warren.Storage.FaultTests;

/// <summary>A flipped bit is noticed, alters no payload and takes nothing else along without saying so.</summary>
public sealed class BitFlipTests
{
    [Fact]
    public void I12_any_flipped_bit_of_a_small_log_is_reported_or_harms_nothing()
    {
        LogWorkload work = SmallLog();
        foreach (string path in work.Disk.Paths())
        {
            byte[] bytes = work.Disk.Bytes(path);
            int end = Math.Min(bytes.Length, bytes.AsSpan().LastIndexOfAnyExcept((byte)0) + 65);
            for (int at = 0; at < end; at++)
            {
                // The header's zeros and the reserve's are all alike: one bit of every 16 bytes.
                bool alike = bytes.AsSpan(at, Math.Min(16, end - at)).IndexOfAnyExcept((byte)0) < 0;
                for (int bit = 0; bit < (alike ? 1 : 8); bit++)
                {
                    CheckFlip(work, path, at, 1 << bit);
                }

                at += alike ? 15 : 0;
            }
        }
    }

    [Fact]
    public void I12_a_flipped_bit_anywhere_in_a_large_log_is_reported_or_harms_nothing() => Seeded.Run(40, seed =>
    {
        var random = new Random(seed);
        var work = new LogWorkload(seed);
        work.Open();
        work.Steps(200);
        work.Drain();

        // A mark uses only space that is reserved: the keeper prepares the next segment first.
        work.Log.MaintainOnce();
        work.Log.Writer.MarkOnce();
        work.Disk.Kill();
        IReadOnlyList<string> paths = work.Disk.Paths();
        for (int i = 0; i < 60; i++)
        {
            string path = paths[random.Next(paths.Count)];
            int length = work.Disk.Bytes(path).Length;
            CheckFlip(work, path, random.Next(length), 1 << random.Next(8));
        }
    });

    [Fact]
    public void I12_damage_in_the_last_batch_of_a_full_segment_is_not_taken_for_an_unfinished_write()
    {
        var work = new LogWorkload(2);
        work.Options = work.Options with { SegmentBytes = 8 * 1024 };
        work.Open();
        ulong lsn = Append(work, 4050, 5);
        work.Drain();
        work.Log.Writer.MarkOnce();
        work.Disk.Kill();
        string path = work.Disk.Paths().First(p => work.Disk.Bytes(p).AsSpan().IndexOf(work.Model.Records[lsn].Payload) >= 0);
        work.Disk.Bytes(path)[SegmentHeader.Size + BatchHeader.Size] ^= 1;

        (FoundRecords found, ShardLog log) = ReplayTests.Open(work.Disk, work.Options);

        Assert.Empty(found.Records);
        Assert.Contains(log.Damage, d => d.Kind == DamageKind.LostRecords && Covers(d, lsn));
    }

    [Fact]
    public void I12_a_payload_damaged_while_the_log_is_open_is_reported_and_not_delivered()
    {
        LogWorkload work = SmallLog();
        work.Open();
        ulong lsn = work.Log.Append(new RecordDraft { Type = RecordType.Publish, Body = "wanted"u8, Owners = [9] });
        work.Drain();
        Memory.Segment segment = work.Log.Memory.Segments[^1];
        byte[] bytes = work.Disk.Bytes(Path.Combine(LogWorkload.Directory, segment.FileName));
        bytes[bytes.AsSpan().IndexOf("wanted"u8)] ^= 1;
        using RecordReader reader = work.Log.OpenReader();
        byte[] body = new byte[6];

        Assert.Equal(RecordReadResult.Damaged, reader.TryRead(lsn, body));

        Assert.Equal(new byte[6], body);
        Assert.Contains(work.Log.Damage, d => d.Kind == DamageKind.DamagedRecord && d.FirstLsn == lsn);
    }

    // Two segments, one with a sidecar, releases on both sides of a checkpoint, and a mark behind the last batch.
    private static LogWorkload SmallLog()
    {
        var work = new LogWorkload(2);
        work.Options = work.Options with { SegmentBytes = 8 * 1024, ReserveBytes = 4096 };
        work.Open();
        ulong first = Append(work, 60, 5, 6);
        ulong second = Append(work, 3000, 5);
        work.Drain();
        Give(work, 6, first);
        Append(work, 1500, 7);
        work.Drain();
        work.Log.MaintainOnce();
        work.Log.Checkpoint();
        Append(work, 40, 8);
        Give(work, 5, second);
        work.Drain();
        work.Log.Writer.MarkOnce();
        work.Disk.Kill();
        return work;
    }

    private static ulong Append(LogWorkload work, int bytes, params ulong[] owners)
    {
        byte[] body = new byte[bytes];
        new Random(bytes).NextBytes(body);

        // Long bodies are alike in the middle; short ones are random.
        body.AsSpan(Math.Min(20, bytes)).Clear();
        ulong lsn = work.Log.Append(new RecordDraft { Type = RecordType.Publish, Body = body, Owners = owners });
        work.Model.Append(lsn, RecordType.Publish, 0, body, owners);
        return lsn;
    }

    private static void Give(LogWorkload work, ulong owner, ulong lsn)
    {
        work.Model.Release(owner, lsn, 0);
        work.Log.Release(owner, lsn);
    }

    private static void CheckFlip(LogWorkload work, string path, int at, int mask)
    {
        SimulatedDisk disk = work.Disk.Clone(at);
        disk.Bytes(path)[at] ^= (byte)mask;
        FoundRecords found;
        ShardLog log;
        try
        {
            (found, log) = ReplayTests.Open(disk, work.Options);
        }
        catch (StorageException)
        {
            // Refused by name: noticed.
            return;
        }

        IndexTests.CheckOwners(log);
        var here = found.Records.SelectMany(r => r.Owners, (r, o) => (o, r.Lsn)).ToHashSet();
        string place = $"{path} byte {at} bit {mask}: {string.Join("; ", log.Damage)}";
        foreach (FoundRecord record in found.Records.Where(r => r.Payload is not null))
        {
            Assert.True(work.Model.Records.TryGetValue(record.Lsn, out ModelRecord? known), $"invented {record.Lsn} {place}");
            Assert.True(known.Payload.AsSpan().SequenceEqual(record.Payload), $"altered {record.Lsn} {place}");
        }

        foreach ((ulong owner, ulong lsn) in work.Model.Held())
        {
            bool readable = found.Records.Any(r => r.Lsn == lsn && r.Payload is not null);
            Assert.True(
                (here.Contains((owner, lsn)) && readable) || log.Damage.Any(d => Covers(d, lsn)), $"({owner}, {lsn}) lost, {place}");
        }

        foreach ((ulong owner, ulong lsn) in here.Except(work.Model.Held()))
        {
            Assert.True(
                log.Damage.Any(d => d.Kind is DamageKind.ReleasesForgotten or DamageKind.LostRecords), $"({owner}, {lsn}) came back, {place}");
        }
    }

    private static bool Covers(DamageReport report, ulong lsn) =>
        report.Kind is DamageKind.LostRecords or DamageKind.DamagedRecord
        && (report.FirstLsn == 0 || report.FirstLsn <= lsn) && (report.LastLsn == 0 || report.LastLsn >= lsn);
}
