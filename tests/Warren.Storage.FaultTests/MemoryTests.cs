using Xunit;

namespace Warren.Storage.FaultTests;

/// <summary>I13: what the log holds in memory is bounded.</summary>
public sealed class MemoryTests
{
    [Fact]
    public void I13_a_start_reads_a_large_segment_in_small_pieces()
    {
        LogWorkload work = Large();
        for (int i = 0; i < 6; i++)
        {
            Append(work, 1_000_000);
            work.Drain();
        }

        work.Disk.Crash();
        work.Disk.LargestRead = 0;

        Assert.Equal(6, work.Open().Records.Count);

        Assert.InRange(work.Disk.LargestRead, 1, 3 << 20);
        Assert.Empty(work.Log.Damage);
    }

    [Fact]
    public void I13_a_batch_larger_than_a_piece_is_read_whole()
    {
        LogWorkload work = Large();
        Append(work, 100);
        work.Drain();
        Append(work, 5_000_000);
        work.Drain();
        Append(work, 200);
        work.Drain();
        work.Disk.Crash();

        FoundRecords found = work.Open();

        Assert.Equal([100, 5_000_000, 200], found.Records.Select(r => r.Payload!.Length));
        Assert.Empty(work.Log.Damage);
    }

    [Fact]
    public void I13_a_backlog_is_bounded_when_nothing_can_be_committed()
    {
        LogWorkload work = Large();
        int accepted = 0;
        while (Append(work, 10_000) != 0)
        {
            accepted++;
            Assert.Equal(work.Log.GetStatistics().BacklogBytes > work.Options.BacklogBytesMax, work.Log.IsBackedUp);
        }

        Assert.True(work.Log.IsBackedUp);
        Assert.InRange(accepted * 10_000L, work.Options.BacklogBytesMax * 3, work.Options.BacklogBytesMax * 5);
        work.Drain();
        Assert.False(work.Log.IsBackedUp);
        Assert.NotEqual(0UL, Append(work, 10_000));
    }

    private static LogWorkload Large()
    {
        var work = new LogWorkload(1);
        work.Options = work.Options with
        {
            SegmentBytes = 16 << 20,
            BatchBytesSoftMax = 1 << 20,
            BacklogBytesMax = 1 << 20,
        };
        work.Open();
        return work;
    }

    private static ulong Append(LogWorkload work, int bytes)
    {
        ulong lsn = work.Log.Append(new RecordDraft { Type = RecordType.Publish, Body = new byte[bytes], Owners = [1] });
        if (lsn != 0)
        {
            work.Model.Append(lsn, RecordType.Publish, 0, new byte[bytes], [1]);
        }

        return lsn;
    }
}
