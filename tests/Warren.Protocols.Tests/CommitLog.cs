using Warren.Buffers.Commits;

namespace Warren.Protocols.Tests;

/// <summary>A log whose progress the test decides.</summary>
internal sealed class CommitLog : CommitSource
{
    /// <summary>Everything up to it is committed.</summary>
    public ulong Committed { get; set; }

    /// <summary>What is not committed never will be.</summary>
    public bool HasFailed { get; set; }

    public override CommitState StateOf(ulong position) =>
        position <= Committed ? CommitState.Committed : HasFailed ? CommitState.Failed : CommitState.Pending;

    /// <summary>A ticket for a position.</summary>
    public CommitTicket At(ulong position) => new(this, position);
}
