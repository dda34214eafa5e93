using Warren.Core.Commits;

namespace Warren.Management.Endpoints;

/// <summary>Waits until the log has committed what a request has written.</summary>
internal sealed class CommitWait : ICommitWaiter
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ulong _lsn;

    private CommitWait(ulong lsn) => _lsn = lsn;

    /// <summary>Waits.</summary>
    /// <param name="commits">The log's progress.</param>
    /// <param name="lsn">What was written; 0: nothing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TimeoutException">The log has not committed it in time.</exception>
    public static async Task ForAsync(CommitNotifier commits, ulong lsn, CancellationToken cancellationToken)
    {
        if (lsn == 0 || commits.CommittedLsn >= lsn)
        {
            return;
        }

        var wait = new CommitWait(lsn);
        commits.Request();
        commits.Register(wait);
        await wait._done.Task.WaitAsync(Longest, cancellationToken);
    }

    /// <inheritdoc/>
    public bool OnCommitted(ulong committedLsn)
    {
        if (committedLsn < _lsn)
        {
            return true;
        }

        _done.TrySetResult();
        return false;
    }
}
