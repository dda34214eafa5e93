using Warren.Buffers.Commits;
using Warren.Buffers.Scheduling;
using Warren.Storage;

namespace Warren.Core.Commits;

/// <summary>Something that waits for tickets of the log.</summary>
public interface ICommitWaiter
{
    /// <summary>The log has come further, or has failed: look at the tickets. Must not block.</summary>
    /// <returns>True to be called again after the next commit.</returns>
    bool OnProgress();
}

/// <summary>Tells connections of the log's progress: each once for a commit, however many messages it confirms.</summary>
/// <remarks>Thread-safe. A few are told on the log's own thread, which is the shortest way; many on the pool.</remarks>
public sealed class CommitNotifier : IDisposable
{
    private const int InlineMax = 4;
    private const ulong Ended = ulong.MaxValue; // no commit follows this

    private readonly Lock _lock = new();
    private readonly ShardLog _log;
    private readonly Scheduler _scheduler;
    private HashSet<ICommitWaiter> _waiting = [];
    private HashSet<ICommitWaiter>? _spare; // empty; null while it is used

    internal CommitNotifier(ShardLog log, Scheduler scheduler)
    {
        _scheduler = scheduler;
        _log = log;
        log.Committed += OnCommitted;
        log.StateChanged += OnStateChanged;
    }

    /// <summary>True while more waits for the disk than should: publishers pause.</summary>
    public bool IsBackedUp => _log.IsBackedUp;

    /// <summary>What everything that was done so far waits for.</summary>
    public CommitTicket Barrier() => _log.Barrier();

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
        if (Progress == Ended || _log.CommittedLsn >= _log.LastLsn)
        {
            TellAll();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _log.Committed -= OnCommitted;
        _log.StateChanged -= OnStateChanged;
    }

    private ulong Progress => _log.State is LogState.Failed or LogState.Closed ? Ended : _log.CommittedLsn;

    private void OnCommitted(ulong committedLsn) => TellAll();

    private void OnStateChanged(LogState state, Exception? error)
    {
        if (state == LogState.Failed)
        {
            TellAll();
        }
    }

    private void TellAll()
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
                Tell(waiter);
            }
        }
        else
        {
            foreach (ICommitWaiter waiter in told)
            {
                _scheduler.Post(
                    waiter, static s => s.Notifier.Tell(s.Waiter), (Notifier: this, Waiter: waiter));
            }
        }

        told.Clear();
        lock (_lock)
        {
            _spare = told;
        }
    }

    // What throws here would end the log's own thread, and with it the process.
    private void Tell(ICommitWaiter waiter)
    {
        try
        {
            TellUntilEnough(waiter);
        }
        catch (Exception fault)
        {
            _scheduler.Report(waiter, fault);
        }
    }

    private void TellUntilEnough(ICommitWaiter waiter)
    {
        ulong told = Progress;
        while (waiter.OnProgress())
        {
            if (told == Ended)
            {
                return; // nothing follows
            }

            lock (_lock)
            {
                _waiting.Add(waiter);
            }

            // A commit that ended in between did not find it. One that is told already is not told again: the waiter
            // may be waiting for what nobody has appended yet.
            ulong now = Progress;
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
