namespace Warren.Storage;

/// <summary>Numbers of a log at one moment; counters count since it was opened.</summary>
public readonly record struct LogStatistics
{
    /// <summary>Segment files in use.</summary>
    public int Segments { get; init; }

    /// <summary>Bytes of records that somebody holds, frames included, near enough.</summary>
    public long LiveBytes { get; init; }

    /// <summary>Bytes of the segments that nobody needs.</summary>
    public long DeadBytes { get; init; }

    /// <summary>Records that somebody holds.</summary>
    public long LiveRecords { get; init; }

    /// <summary>References that are held.</summary>
    public long LiveReferences { get; init; }

    /// <summary>Owners that hold something.</summary>
    public int Owners { get; init; }

    /// <summary>Bytes appended and not committed.</summary>
    public long BacklogBytes { get; init; }

    /// <summary>Batches committed.</summary>
    public long Commits { get; init; }

    /// <summary>Syncs of the log.</summary>
    public long Syncs { get; init; }

    /// <summary>Bytes written to segments.</summary>
    public long WrittenBytes { get; init; }

    /// <summary>Checkpoints written.</summary>
    public long Checkpoints { get; init; }

    /// <summary>Compactions done.</summary>
    public long Compactions { get; init; }

    /// <summary>How long the last write and sync took.</summary>
    public TimeSpan LastCommitDuration { get; init; }
}
