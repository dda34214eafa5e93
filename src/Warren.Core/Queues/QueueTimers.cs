namespace Warren.Core.Queues;

/// <summary>Something that wants to be called at a time.</summary>
internal interface IDue
{
    /// <summary>The time has come. On a pool thread, outside every lock.</summary>
    void OnDue(long nowMs);
}

/// <summary>One timer for all queues: message expiry, queue expiry, consumer time-outs.</summary>
/// <remarks>Thread-safe. Cheap while nothing is scheduled: the timer runs only until the earliest time.</remarks>
internal sealed class QueueTimers : IDisposable
{
    private const long LongestWaitMs = 60_000;

    private readonly Lock _lock = new();
    private readonly PriorityQueue<IDue, long> _due = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _armedForMs = long.MaxValue;
    private bool _disposed;

    public QueueTimers(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(static s => ((QueueTimers)s!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Calls <paramref name="item"/> at <paramref name="dueMs"/> (Unix milliseconds) or a little later, once.</summary>
    public void Schedule(IDue item, long dueMs)
    {
        lock (_lock)
        {
            _due.Enqueue(item, dueMs);
            Arm(dueMs);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _due.Clear();
        }

        _timer.Dispose();
    }

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private void Arm(long dueMs)
    {
        if (dueMs < _armedForMs && !_disposed)
        {
            _armedForMs = dueMs;
            long wait = Math.Clamp(dueMs - NowMs, 1, LongestWaitMs);
            _timer.Change(TimeSpan.FromMilliseconds(wait), Timeout.InfiniteTimeSpan);
        }
    }

    private void Fire()
    {
        while (true)
        {
            IDue? item = null;
            long now = NowMs;
            lock (_lock)
            {
                if (_due.TryPeek(out _, out long due) && due <= now)
                {
                    item = _due.Dequeue();
                }
                else
                {
                    _armedForMs = long.MaxValue;
                    if (_due.Count > 0)
                    {
                        Arm(due);
                    }

                    return;
                }
            }

            item.OnDue(now);
        }
    }
}
