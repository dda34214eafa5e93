using Warren.Storage.Memory;
using Xunit;

namespace Warren.Storage.FaultTests;

/// <summary>A group is kept whole or leaves nothing behind.</summary>
public sealed class GroupTests
{
    [Fact]
    public void A_group_that_is_not_completed_leaves_the_log_as_it_was() => Seeded.Run(80, seed =>
    {
        var random = new Random(seed * 31);
        var work = new LogWorkload(seed);
        work.Open();
        for (int round = 0; round < 40; round++)
        {
            work.Steps(6);
            work.Sweep();
            if (work.Log.State != LogState.Open)
            {
                return;
            }

            var held = work.Model.Held().ToList();
            string before = StateOf(work.Log);
            using (LogGroup group = work.Log.BeginGroup())
            {
                Fill(group, random, held);
            }

            Assert.Equal(before, StateOf(work.Log));
        }

        work.CheckEverything();
        work.Drain();
        work.Disk.Crash();
        work.OpenAndJudge();
        work.CheckEverything();
    });

    [Fact]
    public void A_group_given_up_after_it_moved_to_the_next_segment_leaves_nothing_behind()
    {
        var work = new LogWorkload(3);
        work.Options = work.Options with { SegmentBytes = 8 * 1024 };
        work.Open();
        ulong kept = work.Log.Append(new RecordDraft { Type = RecordType.Publish, Body = new byte[4000], Owners = [7] });
        ulong last = work.Log.LastLsn;
        long backlog = work.Log.GetStatistics().BacklogBytes;
        using (LogGroup group = work.Log.BeginGroup())
        {
            for (int i = 0; i < 5; i++)
            {
                Assert.NotEqual(0UL, group.Append(new RecordDraft { Type = RecordType.Publish, Body = new byte[3000], Owners = [7, 8] }));
            }

            group.Release(7, kept);
        }

        Assert.Equal(last, work.Log.LastLsn);
        Assert.Equal(backlog, work.Log.GetStatistics().BacklogBytes);
        Assert.Equal(1, work.Log.GetStatistics().LiveReferences);
        Assert.Equal(1, work.Log.GetStatistics().Owners);
        ulong next = work.Log.Append(new RecordDraft { Type = RecordType.Publish, Body = new byte[10], Owners = [9] });
        Assert.Equal(last + 1, next);
        work.Drain();
        work.Disk.Crash();

        Assert.Equal([kept, next], work.Open().Records.Select(r => r.Lsn));
        Assert.Empty(work.Log.Damage);
    }

    [Fact]
    public void A_group_of_which_a_part_was_refused_cannot_be_completed()
    {
        var work = new LogWorkload(3);
        work.Open();
        ulong before = work.Log.LastLsn;
        using (LogGroup group = work.Log.BeginGroup())
        {
            Assert.NotEqual(0UL, group.Append(new RecordDraft { Type = RecordType.Publish, Body = new byte[10], Owners = [1] }));
            Assert.Equal(0UL, group.Append(new RecordDraft
            {
                Type = RecordType.Publish,
                Head = new byte[Format.RecordView.MaxLength / 2],
                Body = new byte[Format.RecordView.MaxLength / 2],
                Owners = [1],
            }));

            Assert.False(group.Complete());
        }

        Assert.Equal(before, work.Log.LastLsn);
        Assert.Equal(0, work.Log.GetStatistics().LiveReferences);
    }

    [Fact]
    public void What_a_group_gives_back_is_given_back_when_it_is_complete_and_not_before()
    {
        var work = new LogWorkload(3);
        work.Open();
        ulong lsn = work.Log.Append(new RecordDraft { Type = RecordType.Publish, Body = new byte[10], Owners = [1] });
        using (LogGroup group = work.Log.BeginGroup())
        {
            group.Release(1, lsn);
            Assert.Equal(1, work.Log.GetStatistics().LiveReferences);
            Assert.True(group.Complete());
            Assert.Equal(0, work.Log.GetStatistics().LiveReferences);
            Assert.Throws<InvalidOperationException>(() => Late(work.Log));
        }

        work.Drain();
        work.Disk.Crash();
        Assert.Empty(work.Open().Records);
    }

    // The same thread: the append lock lets it in.
    private static void Late(ShardLog log) => log.Append(new RecordDraft { Type = RecordType.Noop });

    private static void Fill(LogGroup group, Random random, List<(ulong Owner, ulong Lsn)> held)
    {
        for (int i = random.Next(1, 12); i > 0; i--)
        {
            (ulong owner, ulong lsn) = held.Count > 0 ? held[random.Next(held.Count)] : (1UL, 1UL);
            switch (random.Next(5))
            {
                case 0:
                    group.Release(owner, lsn);
                    break;
                case 1:
                    group.Annotate(owner, lsn, 77);
                    break;
                case 2:
                    group.Append(new RecordDraft
                    {
                        Type = RecordType.Move,
                        Body = new byte[random.Next(200)],
                        Owners = [owner, 5, ShardLog.Self],
                        Releases = [new RecordReference(owner, lsn)],
                    });
                    break;
                default:
                    group.Append(new RecordDraft
                    {
                        Type = RecordType.Publish,
                        Body = new byte[random.Next(random.Next(4) == 0 ? 9000 : 300)],
                        Owners = [1_000_000_000UL + (ulong)random.Next(300), owner],
                    });
                    break;
            }
        }
    }

    // Everything a group could change, except the segment it may have opened.
    private static string StateOf(ShardLog log)
    {
        LogMemory memory = log.Memory;
        var references = new List<string>();
        foreach (Segment segment in memory.Segments)
        {
            SegmentIndex index = segment.Index;
            Assert.Equal(index.Recount(), (index.LiveReferences, index.LiveRecords, index.LiveBytes));
            for (int r = 0; r < index.ReferenceCount; r++)
            {
                if (index.IsLive(r))
                {
                    references.Add($"{memory.Owners[index.Owners[r]].Id}:{index.LsnAt(index.RecordOf(r))}:{index.AnnotationAt(r)}");
                }
            }
        }

        IndexTests.CheckOwners(log);
        LogStatistics numbers = log.GetStatistics();
        return string.Join(
            ' ', references.Append($"{log.LastLsn} {numbers.BacklogBytes} {numbers.LiveBytes} {numbers.Owners} {memory.AppendedBytes}"));
    }
}
