using System.Buffers.Binary;
using Warren.Buffers;
using Warren.Storage.Format;
using Warren.Storage.Memory;
using Xunit;

namespace Warren.Storage.FaultTests;

/// <summary>Deleting an owner costs nothing at once; what it held is cleared later, in slices, and never comes back.</summary>
public sealed class SweepTests
{
    private const ulong Big = 1_000_000_000;
    private const ulong Other = 1_000_000_001;

    [Fact]
    public void Deleting_an_owner_looks_at_no_reference_and_each_later_slice_at_a_bounded_number()
    {
        LogWorkload work = Many(120_000, out ulong declared);
        OwnerSweeps sweeps = work.Log.Memory.Sweeps;
        long before = sweeps.Visited;

        work.Log.DeleteOwner(declared);
        work.Log.DeleteOwner(Big);

        Assert.Equal(before, sweeps.Visited);
        Assert.Equal(60_000, work.Log.GetStatistics().LiveReferences);
        int slices = 0;
        for (bool more = true; more; slices++)
        {
            before = sweeps.Visited;
            more = work.Log.Memory.SweepSlice();
            Assert.InRange(sweeps.Visited - before, 0, sweeps.SliceReferences);
        }

        Assert.InRange(slices, 3, 8);
        Assert.Equal(60_000, work.Log.GetStatistics().LiveReferences);
        IndexTests.CheckOwners(work.Log);
    }

    [Fact]
    public void A_large_purge_looks_at_a_bounded_number_of_references_at_once()
    {
        LogWorkload work = Many(120_000, out _);
        OwnerSweeps sweeps = work.Log.Memory.Sweeps;
        long before = sweeps.Visited;

        work.Log.Purge(Big, work.Log.LastLsn);

        Assert.InRange(sweeps.Visited - before, 1, sweeps.SliceReferences);
        Assert.True(sweeps.Any);
        ulong after = work.Log.Append(new RecordDraft { Type = RecordType.Publish, Owners = [Big] });
        work.Sweep();
        Assert.Equal(60_002, work.Log.GetStatistics().LiveReferences); // the other's, the declared one, the new one
        before = sweeps.Visited;
        work.Log.Purge(Big, after - 1);
        Assert.InRange(sweeps.Visited - before, 0, 10); // not again what the first purge has cleared
        IndexTests.CheckOwners(work.Log);
    }

    [Fact]
    public void One_pass_clears_many_owners()
    {
        var work = new LogWorkload(2);
        work.Options = work.Options with { SegmentBytes = 1 << 20 };
        work.Open();
        for (int i = 0; i < 20_000; i++)
        {
            work.Log.Append(new RecordDraft { Type = RecordType.Publish, Owners = [Big + (ulong)(i % 500)] });
        }

        for (ulong i = 0; i < 500; i++)
        {
            work.Log.DeleteOwner(Big + i);
        }

        work.Sweep();

        Assert.InRange(work.Log.Memory.Sweeps.Visited, 20_000, 21_000);
        Assert.Equal(0, work.Log.GetStatistics().LiveRecords);
        Assert.Equal(0, work.Log.Memory.Owners.DeletedReferences);
    }

    [Fact]
    public void A_deleted_owner_is_found_by_nobody_and_the_same_id_later_is_another()
    {
        var work = new LogWorkload(2);
        work.Open();
        work.Log.Memory.Sweeps.SliceReferences = 1;
        ulong first = work.Log.Append(new RecordDraft { Type = RecordType.Publish, Owners = [Big, Other] });
        ulong second = work.Log.Append(new RecordDraft { Type = RecordType.Publish, Owners = [Big] });
        work.Log.DeleteOwner(Big);
        ulong third = work.Log.Append(new RecordDraft { Type = RecordType.Publish, Owners = [Big] });
        work.Log.Release(Big, first);
        work.Log.Annotate(Big, second, 7);
        work.Log.Checkpoint();
        work.Disk.Kill();

        FoundRecords found = work.Open();

        Assert.Equal([first, third], found.Records.Select(r => r.Lsn));
        Assert.Equal([Other], found.Records[0].Owners);
        Assert.Equal([Big], found.Records[1].Owners);
        work.Sweep();
        IndexTests.CheckOwners(work.Log);
    }

    [Fact]
    public void What_was_deleted_or_purged_never_comes_back_wherever_the_machine_stops()
    {
        int calls = Deleted(int.MaxValue).Disk.Calls;
        for (int call = 1; call <= calls; call++)
        {
            LogWorkload work = Deleted(call);
            work.Disk.Crash();
            work.Disk.FailForEver = false;
            work.OpenAndJudge();
            work.CheckEverything();
            work.Sweep();
            IndexTests.CheckOwners(work.Log);
        }
    }

    [Fact]
    public void Sweeps_that_wait_go_with_the_checkpoint_through_any_number_of_starts() => Seeded.Run(40, seed =>
    {
        var work = new LogWorkload(seed);
        for (int life = 0; life < 4; life++)
        {
            work.OpenAndJudge();
            work.Log.Memory.Sweeps.SliceReferences = 3;
            for (int round = 0; round < 12; round++)
            {
                work.Steps(6);
                work.DeleteOwner();
                work.Purge();
                work.Log.Memory.SweepSlice();
            }

            if (seed % 2 == 0)
            {
                work.Log.Dispose();
                work.Model.AllDurable();
                work.Disk.Kill();
            }
            else
            {
                work.Disk.Crash();
            }
        }

        work.OpenAndJudge();
        work.CheckEverything();
        work.Sweep();
        IndexTests.CheckOwners(work.Log);
    });

    [Fact]
    public void A_checkpoint_of_version_1_is_still_read()
    {
        var work = new LogWorkload(5);
        work.Open();
        work.Steps(60);
        work.Sweep();
        work.Drain();
        work.Log.Checkpoint();
        work.Disk.Kill();
        var identity = new LogIdentity(work.Options.ClusterUuid, work.Options.ShardId);
        foreach (string path in work.Disk.Paths().Where(p => p.Contains("ckpt-", StringComparison.Ordinal)))
        {
            byte[] bytes = work.Disk.Bytes(path);
            Assert.Equal(new byte[4], bytes.AsSpan(bytes.Length - 8, 4).ToArray()); // no sweep waits
            byte[] old = bytes[..^12];
            BinaryPrimitives.WriteUInt16LittleEndian(old.AsSpan(8), 1);
            BinaryPrimitives.WriteUInt32LittleEndian(old.AsSpan(old.Length - 4), Crc32C.Compute(old.AsSpan(0, old.Length - 4), identity.RecordSeed));
            work.Disk.SetBytes(path, old);
        }

        work.OpenAndJudge();

        work.CheckEverything();
    }

    [Fact]
    public void What_is_uncertain_after_a_crash_stays_so_over_clean_stops_and_starts()
    {
        var work = new LogWorkload(5);
        work.Open();
        Assert.Equal(0UL, work.Log.UncertainThroughLsn);
        ulong lsn = work.Publish();
        work.Drain();
        work.Disk.Kill();

        work.Open();
        Assert.Equal(lsn, work.Log.UncertainThroughLsn);
        work.Publish();
        work.Log.Dispose();
        work.Disk.Kill();
        work.Open();

        Assert.True(work.Log.RecoveredCleanly);
        Assert.Equal(lsn, work.Log.UncertainThroughLsn);
        work.Log.Dispose();
        work.Disk.Kill();
        work.Open();
        Assert.Equal(lsn, work.Log.UncertainThroughLsn);
    }

    // A log in which owners are deleted and purged while a checkpoint is written, stopped at a call.
    private static LogWorkload Deleted(int stopAt)
    {
        var work = new LogWorkload(9);
        work.Disk.FailForEver = true;
        work.OpenAndJudge();
        work.Log.Memory.Sweeps.SliceReferences = 4;
        for (int i = 0; i < 60; i++)
        {
            work.Publish();
        }

        work.Drain();
        int before = work.Disk.Calls;
        work.Disk.FailAt = stopAt == int.MaxValue ? 0 : before + stopAt;
        for (int i = 0; i < 4; i++)
        {
            (ulong owner, ulong lsn) = work.Model.Held().ElementAt(i * 3);
            work.Model.DeleteOwner(owner);
            work.Log.DeleteOwner(owner);
            (owner, lsn) = work.Model.Held().ElementAt(i * 3);
            work.Model.Purge(owner, lsn + 20);
            work.Log.Purge(owner, lsn + 20);
            work.Drain();
            work.Log.Memory.SweepSlice();
            work.Log.Checkpoint();
            work.Publish();
            work.Log.MaintainOnce();
        }

        return work;
    }

    private static LogWorkload Many(int records, out ulong declared)
    {
        var work = new LogWorkload(2);
        work.Options = work.Options with { SegmentBytes = 4 << 20, BatchBytesSoftMax = 1 << 20, ReserveBytes = 0 };
        work.Open();
        declared = work.Log.Append(new RecordDraft
        {
            Type = RecordType.QueueDeclare,
            Flags = RecordDraft.KeepOnPurge,
            Owners = [ShardLog.Self],
        });
        for (int i = 0; i < records; i++)
        {
            work.Log.Append(new RecordDraft { Type = RecordType.Publish, Owners = [i % 2 == 0 ? Big : Other] });
        }

        return work;
    }
}
