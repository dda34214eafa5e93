namespace Warren.Storage;

/// <summary>How a shard's log is kept. The defaults are for production; tests use small sizes.</summary>
public sealed record ShardLogOptions
{
    /// <summary>The shard, part of every checksum.</summary>
    public uint ShardId { get; init; } = 1;

    /// <summary>The node that writes, informative.</summary>
    public ushort NodeId { get; init; } = 1;

    /// <summary>The cluster, part of every checksum: a file of another one is refused.</summary>
    public Guid ClusterUuid { get; init; }

    /// <summary>Bytes of a segment file; a single larger group makes its segment larger.</summary>
    public long SegmentBytes { get; init; } = 64L << 20;

    /// <summary>Bytes after which waiting records go into the next commit; a group is never divided.</summary>
    public int BatchBytesSoftMax { get; init; } = 1 << 20;

    /// <summary>How long references given back may wait for a commit to ride along with.</summary>
    public TimeSpan ReleaseDelay { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Idle time after which the log writes down that its last commit is durable.</summary>
    public TimeSpan MarkDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Uncommitted bytes after which <see cref="ShardLog.IsBackedUp"/> is true.</summary>
    public long BacklogBytesMax { get; init; } = 64L << 20;

    /// <summary>Longest time between checkpoints while the log changes.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Bytes of log after which a checkpoint is written.</summary>
    public long CheckpointBytes { get; init; } = 64L << 20;

    /// <summary>Bytes kept allocated in a file of their own, freed when a full disk would stop a checkpoint.</summary>
    public long ReserveBytes { get; init; } = 8L << 20;

    /// <summary>Segments' worth of dead bytes that are tolerated beyond the live bytes before compaction.</summary>
    public int CompactionSlackSegments { get; init; } = 8;

    /// <summary>There was a log: that there is nothing of it is damage, and opening fails.</summary>
    public bool IsExpected { get; init; }

    /// <summary>An operator has accepted that what was there is gone: opening goes on with what is left, even if that is nothing.</summary>
    public bool AcceptLoss { get; init; }

    /// <summary>Bytes of closed segments that are read and checked in a second after an unclean start; 0: none.</summary>
    public long ScrubBytesPerSecond { get; init; } = 32L << 20;

    /// <summary>False: the caller drives every step itself (tests of the log).</summary>
    internal bool RunThreads { get; init; } = true;
}
