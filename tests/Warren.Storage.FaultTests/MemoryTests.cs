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

    [Fact]
    public void A_record_larger_than_a_segment_and_a_batch_is_stored_read_and_recovered_like_any_other()
    {
        LogWorkload work = Large();
        ulong small = Append(work, 100);
        ulong large = Append(work, 70_000_000);
        ulong after = Append(work, 200);
        Assert.True(small != 0 && large != 0 && after != 0);
        work.Drain();
        work.CheckEverything();
        work.Log.Checkpoint();
        ulong second = Append(work, 60_000_000);
        Assert.NotEqual(0UL, Append(work, 300)); // large ones wait, small ones are not refused for it
        work.Drain();
        work.Disk.Kill();

        FoundRecords found = work.Open();

        Assert.Equal([100, 70_000_000, 200, 60_000_000, 300], found.Records.Select(r => r.Payload!.Length));
        Assert.Empty(work.Log.Damage);
        work.Log.Release(1, large);
        work.Log.Release(1, second);
        work.Drain();
        Assert.Equal(3, work.Log.GetStatistics().LiveRecords);
        Assert.True(work.Log.Memory.Plan.LargeBytes == 0);
    }

    [Fact]
    public void A_length_nobody_has_checked_allocates_no_more_than_the_file_has()
    {
        var disk = new SimulatedDisk(1);
        using IBlockFile file = disk.Open("/record", BlockFileMode.CreateNew);
        byte[] bytes = new byte[4096];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(bytes, Format.RecordView.MaxLength);
        file.Write(0, bytes);
        byte[] scratch = new byte[256];

        Assert.False(Storage.Log.RecordBytes.TryRead(file, 0, 1, 0, ref scratch, out _));

        Assert.Equal(256, scratch.Length);
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
