namespace Warren.Storage;

/// <summary>What the log accepts.</summary>
public enum LogState
{
    /// <summary>Everything.</summary>
    Open = 0,

    /// <summary>No space for the next segment: records with bodies are refused, giving back goes on; ends by itself.</summary>
    OutOfSpace = 1,

    /// <summary>A write or sync failed: nothing more is confirmed until the next start.</summary>
    Failed = 2,

    /// <summary>Disposed.</summary>
    Closed = 3,
}
