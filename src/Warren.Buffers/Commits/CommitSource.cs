namespace Warren.Buffers.Commits;

/// <summary>What tickets are for: a file of records with positions that become durable in order, or never.</summary>
/// <remarks>Thread-safe.</remarks>
public abstract class CommitSource
{
    /// <summary>How the record at a position stands. Once it is not pending it stays so.</summary>
    public abstract CommitState StateOf(ulong position);
}
