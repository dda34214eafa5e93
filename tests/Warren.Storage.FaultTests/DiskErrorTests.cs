using Xunit;

namespace Warren.Storage.FaultTests;

/// <summary>After a failed write or sync the log confirms nothing more, and the next start finds everything confirmed.</summary>
public sealed class DiskErrorTests
{
    private const int Steps = 60;

    [Fact]
    public void After_an_error_at_any_call_the_log_has_failed_for_good_and_loses_nothing()
    {
        int calls = CallsOf(11);
        int failures = 0;
        for (int call = 1; call <= calls; call++)
        {
            for (int kill = 0; kill < 2; kill++)
            {
                failures += RunWithError(11, call, kill == 1) ? 1 : 0;
            }
        }

        Assert.True(failures > calls, "most errors are in writes and syncs");
    }

    [Theory]
    [InlineData("io")]
    [InlineData("no space")]
    [InlineData("denied")]
    [InlineData("disposed")]
    public void Whatever_call_fails_and_how_nothing_confirmed_is_lost_over_a_stop_and_a_start(string how)
    {
        int calls = RunLives(3, 0, how);
        for (int call = 1; call <= calls; call++)
        {
            RunLives(3, call, how);
        }
    }

    [Fact]
    public void With_its_threads_a_log_says_once_that_it_failed_and_nobody_waits_for_ever()
    {
        int calls = RunThreads(0);
        Seeded.Run(60, seed => RunThreads(1 + (seed * calls / 60)));
    }

    [Fact]
    public void A_listener_that_throws_makes_the_log_fail_and_not_the_process()
    {
        var work = new LogWorkload(4);
        work.Options = work.Options with { RunThreads = true };
        work.Open();
        using var failed = new ManualResetEventSlim();
        work.Log.StateChanged += (state, _) => failed.Set();
        work.Log.Committed += _ => throw new InvalidOperationException("a listener");
        work.Publish();

        work.Log.RequestCommit();

        Assert.True(failed.Wait(TimeSpan.FromSeconds(30)));
        Assert.Equal(LogState.Failed, work.Log.State);
        work.Log.Dispose();
    }

    [Fact]
    public void A_failed_read_is_told_apart_from_a_damaged_record()
    {
        var work = new LogWorkload(4);
        work.Open();
        ulong lsn = work.Log.Append(new RecordDraft { Type = RecordType.Publish, Body = "body"u8, Owners = [1] });
        work.Drain();
        using RecordReader reader = work.Log.OpenReader();
        byte[] body = new byte[4];
        work.Disk.FailReads = true;

        Assert.Equal(RecordReadResult.IOError, reader.TryRead(lsn, body));
        Assert.Empty(work.Log.Damage);
        work.Disk.FailReads = false;
        Assert.Equal(RecordReadResult.Ok, reader.TryRead(lsn, body));
        Assert.Equal("body"u8.ToArray(), body);
    }

    [Fact]
    public void A_failed_write_is_told_with_its_reason_and_its_batch_is_not_confirmed()
    {
        LogWorkload work = Published(4, out ulong lsn, out List<(LogState State, Exception? Error)> states);
        work.Disk.FailAt = work.Disk.Calls + 1;

        Assert.False(work.Log.CommitOnce());

        AssertFailed(work, lsn, states);
    }

    [Fact]
    public void A_failed_sync_is_not_tried_again_and_its_batch_is_not_confirmed()
    {
        LogWorkload work = Published(4, out ulong lsn, out List<(LogState State, Exception? Error)> states);
        int syncs = 0;
        work.Disk.BeforeSync = () =>
        {
            syncs++;
            work.Disk.FailAt = work.Disk.Calls + 1;
        };

        Assert.False(work.Log.CommitOnce());
        Assert.False(work.Log.CommitOnce());
        Assert.False(work.Log.MaintainOnce());
        work.Log.Checkpoint();
        work.Log.Dispose();

        Assert.Equal(1, syncs);
        AssertFailed(work, lsn, states);
    }

    [Fact]
    public void What_a_start_after_a_failed_sync_hands_out_survives_a_crash_of_the_machine() => Seeded.Run(60, seed =>
    {
        LogWorkload work = Published(seed, out _, out _);
        for (int i = 0; i < 5; i++)
        {
            work.Publish();
        }

        int sync = 0;
        work.Disk.BeforeSync = () => work.Disk.FailAt = sync++ == seed % 2 ? work.Disk.Calls + 1 : 0;
        while (work.Log.CommitOnce())
        {
            work.Publish();
        }

        work.Disk.BeforeSync = null;
        work.Disk.Kill();

        // The system still shows bytes that the disk does not have.
        FoundRecords shown = work.Open();
        work.Disk.Crash();
        FoundRecords kept = work.Open();

        Assert.Equal(shown.Records.Select(r => r.Lsn), kept.Records.Select(r => r.Lsn));
        Assert.All(kept.Records, r => Assert.NotNull(r.Payload));
    });

    private static LogWorkload Published(int seed, out ulong lsn, out List<(LogState State, Exception? Error)> states)
    {
        var work = new LogWorkload(seed);
        work.Open();
        Assert.NotEqual(0UL, work.Publish());
        work.Drain();
        var seen = new List<(LogState State, Exception? Error)>();
        work.Log.StateChanged += (state, error) => seen.Add((state, error));
        states = seen;
        lsn = work.Publish();
        return work;
    }

    private static void AssertFailed(LogWorkload work, ulong lsn, List<(LogState State, Exception? Error)> states)
    {
        (LogState state, Exception? error) = Assert.Single(states);
        Assert.Equal(LogState.Failed, state);
        Assert.Equal("injected", error!.Message);
        Assert.Equal(LogState.Failed, work.Log.State);
        Assert.True(work.Log.CommittedLsn < lsn);
        Assert.Equal(0UL, work.Publish());
    }

    // Two runs of a log with everything it does, and a stop between them.
    private static int RunLives(int seed, int call, string how)
    {
        var work = new LogWorkload(seed);
        work.Disk.FailAt = call;
        work.Disk.FailWith = how == "no space" ? 28 : 5;
        work.Disk.FailBy = how switch
        {
            "denied" => () => new UnauthorizedAccessException("injected"),
            "disposed" => () => new ObjectDisposedException("injected"),
            _ => null,
        };
        int told = 0;
        try
        {
            for (int life = 0; life < 2; life++)
            {
                work.OpenAndJudge();
                work.Log.StateChanged += (state, _) => told += state == LogState.Failed ? 1 : 0;
                work.OnCommitted = _ => Assert.Equal(0, told);
                work.Steps(Steps);
                work.Drain();
                work.Log.Dispose();
                Assert.Equal(work.Log.State == LogState.Failed ? 1 : 0, told);
                if (told > 0)
                {
                    break;
                }

                Assert.Equal(work.Log.LastLsn, work.Log.CommittedLsn);
                work.Model.AllDurable();
                work.Disk.Kill(); // also ends the failing
                work.Disk.FailAt = call;
            }
        }
        catch (Exception error) when (error.Message.Contains("injected", StringComparison.Ordinal)
            || error.InnerException?.Message.Contains("injected", StringComparison.Ordinal) == true
            || error.Message is "the machine stopped while the log was opened" or "the checkpoint of the start could not be written")
        {
            // A start that failed: the next one must find everything.
        }

        int calls = work.Disk.Calls;
        work.OnCommitted = null;
        work.Disk.FailBy = null;
        work.Disk.Crash();
        work.OpenAndJudge();
        work.CheckEverything();
        return calls;
    }

    private static int RunThreads(int call)
    {
        var work = new LogWorkload(5);
        work.Options = work.Options with { RunThreads = true };
        work.Open();
        work.Disk.FailAt = call == 0 ? 0 : work.Disk.Calls + call;
        int before = work.Disk.Calls;
        int told = 0;
        using var news = new ManualResetEventSlim();
        work.Log.StateChanged += (state, _) =>
        {
            if (state == LogState.Failed)
            {
                Interlocked.Increment(ref told);
                news.Set();
            }
        };
        work.Log.Committed += _ => news.Set();
        for (int i = 0; i < 60 && work.Log.State is LogState.Open or LogState.OutOfSpace; i++)
        {
            ulong lsn = work.Publish();
            work.Release();
            work.Group();
            work.DeleteOwner();
            work.Log.RequestCommit();
            while (work.Log.CommittedLsn < lsn && Volatile.Read(ref told) == 0)
            {
                Assert.True(news.Wait(TimeSpan.FromSeconds(30)), "neither committed nor failed");
                news.Reset();
            }
        }

        work.Log.Dispose();
        Assert.Equal(work.Log.State == LogState.Failed ? 1 : 0, told);
        work.Model.Committed = work.Log.CommittedLsn;
        int calls = work.Disk.Calls - before;
        work.Disk.Crash();
        work.OpenAndJudge();
        return calls;
    }

    private static int CallsOf(int seed)
    {
        var work = new LogWorkload(seed);
        work.Open();
        work.Steps(Steps);
        return work.Disk.Calls;
    }

    // One call fails; the disk works again afterwards, and the log must not fall for it.
    private static bool RunWithError(int seed, int call, bool kill)
    {
        var work = new LogWorkload(seed);
        work.Disk.FailAt = call;
        bool failed = false;
        bool confirmedAfter = false;
        try
        {
            work.OpenAndJudge();
            work.Log.StateChanged += (state, _) => failed |= state == LogState.Failed;
            work.OnCommitted = _ => confirmedAfter |= failed;
            failed = work.Log.State == LogState.Failed;
            work.Steps(Steps);
            failed |= work.Log.State == LogState.Failed;
            while (work.Log.CommitOnce())
            {
            }
        }
        catch (IOException)
        {
            failed = true;
        }

        Assert.False(confirmedAfter, $"confirmed after the failure of call {call}");
        if (kill)
        {
            work.Disk.Kill();
        }
        else
        {
            work.Disk.Crash();
        }

        work.OnCommitted = null;
        work.Disk.FailAt = 0;
        work.OpenAndJudge();
        work.CheckEverything();
        return failed;
    }
}
