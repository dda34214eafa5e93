namespace Warren.Storage;

/// <summary>How reading a record went.</summary>
public enum RecordReadResult
{
    /// <summary>The payload was copied.</summary>
    Ok = 0,

    /// <summary>No owner holds the record any more, or it never existed.</summary>
    Gone = 1,

    /// <summary>The bytes on the disk are wrong.</summary>
    Damaged = 2,

    /// <summary>The disk failed.</summary>
    IOError = 3,

    /// <summary>The record is not committed yet: its bytes may not be on the disk.</summary>
    NotCommitted = 4,
}
