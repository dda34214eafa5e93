using Warren.Buffers.Commits;
using Warren.Core;
using Warren.Core.Commits;

namespace Warren.Management.Endpoints;

/// <summary>Waits until what a request has written is committed.</summary>
internal sealed class CommitWait : ICommitWaiter
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CommitTicket _ticket;

    private CommitWait(CommitTicket ticket) => _ticket = ticket;

    /// <summary>Waits.</summary>
    /// <param name="commits">The log's progress.</param>
    /// <param name="ticket">What was written.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TimeoutException">It was not committed in time.</exception>
    /// <exception cref="Core.Arguments.BrokerError">541: it will never be.</exception>
    public static async Task ForAsync(CommitNotifier commits, CommitTicket ticket, CancellationToken cancellationToken)
    {
        if (ticket.State == CommitState.Committed)
        {
            return;
        }

        var wait = new CommitWait(ticket);
        commits.Request();
        commits.Register(wait);
        await wait._done.Task.WaitAsync(Longest, cancellationToken);
    }

    /// <inheritdoc/>
    public bool OnProgress()
    {
        switch (_ticket.State)
        {
            case CommitState.Pending:
                return true;
            case CommitState.Committed:
                _done.TrySetResult();
                return false;
            default:
                _done.TrySetException(BrokerErrors.NotStored());
                return false;
        }
    }
}
