using System.Reflection;
using Warren.Buffers.Commits;
using Warren.Storage.Memory;
using Xunit;

namespace Warren.Storage.FaultTests;

/// <summary>What a reader of the code from outside has found in corners of the log.</summary>
public sealed class CornerTests
{
    [Fact]
    public void Compaction_joins_no_segments_whose_numbers_are_more_than_32_bits_apart()
    {
        var work = new LogWorkload(2);
        work.Options = work.Options with { SegmentBytes = 64 * 1024, CompactionSlackSegments = 0, BatchBytesSoftMax = 8192 };
        work.Open();
        void Fill(int segments, ulong keep)
        {
            byte[] body = new byte[1000];
            var dead = new List<ulong>();
            Segment tail = work.Log.Memory.Plan.Tail;
            for (int rolled = 0; rolled < segments;)
            {
                ulong lsn = work.Log.Append(new RecordDraft { Type = RecordType.Publish, Body = body, Owners = [dead.Count % 20 == 0 ? keep : 999ul] });
                if (dead.Count % 20 != 0)
                {
                    work.Log.Release(999, lsn);
                }

                dead.Add(lsn);
                while (work.Log.CommitOnce())
                {
                }

                if (work.Log.Memory.Plan.Tail != tail)
                {
                    rolled++;
                    tail = work.Log.Memory.Plan.Tail;
                }
            }
        }

        Fill(1, 5);
        work.Log.Dispose();
        work.Open();
        PropertyInfo next = typeof(LogPlan).GetProperty("NextLsn", BindingFlags.Instance | BindingFlags.NonPublic)!;
        next.SetValue(work.Log.Memory.Plan, (1UL << 32) + 1000); // four billion records later
        Fill(8, 5);
        for (int i = 0; i < 50; i++)
        {
            work.Log.MaintainOnce();
            while (work.Log.CommitOnce())
            {
            }
        }

        Assert.Equal(LogState.Open, work.Log.State);
    }

    [Fact]
    public void Deleting_an_owner_when_the_disk_has_just_failed_is_never_answered_ok()
    {
        var work = new LogWorkload(2);
        work.Options = work.Options with { SegmentBytes = 64 * 1024, BatchBytesSoftMax = 8192 };
        work.Open();
        ulong queue = work.Log.Append(new RecordDraft { Type = RecordType.QueueDeclare, Owners = [ShardLog.Self] });
        while (work.Log.CommitOnce())
        {
        }

        // use up the spare
        Segment tail = work.Log.Memory.Plan.Tail;
        while (work.Log.Memory.Plan.Tail == tail)
        {
            work.Log.Append(new RecordDraft { Type = RecordType.Publish, Body = new byte[1000], Owners = [queue] });
        }

        work.Disk.FailAt = work.Disk.Calls + 1000000;
        while (work.Log.CommitOnce())
        {
        }

        work.Disk.FailAt = work.Disk.Calls + 1; // the next segment cannot be made: EIO
        _ = work.Log.Store(new RecordDraft { Type = RecordType.Publish, Body = new byte[63000], Owners = [queue] });
        StoreResult deleted = work.Log.DeleteOwner(queue);
        CommitState state = deleted.IsRefused ? CommitState.Failed : deleted.Ticket.State;
        Assert.NotEqual(CommitState.Committed, state);
    }

    [Fact]
    public void Groups_that_are_not_committed_yet_hold_publishers_up_before_they_are_refused()
    {
        var work = new LogWorkload(2);
        work.Options = work.Options with { SegmentBytes = 64 * 1024, BatchBytesSoftMax = 8192, BacklogBytesMax = 20_000 };
        work.Open();
        bool refused = false;
        for (int i = 0; i < 1000 && !refused; i++)
        {
            using LogGroup group = work.Log.BeginGroup();
            refused = group.Store(new RecordDraft { Type = RecordType.Publish, Body = new byte[1000], Owners = [7] }).IsRefused || !group.TryComplete(out _);
        }

        Assert.True(work.Log.IsBackedUp);
    }
}
