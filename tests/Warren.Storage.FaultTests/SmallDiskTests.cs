using Xunit;

namespace Warren.Storage.FaultTests;

/// <summary>A log with its threads on a real file system that becomes full.</summary>
public sealed class SmallDiskTests
{
    private const ulong Queue = 1_000_000_000;
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    [Fact]
    public void A_disk_that_was_full_takes_messages_again_once_they_are_consumed_and_nothing_comes_back()
    {
        using SmallFileSystem disk = SmallFileSystem.Mount(300);
        using ShardLog log = Open(disk, out _);
        using var open = new ManualResetEventSlim();
        log.StateChanged += (state, _) =>
        {
            if (state == LogState.Open)
            {
                open.Set();
            }
        };
        List<ulong> held = Fill(log, Queue);
        log.Release(Queue, [.. held]);
        CommitAll(log);

        Assert.True(open.Wait(Long), "the space did not come back");

        Assert.NotEqual(0UL, Publish(log, Queue + 1));
        CommitAll(log);
        log.Dispose();
        using ShardLog again = Open(disk, out FoundRecords found);
        Assert.Equal([Queue + 1], found.Records.SelectMany(r => r.Owners));
        Assert.Empty(again.Damage);
    }

    [Fact]
    public void Deleting_a_queue_on_a_full_disk_is_answered_and_holds_over_a_kill()
    {
        using SmallFileSystem disk = SmallFileSystem.Mount(300);
        ShardLog log = Open(disk, out _);
        List<ulong> consumed = Fill(log, Queue);
        ulong kept = consumed[^1];
        log.Release(Queue, consumed.ToArray().AsSpan(0, consumed.Count / 2));
        log.DeleteOwner(Queue + 7);
        CommitAll(log);
        log.DeleteOwner(Queue);
        CommitAll(log);
        log.Abandon();

        using ShardLog again = Open(disk, out FoundRecords found);

        Assert.DoesNotContain(found.Records, r => r.Lsn == kept);
        Assert.Empty(found.Records);
        Assert.DoesNotContain(again.Damage, d => d.Kind != DamageKind.TornTail);
        Assert.NotEqual(0UL, Publish(again, Queue));
        CommitAll(again);
    }

    // Publishes as a broker does, confirm after confirm, until the log refuses.
    private static List<ulong> Fill(ShardLog log, ulong owner)
    {
        var held = new List<ulong>();
        while (Publish(log, owner) is var lsn and not 0)
        {
            held.Add(lsn);
            if (held.Count % 64 == 0)
            {
                CommitAll(log);
            }

            Assert.True(held.Count < 10_000, "the disk is never full");
        }

        Assert.NotEqual(LogState.Failed, log.State);
        Assert.True(held.Count > 1000);
        return held;
    }

    private static ulong Publish(ShardLog log, ulong owner) =>
        log.Append(new RecordDraft { Type = RecordType.Publish, Body = new byte[100_000], Owners = [owner] });

    // What a reply waits for.
    private static void CommitAll(ShardLog log)
    {
        ulong mark = log.Append(new RecordDraft { Type = RecordType.Noop });
        Assert.NotEqual(0UL, mark);
        using var done = new ManualResetEventSlim();
        void OnCommitted(ulong lsn)
        {
            if (lsn >= mark)
            {
                done.Set();
            }
        }

        log.Committed += OnCommitted;
        log.RequestCommit();
        Assert.True(log.CommittedLsn >= mark || done.Wait(Long), "a commit hangs");
        log.Committed -= OnCommitted;
    }

    private static ShardLog Open(SmallFileSystem disk, out FoundRecords found)
    {
        found = new FoundRecords();
        return ShardLog.Open(
            FileBlockDisk.Instance, Path.Combine(disk.Path, "shard"), new ShardLogOptions(), TimeProvider.System, found);
    }
}
