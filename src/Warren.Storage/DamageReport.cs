namespace Warren.Storage;

/// <summary>What recovery or a reader found broken. Nothing is dropped without one of these.</summary>
public enum DamageKind
{
    /// <summary>An unfinished last write was cut off; it was never confirmed, unless the disk lost synced bytes.</summary>
    TornTail = 1,

    /// <summary>Records that had been committed are gone; the LSN range says which.</summary>
    LostRecords = 2,

    /// <summary>A record's bytes are wrong; it is never delivered.</summary>
    DamagedRecord = 3,

    /// <summary>A file with redundant content was broken and has been rebuilt; nothing is lost.</summary>
    Repaired = 4,

    /// <summary>What had been given back may be live again: the book-keeping of a segment was lost.</summary>
    ReleasesForgotten = 5,
}

/// <summary>One place of damage.</summary>
/// <param name="Kind">What kind.</param>
/// <param name="File">The file's name inside the shard's directory.</param>
/// <param name="Offset">Byte offset in the file.</param>
/// <param name="FirstLsn">First LSN concerned, 0 when unknown.</param>
/// <param name="LastLsn">Last LSN concerned, 0 when unknown.</param>
/// <param name="Text">A sentence for the operator.</param>
public sealed record DamageReport(DamageKind Kind, string File, long Offset, ulong FirstLsn, ulong LastLsn, string Text)
{
    /// <summary>Records concerned that somebody holds; 0 when that is not known.</summary>
    public long Records { get; init; }
}
