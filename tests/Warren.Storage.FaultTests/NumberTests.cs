using Warren.Storage.Format;
using Xunit;

namespace Warren.Storage.FaultTests;

/// <summary>Numbers that must only ever grow.</summary>
public sealed class NumberTests
{
    [Fact]
    public void I14_an_LSN_that_was_committed_is_never_given_again_even_when_everything_is_gone() => Seeded.Run(40, seed =>
    {
        var random = new Random(seed);
        var work = new LogWorkload(seed);
        ulong highest = 0;
        for (int life = 0; life < 6; life++)
        {
            // Starts that write nothing leave no record behind, only the checkpoint.
            for (int idle = random.Next(3); idle > 0; idle--)
            {
                work.OpenAndJudge();
                work.Disk.Crash();
            }

            work.OpenAndJudge();
            Assert.True(work.Log.LastLsn >= highest);
            work.Steps(random.Next(60));
            ulong owner = work.Publish();
            Assert.True(owner > highest);
            foreach (ulong holder in work.Model.Held().Select(h => h.Owner).Distinct().ToList())
            {
                work.Model.DeleteOwner(holder);
                work.Log.DeleteOwner(holder);
            }

            work.Drain();
            work.Log.Checkpoint();
            highest = work.Log.CommittedLsn;
            if (random.Next(2) == 0)
            {
                work.Log.Dispose();
            }

            work.Disk.Crash();
        }
    });

    [Fact]
    public void I14_a_segment_number_is_never_given_again_while_the_checkpoint_remembers_it() => Seeded.Run(40, seed =>
    {
        var work = new LogWorkload(seed);
        ulong highest = 0;
        for (int life = 0; life < 5; life++)
        {
            work.OpenAndJudge();
            ulong current = work.Log.Memory.Segments[^1].Number;
            Assert.True(current > highest, $"segment {current} after {highest}");
            work.Steps(50);
            highest = work.Log.Memory.Segments.Max(s => s.Number);
            work.Disk.Crash();
        }
    });

    [Fact]
    public void I15_the_epoch_never_falls_along_the_log() => Seeded.Run(40, seed =>
    {
        var work = new LogWorkload(seed);
        work.Open();
        work.Steps(150);
        work.Drain();
        work.Disk.Crash();
        work.OpenAndJudge();
        work.Steps(50);
        work.Drain();
        var identity = new LogIdentity(work.Options.ClusterUuid, work.Options.ShardId);
        var batches = new List<BatchHeader>();
        foreach (string path in work.Disk.Paths().Where(p => p.EndsWith(".log", StringComparison.Ordinal)))
        {
            ReadOnlySpan<byte> bytes = work.Disk.Bytes(path);
            Assert.True(SegmentHeader.TryRead(bytes, out SegmentHeader header));
            uint seedOfSegment = identity.SegmentSeed(header.Number);
            for (int at = SegmentScanner.FindBatch(bytes, SegmentHeader.Size, seedOfSegment);
                at >= 0;
                at = SegmentScanner.FindBatch(bytes, at + 8, seedOfSegment))
            {
                Assert.True(BatchHeader.TryRead(bytes[at..], seedOfSegment, out BatchHeader batch));
                Assert.True(batch.Epoch >= header.Epoch && batch.Epoch <= work.Log.Epoch);
                batches.Add(batch);
            }
        }

        Assert.NotEmpty(batches);
        ulong epoch = 1;
        foreach (BatchHeader batch in batches.OrderBy(b => b.BaseLsn))
        {
            Assert.True(batch.Epoch >= epoch);
            epoch = batch.Epoch;
        }
    });
}
