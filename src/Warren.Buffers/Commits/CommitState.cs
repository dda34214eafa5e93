namespace Warren.Buffers.Commits;

/// <summary>How something that was appended stands.</summary>
public enum CommitState
{
    /// <summary>On its way to the disk.</summary>
    Pending = 0,

    /// <summary>On the disk: it may be answered with yes.</summary>
    Committed = 1,

    /// <summary>It will never be known to be on the disk: it must be answered with no, or not at all.</summary>
    Failed = 2,
}
