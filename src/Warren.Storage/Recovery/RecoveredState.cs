using Warren.Storage.Format;
using Warren.Storage.Memory;

namespace Warren.Storage.Recovery;

/// <summary>What the segments and the checkpoint say, while a log is opened.</summary>
internal sealed class RecoveredState
{
    internal SegmentList Segments { get; } = new();

    internal OwnerTable Owners { get; } = new();

    internal List<ControlRecord> Controls { get; } = [];

    /// <summary>What the checkpoint says was given back and its bitmaps may still show as live.</summary>
    internal List<PendingSweep> Sweeps { get; } = [];

    /// <summary>Records up to this may have been delivered before the checkpoint's run began.</summary>
    internal ulong UncertainThroughLsn { get; set; }

    internal List<DamageReport> Damage { get; } = [];

    /// <summary>The last LSN seen.</summary>
    internal ulong LastLsn { get; set; }

    /// <summary>State up to this LSN comes from the checkpoint.</summary>
    internal ulong CheckpointLsn { get; set; }

    /// <summary>Everything up to this LSN was once known to be on the disk.</summary>
    internal ulong DurableLsn { get; set; }

    internal bool IsClean { get; set; }

    /// <summary>The last batch of the log, when nothing says that it was durable.</summary>
    internal (Segment Segment, long Offset, int Length, int FirstRecord)? LastBatch { get; set; }

    internal void Report(DamageKind kind, string file, long offset, ulong first, ulong last, string text) =>
        Damage.Add(new DamageReport(kind, file, offset, first, last, text));
}
