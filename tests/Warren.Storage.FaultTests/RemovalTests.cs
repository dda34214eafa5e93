using Warren.Storage.Format;
using Warren.Storage.Memory;
using Xunit;

namespace Warren.Storage.FaultTests;

/// <summary>Deleting and compacting segments.</summary>
public sealed class RemovalTests
{
    [Fact]
    public void I6_a_segment_is_deleted_only_when_nobody_holds_it_and_the_durable_checkpoint_does_not_name_it()
    {
        int deleted = 0;
        var wrong = new List<string>();
        Seeded.Run(80, seed =>
        {
            var work = new LogWorkload(seed);
            work.Open();
            work.Disk.BeforeDelete = path =>
            {
                if (Path.GetFileName(path) is ['s', 'e', 'g', '-', ..] name && name.EndsWith(".log", StringComparison.Ordinal)
                    && work.Disk.Exists(path))
                {
                    deleted++;
                    if (!MayBeDeleted(work, name))
                    {
                        wrong.Add(name);
                    }
                }
            };
            work.Steps(300);
            Assert.Empty(wrong);
        });
        Assert.True(deleted > 0);
    }

    [Fact]
    public void I7_I8_compaction_keeps_every_reference_with_its_bytes_and_the_order()
    {
        long compactions = 0;
        Seeded.Run(60, seed =>
        {
            LogWorkload work = Sparse(seed);
            var before = work.Model.Held().Order().ToList();
            Settle(work);

            compactions += work.Log.GetStatistics().Compactions;
            work.CheckEverything();
            Assert.Equal(before, References(work.Log));
            work.Disk.Crash();

            FoundRecords found = work.Open();
            Assert.Equal(before, found.Records.SelectMany(r => r.Owners, (r, o) => (Owner: o, r.Lsn)).Order());
            Assert.Equal(found.Records.Select(r => r.Lsn).Order(), found.Records.Select(r => r.Lsn));
            work.CheckEverything();
        });
        Assert.True(compactions > 30);
    }

    [Fact]
    public void I7_what_is_given_back_while_a_copy_is_written_is_given_back_in_the_copy() => Seeded.Run(30, seed =>
    {
        var random = new Random(seed);
        LogWorkload work = Sparse(seed);
        work.Disk.BeforeSync = () =>
        {
            foreach ((ulong owner, ulong lsn) in work.Model.Held().Where(_ => random.Next(4) == 0).ToList())
            {
                work.Model.Release(owner, lsn, 0);
                work.Log.Release(owner, lsn);
            }
        };
        Settle(work);
        work.Disk.BeforeSync = null;
        Assert.Equal(work.Model.Held().Order(), References(work.Log));

        work.Drain();
        work.Disk.Crash();
        work.OpenAndJudge();
        Assert.Equal(work.Model.Held().Order(), References(work.Log));
        work.CheckEverything();
    });

    [Fact]
    public void I7_a_segment_that_cannot_be_read_is_reported_and_left_alone()
    {
        LogWorkload work = Sparse(3);
        work.Disk.FailReads = true;

        Settle(work);

        Assert.Equal(LogState.Open, work.Log.State);
        Assert.Equal(0, work.Log.GetStatistics().Compactions);
        Assert.Contains(work.Log.Damage, d => d.Kind == DamageKind.DamagedRecord);
        work.Disk.FailReads = false;
        work.CheckEverything();
        work.Disk.Crash();
        work.OpenAndJudge();
        work.CheckEverything();
    }

    [Fact]
    public void I7_a_crash_at_any_call_of_a_compaction_loses_nothing()
    {
        LogWorkload measured = Sparse(3);
        int first = measured.Disk.Calls;
        Settle(measured);

        Assert.True(measured.Log.GetStatistics().Compactions > 0);
        for (int call = first + 1; call <= measured.Disk.Calls; call++)
        {
            LogWorkload work = Sparse(3);
            work.Disk.FailForEver = true;
            work.Disk.FailAt = call;
            Settle(work);

            work.Disk.Crash();
            work.OpenAndJudge();
            work.CheckEverything();
        }
    }

    // Maintenance comes to an end: what has been compacted is not compacted again.
    private static void Settle(LogWorkload work)
    {
        int rounds = 0;
        while (work.Log.MaintainOnce())
        {
            Assert.True(++rounds < 500, "maintenance never ends");
        }
    }

    // Many segments, most of whose records nobody holds any more.
    private static LogWorkload Sparse(int seed)
    {
        var work = new LogWorkload(seed);
        work.Open();
        for (int i = 0; i < 250; i++)
        {
            work.Publish();
        }

        work.Drain();
        foreach ((ulong owner, ulong lsn) in work.Model.Held().ToList())
        {
            if (lsn % 8 != 0)
            {
                work.Model.Release(owner, lsn, 0);
                work.Log.Release(owner, lsn);
            }
        }

        work.Drain();
        return work;
    }

    private static List<(ulong Owner, ulong Lsn)> References(ShardLog log)
    {
        var references = new List<(ulong Owner, ulong Lsn)>();
        foreach (Segment segment in log.Memory.Segments)
        {
            SegmentIndex index = segment.Index;
            for (int r = 0; r < index.ReferenceCount; r++)
            {
                if (index.IsLive(r))
                {
                    references.Add((log.Memory.Owners[index.Owners[r]].Id, index.LsnAt(index.RecordOf(r))));
                }
            }
        }

        references.Sort();
        return references;
    }

    private static bool MayBeDeleted(LogWorkload work, string name)
    {
        SimulatedDisk durable = work.Disk.WorstCrash(0);
        var identity = new LogIdentity(work.Options.ClusterUuid, work.Options.ShardId);
        CheckpointFile? newest = durable.Paths()
            .Where(p => p.Contains("ckpt-", StringComparison.Ordinal))
            .Select(p => CheckpointFile.TryRead(durable.Bytes(p), identity))
            .OfType<CheckpointFile>()
            .MaxBy(c => c.Sequence);
        return newest is not null
            && newest.Segments.All(s => Segment.NameOf(s.Number, ".log") != name)
            && work.Log.Memory.Segments.All(s => s.File is null || s.FileName != name);
    }
}
