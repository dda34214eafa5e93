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

    [Fact]
    public void On_a_full_disk_deleting_and_giving_back_are_committed_and_hold_over_a_restart()
    {
        LogWorkload work = Full(out _);
        work.Disk.Capacity = work.Disk.Used;
        ulong[] owners = [.. work.Model.Held().Select(h => h.Owner).Distinct()];
        foreach (ulong owner in owners)
        {
            work.Model.DeleteOwner(owner);
            work.Log.DeleteOwner(owner);
        }

        ulong mark = work.Log.Append(new RecordDraft { Type = RecordType.Noop });
        work.Drain();

        Assert.NotEqual(0UL, mark);
        Assert.Equal(mark, work.Log.CommittedLsn);
        Assert.Empty(work.Model.Held());
        work.Disk.Kill();
        Assert.Empty(work.Open().Records);
        Settle(work);
        Assert.Equal(LogState.Open, work.Log.State);
    }

    [Fact]
    public void Giving_back_one_by_one_on_a_full_disk_never_stops_and_never_comes_back() => Seeded.Run(8, seed =>
    {
        LogWorkload work = Full(out List<LogState> states);
        work.Disk.Capacity = work.Disk.Used;
        var random = new Random(seed);
        var held = work.Model.Held().OrderBy(_ => random.Next()).ToList();
        foreach ((ulong owner, ulong lsn) in held.Take(held.Count - 1))
        {
            work.Model.Release(owner, lsn, 0);
            work.Log.Release(owner, lsn);
            work.Drain();
            Assert.False(work.Log.Memory.HasWork);
            if (random.Next(10) == 0)
            {
                work.Log.MaintainOnce();
            }
        }

        work.Drain();
        work.Disk.Crash();
        work.OpenAndJudge();
        Assert.Equal(held[^1..], work.Model.Held());
    });

    [Fact]
    public void A_checkpoint_is_always_possible_on_a_full_disk()
    {
        LogWorkload work = Full(out _);
        for (int i = 0; i < 3; i++)
        {
            work.Disk.Capacity = work.Disk.Used;
            long before = work.Log.GetStatistics().Checkpoints;

            work.Log.Checkpoint();

            Assert.Equal(before + 1, work.Log.GetStatistics().Checkpoints);
        }
    }

    [Fact]
    public void When_even_what_is_reserved_is_used_up_a_reply_is_refused_and_nothing_is_lost()
    {
        LogWorkload work = Full(out _);
        work.Disk.Capacity = 0;
        ulong last = 0;
        int marks = 0;
        while (work.Log.Append(new RecordDraft { Type = RecordType.Noop, TagA = 1 }) is var mark and not 0)
        {
            last = mark;
            work.Log.CommitOnce();
            Assert.True(++marks < 100_000, "the space never ends");
        }

        (ulong owner, ulong lsn) = work.Model.Held().First();
        ulong deleted = work.Model.Held().Last().Owner;
        work.Model.DeleteOwner(deleted);
        work.Log.DeleteOwner(deleted);
        work.Model.Release(owner, lsn, 0);
        work.Log.Release(owner, lsn);
        Assert.Equal(0UL, work.Log.Append(new RecordDraft { Type = RecordType.Noop }));
        while (work.Log.CommitOnce())
        {
        }

        Assert.Equal(last, work.Log.CommittedLsn);
        work.Disk.Capacity = long.MaxValue;
        Settle(work);

        Assert.Equal(LogState.Open, work.Log.State);
        Assert.NotEqual(0UL, work.Publish());
        work.Drain();
        Assert.Equal(work.Log.LastLsn, work.Log.CommittedLsn);
        work.Disk.Crash();
        work.OpenAndJudge();
        work.CheckEverything();
    }

    [Fact]
    public void Every_batch_is_planned_into_the_space_its_segment_has() => Seeded.Run(60, seed =>
    {
        var random = new Random(seed);
        var work = new LogWorkload(seed);
        work.Open();
        for (int round = 0; round < 40; round++)
        {
            work.Disk.Capacity = random.Next(3) == 0 ? long.MaxValue : work.Disk.Used + random.Next(30_000);
            work.Steps(5);
            foreach (Memory.Segment segment in work.Log.Memory.Segments)
            {
                Assert.NotNull(segment.File);
                Assert.NotEqual(0UL, segment.Number);
                Assert.InRange(segment.PlannedEnd, 0, segment.Allocated);
            }

            Assert.InRange(work.Log.Memory.Plan.NextOffset, 0, work.Log.Memory.Plan.Tail.Allocated);
        }
    });

    [Fact]
    public void A_checkpoint_asked_for_on_a_full_disk_does_not_wait_for_space()
    {
        LogWorkload work = Full(out _);
        work.Disk.Kill();
        work.Options = work.Options with { RunThreads = true };
        work.Open();
        work.Disk.Capacity = work.Disk.Used;
        work.Publish();

        work.Log.Checkpoint();

        work.Log.Dispose();
        Assert.Equal(LogState.Closed, work.Log.State);
        Assert.Equal(work.Log.LastLsn, work.Log.CommittedLsn);
    }

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
