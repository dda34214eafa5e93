using System.Text;
using Xunit;

namespace Warren.Storage.Tests;

/// <summary>The log on real files, with its threads.</summary>
public sealed class ShardLogTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("warren-log-").FullName;

    private ShardLogOptions Options { get; set; } = new()
    {
        ClusterUuid = Guid.Parse("5f9e2a0c-0000-4000-8000-000000000001"),
        SegmentBytes = 64 * 1024,
        BatchBytesSoftMax = 16 * 1024,
        ReserveBytes = 64 * 1024,
    };

    [Fact]
    public void Records_held_come_back_after_a_restart_and_released_ones_do_not()
    {
        ulong kept;
        ulong released;
        ulong self;
        using (ShardLog log = Open(out _))
        {
            self = Append(log, RecordType.QueueDeclare, "queue", ShardLog.Self);
            kept = Append(log, RecordType.Publish, "kept", self, 77);
            released = Append(log, RecordType.Publish, "released", self);
            log.Annotate(self, kept, 3);
            log.Release(self, released);
            log.Release(77, kept);
            Commit(log);
        }

        using ShardLog again = Open(out CollectingVisitor found);

        Assert.True(again.RecoveredCleanly);
        Assert.Empty(again.Damage);
        Assert.Equal([self, kept], found.Records.Select(r => r.Lsn));
        Assert.Equal([self], found.Records[0].Owners);
        Assert.Equal([self], found.Records[1].Owners);
        Assert.Equal([3u], found.Records[1].Annotations);
        Assert.Equal("kept", Encoding.UTF8.GetString(found.Records[1].Payload!));
        Assert.Equal((ulong)RecordType.Publish + 100, found.Records[1].TagA);
        Assert.True(Append(again, RecordType.Publish, "next", self) > released);
    }

    [Fact]
    public void A_committed_record_is_read_back_and_a_released_one_is_gone()
    {
        using ShardLog log = Open(out _);
        ulong lsn = Append(log, RecordType.Publish, "body", 5);
        using RecordReader reader = log.OpenReader();
        byte[] bytes = new byte[4];

        Commit(log);

        Assert.Equal(4, reader.PayloadLength(lsn));
        Assert.Equal(RecordReadResult.Ok, reader.TryRead(lsn, bytes));
        Assert.Equal("body", Encoding.UTF8.GetString(bytes));
        log.Release(5, lsn);
        Assert.Equal(RecordReadResult.Gone, reader.TryRead(lsn, bytes));
        Assert.Equal(-1, reader.PayloadLength(lsn));
    }

    [Fact]
    public void Many_segments_are_recovered_after_a_stop_without_warning()
    {
        var lsns = new List<ulong>();
        ShardLog log = Open(out _);
        for (int i = 0; i < 2000; i++)
        {
            lsns.Add(Append(log, RecordType.Publish, $"message {i} {new string('x', i % 300)}", (ulong)(1 + (i % 7)) << 32));
        }

        Commit(log);
        for (int i = 0; i < 2000; i += 2)
        {
            log.Release((ulong)(1 + (i % 7)) << 32, lsns[i]);
        }

        Append(log, RecordType.Publish, "last", 1);
        Commit(log);
        log.Abandon();

        using ShardLog again = Open(out CollectingVisitor found);

        Assert.False(again.RecoveredCleanly);
        Assert.Empty(again.Damage);
        Assert.Equal(1001, found.Records.Count);
        Assert.All(found.Records, r => Assert.NotNull(r.Payload));
        Assert.Equal(lsns.Where((_, i) => i % 2 == 1), found.Records.Take(1000).Select(r => r.Lsn));
        Assert.Equal("message 1 x", Encoding.UTF8.GetString(found.Records[0].Payload!));
    }

    [Fact]
    public void Segments_without_live_records_are_deleted_by_a_checkpoint()
    {
        using ShardLog log = Open(out _);
        for (int i = 0; i < 2000; i++)
        {
            Append(log, RecordType.Publish, new string('x', 200), 9);
        }

        Commit(log);
        int before = Directory.GetFiles(_directory, "seg-*.log").Length;
        log.DeleteOwner(9);
        log.Checkpoint();

        Assert.True(before > 5);
        Assert.True(Directory.GetFiles(_directory, "seg-*.log").Length <= 2);
        Assert.Equal(0, log.GetStatistics().LiveReferences);
    }

    [Fact]
    public void Purging_leaves_marked_records_alone()
    {
        using (ShardLog log = Open(out _))
        {
            log.Append(new RecordDraft { Type = RecordType.QueueDeclare, Flags = RecordDraft.KeepOnPurge, Owners = [ShardLog.Self] });
            Append(log, RecordType.Publish, "a", 1);
            Append(log, RecordType.Publish, "b", 1);
            ulong last = Append(log, RecordType.Publish, "c", 1);
            log.Purge(1, last - 1);
            Commit(log);
        }

        using ShardLog again = Open(out CollectingVisitor found);
        Assert.Equal([RecordType.QueueDeclare, RecordType.Publish], found.Records.Select(r => r.Type));
        Assert.Equal("c", Encoding.UTF8.GetString(found.Records[1].Payload!));
    }

    [Fact]
    public void A_group_larger_than_a_segment_is_kept_whole()
    {
        byte[] body = new byte[40_000];
        Random.Shared.NextBytes(body);
        ulong[] lsns = new ulong[5];
        ShardLog log = Open(out _);
        Append(log, RecordType.Publish, "before", 1);
        using (LogGroup group = log.BeginGroup())
        {
            for (int i = 0; i < lsns.Length; i++)
            {
                lsns[i] = group.Append(new RecordDraft { Type = RecordType.Publish, Body = body, Owners = [2] });
            }

            Assert.True(group.Complete());
        }

        Commit(log);
        log.Abandon();

        using ShardLog again = Open(out CollectingVisitor found);
        Assert.Equal(lsns, found.Records.Skip(1).Select(r => r.Lsn));
        Assert.All(found.Records.Skip(1), r => Assert.Equal(body, r.Payload));
    }

    [Fact]
    public void A_log_of_another_cluster_is_refused_by_name()
    {
        using (ShardLog log = Open(out _))
        {
            Append(log, RecordType.Publish, "a", 1);
            Commit(log);
        }

        Options = Options with { ClusterUuid = Guid.NewGuid() };
        Assert.Throws<ForeignFileException>(() => Open(out _));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static ulong Append(ShardLog log, RecordType type, string text, params ulong[] owners) =>
        log.Append(new RecordDraft { Type = type, TagA = (ulong)type + 100, Body = Encoding.UTF8.GetBytes(text), Owners = owners });

    private static void Commit(ShardLog log)
    {
        using var done = new ManualResetEventSlim();
        ulong wanted = log.LastLsn;
        void OnCommitted(ulong lsn)
        {
            if (lsn >= wanted)
            {
                done.Set();
            }
        }

        log.Committed += OnCommitted;
        log.RequestCommit();
        Assert.True(log.CommittedLsn >= wanted || done.Wait(TimeSpan.FromSeconds(20)));
        log.Committed -= OnCommitted;
        Assert.Equal(LogState.Open, log.State);
    }

    private ShardLog Open(out CollectingVisitor visitor)
    {
        visitor = new CollectingVisitor();
        return ShardLog.Open(FileBlockDisk.Instance, _directory, Options, TimeProvider.System, visitor);
    }
}
