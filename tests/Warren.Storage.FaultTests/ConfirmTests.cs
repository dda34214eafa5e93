using Xunit;

namespace Warren.Storage.FaultTests;

/// <summary>When the log says that something is committed.</summary>
public sealed class ConfirmTests
{
    [Fact]
    public void I16_at_every_confirm_the_worst_crash_keeps_everything_confirmed() => Seeded.Run(25, seed =>
    {
        var work = new LogWorkload(seed);
        work.Open();
        int confirms = 0;
        var lost = new List<string>();
        work.OnCommitted = lsn =>
        {
            if (++confirms % 3 != 0)
            {
                return;
            }

            (FoundRecords found, ShardLog log) = ReplayTests.Open(work.Disk.WorstCrash(confirms), work.Options);
            var here = found.Records.SelectMany(r => r.Owners, (r, o) => (o, r.Lsn)).ToHashSet();
            if (log.LastLsn < lsn || log.Damage.Any(d => d.Kind != DamageKind.TornTail)
                || work.Model.Held().Any(h => h.Lsn <= lsn && !here.Contains(h)))
            {
                lost.Add($"LSN {lsn} is confirmed and the disk ends at {log.LastLsn}");
            }
        };

        work.Steps(120);

        Assert.Empty(lost);
        Assert.True(confirms > 5);
    });

    [Fact]
    public void I16_nothing_is_confirmed_before_the_sync_returns()
    {
        var work = new LogWorkload(1);
        work.Open();
        ulong lsn = work.Publish();
        ulong confirmed = 0;
        bool synced = false;
        work.Log.Committed += up =>
        {
            Assert.True(synced);
            confirmed = up;
        };
        work.Disk.BeforeSync = () =>
        {
            Assert.Equal(0UL, confirmed);
            Assert.True(work.Log.CommittedLsn < lsn);
            synced = true;
        };

        Assert.True(work.Log.CommitOnce());

        Assert.Equal(lsn, confirmed);
        Assert.Equal(lsn, work.Log.CommittedLsn);
    }

    [Fact]
    public void I16_a_record_is_not_read_before_it_is_committed()
    {
        var work = new LogWorkload(1);
        work.Open();
        ulong lsn = work.Log.Append(new RecordDraft { Type = RecordType.Publish, Body = "body"u8, Owners = [1] });
        using RecordReader reader = work.Log.OpenReader();
        byte[] body = new byte[4];

        Assert.Equal(RecordReadResult.NotCommitted, reader.TryRead(lsn, body));
        Assert.True(work.Log.CommitOnce());
        Assert.Equal(RecordReadResult.Ok, reader.TryRead(lsn, body));
        Assert.Equal("body"u8.ToArray(), body);
    }

    [Fact]
    public void A_stalled_sync_stops_confirms_and_nobody_else()
    {
        using var stalled = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        using var confirmed = new ManualResetEventSlim();
        var work = new LogWorkload(1);
        work.Options = work.Options with { RunThreads = true, BacklogBytesMax = 20_000, SegmentBytes = 256 * 1024 };
        work.Open();
        ulong wanted = ulong.MaxValue;
        work.Log.Committed += lsn =>
        {
            if (lsn >= Volatile.Read(ref wanted))
            {
                confirmed.Set();
            }
        };
        work.Disk.BeforeSync = () =>
        {
            stalled.Set();
            go.Wait(TimeSpan.FromSeconds(30));
        };
        ulong before = work.Log.CommittedLsn;
        Assert.NotEqual(0UL, work.Publish());
        work.Log.RequestCommit();
        Assert.True(stalled.Wait(TimeSpan.FromSeconds(30)));

        while (!work.Log.IsBackedUp)
        {
            Assert.NotEqual(0UL, work.Publish());
            work.Log.RequestCommit();
        }

        Assert.Equal(before, work.Log.CommittedLsn);
        Volatile.Write(ref wanted, work.Log.LastLsn);
        work.Disk.BeforeSync = null;
        go.Set();
        work.Log.RequestCommit();
        Assert.True(confirmed.Wait(TimeSpan.FromSeconds(30)));
        Assert.Equal(LogState.Open, work.Log.State);
        Assert.False(work.Log.IsBackedUp);
        work.Log.Dispose();
    }
}
