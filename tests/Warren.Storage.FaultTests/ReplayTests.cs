using Warren.Storage.Format;
using Warren.Storage.Memory;
using Xunit;

namespace Warren.Storage.FaultTests;

/// <summary>What a start reads back does not depend on how often it starts or where it was stopped.</summary>
public sealed class ReplayTests
{
    [Fact]
    public void I9_a_group_cut_at_any_byte_is_there_whole_or_not_at_all()
    {
        var work = new LogWorkload(5);
        work.Open();
        ulong source = work.Publish();
        work.Log.Append(new RecordDraft { Type = RecordType.Publish, Body = new byte[10], Owners = [4] });
        work.Drain();
        Segment segment = work.Log.Memory.Segments[^1];
        int start = (int)segment.PlannedEnd;
        ulong before = work.Log.LastLsn;
        using (LogGroup group = work.Log.BeginGroup())
        {
            group.Append(new RecordDraft { Type = RecordType.Publish, Body = new byte[100], Owners = [1, 2] });
            group.Append(new RecordDraft { Type = RecordType.Move, Body = new byte[30], Owners = [3], Releases = [new RecordReference(4, source + 1)] });
            Assert.True(group.Complete());
        }

        Assert.True(work.Log.CommitOnce());
        string path = Path.Combine(LogWorkload.Directory, segment.FileName);
        byte[] whole = work.Disk.Bytes(path);
        for (int cut = start; cut <= segment.PlannedEnd; cut++)
        {
            byte[] bytes = (byte[])whole.Clone();
            bytes.AsSpan(cut).Clear();
            SimulatedDisk disk = work.Disk.Clone(cut);
            disk.SetBytes(path, bytes);
            bool same = bytes.AsSpan().SequenceEqual(whole);

            (FoundRecords found, ShardLog log) = Open(disk, work.Options);

            Assert.Equal(same ? before + 2 : before, log.LastLsn);
            Assert.Equal(same ? 2 : 0, found.Records.Count(r => r.Lsn > before));
            Assert.Equal(!same, found.Records.Any(r => r.Owners.Contains(4UL)));
        }
    }

    [Fact]
    public void I10_starting_again_changes_nothing_even_when_a_start_was_stopped_at_any_call() => Seeded.Run(8, seed =>
    {
        var work = new LogWorkload(seed);
        work.Open();
        work.Steps(120);
        work.Disk.Crash();
        SimulatedDisk once = work.Disk.Clone(seed);
        (FoundRecords expected, ShardLog first) = Open(once, work.Options);
        int calls = once.Calls;
        once.Crash();
        AssertSame(expected, Open(once, work.Options).Found);

        for (int call = 1; call <= calls; call++)
        {
            SimulatedDisk disk = work.Disk.Clone(call);
            disk.FailForEver = true;
            disk.FailAt = call;
            try
            {
                Open(disk, work.Options);
            }
            catch (IOException) when (disk.HasFailed)
            {
                // The start that was to be stopped.
            }

            disk.Crash();
            (FoundRecords found, ShardLog log) = Open(disk, work.Options);
            AssertSame(expected, found);
            Assert.Equal(first.LastLsn, log.LastLsn);
        }
    });

    [Fact]
    public void I11_checkpoint_and_tail_give_what_a_replay_of_every_segment_gives() => Seeded.Run(60, seed =>
    {
        var work = new LogWorkload(seed);
        work.Open();
        var removed = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        work.Disk.BeforeDelete = path =>
        {
            if (path.EndsWith(".log", StringComparison.Ordinal) && work.Disk.Exists(path))
            {
                removed[path] = (byte[])work.Disk.Bytes(path).Clone();
            }
        };
        work.Steps(250);
        work.Drain();
        work.Disk.BeforeDelete = null;
        work.Disk.Kill();

        SimulatedDisk everything = work.Disk.Clone(seed);
        foreach ((string path, byte[] bytes) in removed)
        {
            everything.SetBytes(path, bytes);
        }

        foreach (string path in everything.Paths())
        {
            bool copy = SegmentHeader.TryRead(everything.Bytes(path), out SegmentHeader header) && header.IsCompacted;
            if (copy || !path.EndsWith(".log", StringComparison.Ordinal))
            {
                everything.Delete(path);
            }
        }

        FoundRecords quick = Open(work.Disk, work.Options).Found;
        FoundRecords full = Open(everything, work.Options).Found;
        Assert.NotEmpty(quick.Records);
        AssertSame(quick, full);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_last_batch_is_copied_at_a_start_unless_a_mark_says_that_it_was_durable(bool marked)
    {
        var work = new LogWorkload(7);
        work.Open();
        ulong lsn = work.Log.Append(new RecordDraft { Type = RecordType.Publish, Body = new byte[10], Owners = [4] });
        Assert.True(work.Log.CommitOnce());
        if (marked)
        {
            work.Log.Writer.MarkOnce();
        }

        work.Disk.Kill();

        (FoundRecords found, ShardLog log) = Open(work.Disk, work.Options);

        Assert.Equal(lsn, Assert.Single(found.Records).Lsn);
        Assert.Equal(marked ? -1 : 0, log.Memory.Segments[^1].Index.Find(lsn));
    }

    internal static (FoundRecords Found, ShardLog Log) Open(SimulatedDisk disk, ShardLogOptions options)
    {
        var found = new FoundRecords();
        return (found, ShardLog.Open(disk, LogWorkload.Directory, options, TimeProvider.System, found));
    }

    private static void AssertSame(FoundRecords expected, FoundRecords found)
    {
        Assert.Equal(expected.Records.Select(r => r.Lsn), found.Records.Select(r => r.Lsn));
        foreach ((FoundRecord a, FoundRecord b) in expected.Records.Zip(found.Records))
        {
            Assert.Equal((a.Type, a.TagA, a.TagB), (b.Type, b.TagA, b.TagB));
            Assert.Equal(a.Owners.Zip(a.Annotations), b.Owners.Zip(b.Annotations));
            Assert.Equal(a.Payload, b.Payload);
        }
    }
}
