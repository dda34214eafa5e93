using Warren.Storage.Format;
using Warren.Storage.Memory;
using Xunit;

namespace Warren.Storage.FaultTests;

/// <summary>The index in memory against the model and against the bytes on the disk.</summary>
public sealed class IndexTests
{
    [Fact]
    public void I4_the_live_counters_of_a_segment_are_what_brute_force_counts() => Seeded.Run(60, seed =>
    {
        var work = new LogWorkload(seed);
        work.Open();
        for (int round = 0; round < 15; round++)
        {
            work.Steps(10);
            CheckCounters(work);
        }

        work.Drain();
        work.Disk.Crash();
        work.OpenAndJudge();
        CheckCounters(work);
    });

    [Fact]
    public void I5_every_index_entry_points_at_its_own_intact_record_in_a_file_that_is_there() => Seeded.Run(60, seed =>
    {
        var work = new LogWorkload(seed);
        work.Open();
        for (int round = 0; round < 15; round++)
        {
            work.Steps(10);
            CheckEntries(work);
        }

        work.Drain();
        work.Disk.Crash();
        work.OpenAndJudge();
        CheckEntries(work);
    });

    private static void CheckCounters(LogWorkload work)
    {
        work.Sweep();
        var held = work.Model.Held().ToList();
        foreach (Segment segment in work.Log.Memory.Segments)
        {
            SegmentIndex index = segment.Index;
            Assert.Equal(index.Recount(), (index.LiveReferences, index.LiveRecords, index.LiveBytes));
            var here = held.Where(h => index.Count > 0 && h.Lsn >= segment.FirstLsn && h.Lsn <= segment.LastLsn).ToList();
            Assert.Equal(here.Count, index.LiveReferences);
            Assert.Equal(here.Select(h => h.Lsn).Distinct().Count(), index.LiveRecords);
        }

        Assert.Equal(held.Count, work.Log.GetStatistics().LiveReferences);
        CheckOwners(work.Log);
    }

    /// <summary>Every owner's count is the number of its live references in all segments.</summary>
    internal static void CheckOwners(ShardLog log)
    {
        var counts = new Dictionary<uint, int>();
        foreach (Segment segment in log.Memory.Segments)
        {
            for (int r = 0; r < segment.Index.ReferenceCount; r++)
            {
                if (segment.Index.IsLive(r))
                {
                    counts[segment.Index.Owners[r]] = counts.GetValueOrDefault(segment.Index.Owners[r]) + 1;
                }
            }
        }

        Assert.Equal(counts.Count, log.Memory.Owners.Count);
        Assert.All(counts, c => Assert.Equal(c.Value, log.Memory.Owners[c.Key].Live));
    }

    private static void CheckEntries(LogWorkload work)
    {
        uint seed = new LogIdentity(work.Options.ClusterUuid, work.Options.ShardId).RecordSeed;
        ulong previous = 0;
        foreach (Segment segment in work.Log.Memory.Segments)
        {
            for (int i = 0; i < segment.Index.Count; i++)
            {
                ulong lsn = segment.Index.LsnAt(i);
                Assert.True(lsn > previous, "segments overlap");
                previous = lsn;
                if (lsn > work.Log.CommittedLsn)
                {
                    continue;
                }

                byte[] bytes = work.Disk.Bytes(Path.Combine(LogWorkload.Directory, segment.FileName));
                Assert.True(RecordView.TryCut(bytes.AsSpan((int)segment.Index.OffsetAt(i)), out RecordView record));
                Assert.Equal(lsn, record.Lsn);
                Assert.True(record.IsIntact(seed));
                Assert.Equal(segment.Index.PayloadLengthAt(i), record.PayloadLength);
            }
        }
    }
}
