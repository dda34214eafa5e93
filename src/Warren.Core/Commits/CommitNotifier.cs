using Warren.Storage;

namespace Warren.Core.Commits;

/// <summary>A connection with something that waits for the log.</summary>
public interface ICommitWaiter
{
    /// <summary>The log has committed everything up to this LSN. Must not block.</summary>
    /// <returns>True to be called again after the next commit.</returns>
    bool OnCommitted(ulong committedLsn);
}

/// <summary>Tells connections of the log's progress: each once for a commit, however many messages it confirms.</summary>
/// <remarks>Thread-safe. A few are told on the log's own thread, which is the shortest way; many on the pool.</remarks>
public sealed class CommitNotifier : IDisposable
{
    private const int InlineMax = 4;

    private readonly Lock _lock = new();
    private readonly ShardLog _log;
    private HashSet<ICommitWaiter> _waiting = [];
    private HashSet<ICommitWaiter>? _spare; // empty; null while it is used

    internal CommitNotifier(ShardLog log)
    {
        _log = log;
        log.Committed += OnCommitted;
    }

    /// <summary>Everything up to this LSN is on the disk.</summary>
    public ulong CommittedLsn => _log.CommittedLsn;

    /// <summary>True while more waits for the disk than should: publishers pause.</summary>
    public bool IsBackedUp => _log.IsBackedUp;

    /// <summary>Something was appended: have it committed. Once for a read batch.</summary>
    public void Request() => _log.RequestCommit();

    /// <summary>Calls the waiter after each commit until it has enough. Adding it twice is adding it once.</summary>
    public void Register(ICommitWaiter waiter)
    {
        lock (_lock)
        {
            _waiting.Add(waiter);
        }

        // A commit may have ended between the caller's look and the registration; the next one would come only with
        // the next record.
        if (_log.CommittedLsn >= _log.LastLsn)
        {
            OnCommitted(_log.CommittedLsn);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _log.Committed -= OnCommitted;

    private void OnCommitted(ulong committedLsn)
    {
        HashSet<ICommitWaiter> told;
        lock (_lock)
        {
            if (_waiting.Count == 0)
            {
                return;
            }

            told = _waiting;
            _waiting = _spare ?? [];
            _spare = null;
        }

        if (told.Count <= InlineMax)
        {
            foreach (ICommitWaiter waiter in told)
            {
                Tell(waiter, committedLsn);
            }
        }
        else
        {
            foreach (ICommitWaiter waiter in told)
            {
                ThreadPool.UnsafeQueueUserWorkItem(
                    static s => s.Notifier.Tell(s.Waiter, s.Lsn),
                    (Notifier: this, Waiter: waiter, Lsn: committedLsn),
                    preferLocal: false);
            }
        }

        told.Clear();
        lock (_lock)
        {
            _spare = told;
        }
    }

    private void Tell(ICommitWaiter waiter, ulong committedLsn)
    {
        ulong told = Math.Max(committedLsn, _log.CommittedLsn);
        while (waiter.OnCommitted(told))
        {
            lock (_lock)
            {
                _waiting.Add(waiter);
            }

            // A commit that ended in between did not find it. One that is told already is not told again: the waiter
            // may be waiting for what nobody has appended yet.
            ulong now = _log.CommittedLsn;
            if (now == told || !Take(waiter))
            {
                return;
            }

            told = now;
        }
    }

    // False: another commit has it.
    private bool Take(ICommitWaiter waiter)
    {
        lock (_lock)
        {
            return _waiting.Remove(waiter);
        }
    }
}
