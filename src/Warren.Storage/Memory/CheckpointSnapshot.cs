using Warren.Storage.Format;

namespace Warren.Storage.Memory;

/// <summary>The state of the log exactly after the record <see cref="Lsn"/>; written as a checkpoint once that is committed.</summary>
internal sealed class CheckpointSnapshot
{
    internal ulong Lsn { get; init; }

    internal bool IsClean { get; set; }

    /// <summary><see cref="SegmentList.Replacements"/> when it was taken: it names no segment deleted up to then.</summary>
    internal long Replacements { get; init; }

    /// <summary>The segment being written.</summary>
    internal required Segment Tail { get; init; }

    internal List<SegmentSnapshot> Segments { get; } = [];

    internal ulong UncertainThroughLsn { get; init; }

    /// <summary><see cref="OwnerSweeps.Cleared"/> when it was taken.</summary>
    internal long Swept { get; init; }

    /// <summary>What the segments still show as live and nobody holds.</summary>
    internal PendingSweep[] Sweeps { get; init; } = [];
}

/// <summary>One segment in a snapshot.</summary>
internal sealed class SegmentSnapshot
{
    internal required Segment Segment { get; init; }

    /// <summary>Number at the time the checkpoint is written; the segment may still wait for its file when copied.</summary>
    internal ulong Number => Segment.Number;

    internal ulong FirstLsn { get; init; }

    internal ulong LastLsn { get; init; }

    /// <summary>End of the batches covered.</summary>
    internal long End { get; init; }

    internal bool IsClosed { get; init; }

    internal bool IsCompacted { get; init; }

    internal int References { get; init; }

    internal int Live { get; init; }

    /// <summary>Null when none or all references are live.</summary>
    internal ulong[]? Words { get; init; }

    internal KeyValuePair<int, uint>[] Annotations { get; init; } = [];
}
