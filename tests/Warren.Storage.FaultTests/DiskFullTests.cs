using Xunit;

namespace Warren.Storage.FaultTests;

/// <summary>A full disk stops records with bodies; giving back goes on, and makes room.</summary>
public sealed class DiskFullTests
{
    [Fact]
    public void A_full_disk_refuses_bodies_and_goes_on_when_space_comes_back()
    {
        LogWorkload work = Full(out List<LogState> states);
        Assert.Equal(0UL, work.Publish());
        Assert.Equal([LogState.OutOfSpace], states);

        work.Disk.Capacity = long.MaxValue;
        Settle(work);

        Assert.Equal([LogState.OutOfSpace, LogState.Open], states);
        Assert.NotEqual(0UL, work.Publish());
        work.Drain();
        Assert.Equal(work.Log.LastLsn, work.Log.CommittedLsn);
        work.CheckEverything();
        work.Disk.Crash();
        work.OpenAndJudge();
        work.CheckEverything();
    }

    [Fact]
    public void Giving_back_on_a_full_disk_makes_room_without_anybodys_help()
    {
        LogWorkload work = Full(out List<LogState> states);
        foreach ((ulong owner, ulong lsn) in work.Model.Held().ToList())
        {
            work.Model.Release(owner, lsn, 0);
            work.Log.Release(owner, lsn);
        }

        Settle(work);

        Assert.Equal(LogState.Open, work.Log.State);
        Assert.Equal([LogState.OutOfSpace, LogState.Open], states);
        Assert.NotEqual(0UL, work.Publish());
        work.Drain();
        Assert.Equal(work.Log.LastLsn, work.Log.CommittedLsn);
        work.Disk.Crash();
        work.OpenAndJudge();
    }

    [Fact]
    public void A_mark_never_asks_a_full_disk_for_space()
    {
        var work = new LogWorkload(6);
        work.Options = work.Options with { SegmentBytes = 8 * 1024 };
        work.Open();
        ulong lsn = work.Log.Append(new RecordDraft { Type = RecordType.Publish, Body = new byte[20_000], Owners = [1] });
        work.Drain();
        work.Disk.Capacity = work.Disk.Used;

        work.Log.Writer.MarkOnce();

        Assert.Equal(LogState.Open, work.Log.State);
        work.Log.MaintainOnce();
        work.Log.Release(1, lsn);
        work.Drain();
        Assert.False(work.Log.Memory.HasWork);
        Assert.Equal(work.Log.LastLsn, work.Log.CommittedLsn);
    }

    [Fact]
    public void A_start_on_a_full_disk_works_and_brings_everything_back()
    {
        LogWorkload work = Full(out _);
        work.Disk.Kill();
        work.Disk.Capacity = work.Disk.Used;

        work.OpenAndJudge();

        work.CheckEverything();
    }

    [Fact]
    public void A_disk_that_is_full_now_and_then_loses_nothing_confirmed() => Seeded.Run(100, seed =>
    {
        var random = new Random(seed);
        var work = new LogWorkload(seed);
        for (int life = 0; life < 4; life++)
        {
            work.Disk.Capacity = long.MaxValue;
            work.OpenAndJudge();
            for (int round = 0; round < 10; round++)
            {
                work.Disk.Capacity = random.Next(2) == 0 ? long.MaxValue : work.Disk.Used + random.Next(20_000);
                work.Steps(15);
                Assert.NotEqual(LogState.Failed, work.Log.State);
            }

            work.Disk.Crash();
        }

        work.Disk.Capacity = long.MaxValue;
        work.OpenAndJudge();
        work.CheckEverything();
    });

    // Publishes until the disk is full and says so.
    private static LogWorkload Full(out List<LogState> states)
    {
        var work = new LogWorkload(6);
        work.Open();
        var seen = new List<LogState>();
        work.Log.StateChanged += (state, _) => seen.Add(state);
        states = seen;
        work.Disk.Capacity = work.Disk.Used + 100_000;
        for (int i = 0; work.Log.State == LogState.Open; i++)
        {
            Assert.True(i < 5000, "the disk is never full");
            work.Publish();
            work.Log.CommitOnce();
            work.Log.MaintainOnce();
        }

        Assert.Equal(LogState.OutOfSpace, work.Log.State);
        return work;
    }

    private static void Settle(LogWorkload work)
    {
        for (int i = 0; i < 20; i++)
        {
            work.Log.MaintainOnce();
            work.Drain();
        }
    }
}
