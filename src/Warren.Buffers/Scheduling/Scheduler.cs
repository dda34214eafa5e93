namespace Warren.Buffers.Scheduling;

/// <summary>
/// Everything a broker does later or elsewhere: deadlines of objects, timers, work for the pool. What throws there costs
/// the one call, is counted and reported, and ends nothing else.
/// </summary>
/// <remarks>
/// Thread-safe; its lock is a leaf under which nothing is called. Deadlines run on the thread of its timer, one after the
/// other; when one of them takes its time, further threads, up to <see cref="RunnersMax"/>, take the others. So one that
/// waits for a disk holds up nobody, and a hundred thousand that fall due at once do not flood the pool. By design the
/// only place that may use raw timers and the raw pool: a test sees to it.
/// </remarks>
public sealed class Scheduler : IDisposable
{
    /// <summary>Threads that run deadlines at a time.</summary>
    public const int RunnersMax = 4;

    private const long LongestWaitMs = 60_000;
    private const long AfterFaultMs = 10_000;
    private const long HelpAfterMs = 5; // before another thread looks whether the deadlines behind a call are late
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly DeadlineHeap _deadlines = new();
    private readonly WorkItemPool _items;
    private readonly TimeProvider _time;
    private readonly Action<object, Exception>? _onFault;
    private ITimer? _timer; // made with the first deadline
    private Uptime _armedFor = Uptime.Never;
    private int _runners;
    private long _faults;
    private long _unreported;
    private bool _isHeld;
    private bool _disposed;

    /// <param name="time">Where time and timers come from.</param>
    /// <param name="onFault">
    /// Told whose call has failed and how. On any thread, must not block. For the log.
    /// </param>
    /// <param name="isHeld">Whether deadlines wait for <see cref="Go"/>, as while a broker reads what is stored.</param>
    public Scheduler(TimeProvider time, Action<object, Exception>? onFault = null, bool isHeld = false)
    {
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        _onFault = onFault;
        _isHeld = isHeld;
        _items = new WorkItemPool(this);
    }

    /// <summary>Where its time comes from.</summary>
    public TimeProvider Time => _time;

    /// <summary>Now, exactly.</summary>
    public Uptime Now => Uptime.Of(_time);

    /// <summary>Deadlines that are set.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _deadlines.Count;
            }
        }
    }

    /// <summary>Calls that threw, since the start.</summary>
    public long Faults => Interlocked.Read(ref _faults);

    /// <summary>Faults of which the log could not be told.</summary>
    public long Unreported => Interlocked.Read(ref _unreported);

    /// <summary>Calls again and again, until it is disposed.</summary>
    /// <param name="period">Between two calls, and before the first.</param>
    /// <param name="owner">Whose call it is; its <see cref="object.ToString"/> names it in the log.</param>
    /// <param name="call">On a pool thread; must not wait for a session's lock.</param>
    public GuardedTimer Every(TimeSpan period, object owner, Action call) => new(Report, _time, owner, call, period);

    /// <summary>A timer that has not started.</summary>
    /// <param name="owner">Whose call it is; its <see cref="object.ToString"/> names it in the log.</param>
    /// <param name="call">On a pool thread; must not wait for a session's lock.</param>
    public GuardedTimer Timer(object owner, Action call) => new(Report, _time, owner, call, Timeout.InfiniteTimeSpan);

    /// <summary>Runs an item on the pool. Allocates nothing as a rule.</summary>
    public void Post(IThreadPoolWorkItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        ThreadPool.UnsafeQueueUserWorkItem(_items.Rent(item), preferLocal: false);
    }

    /// <summary>Does something on the pool.</summary>
    /// <param name="owner">Whose work it is; its <see cref="object.ToString"/> names it in the log.</param>
    /// <param name="work">What to do.</param>
    /// <param name="state">Handed to it.</param>
    public void Post<TState>(object owner, Action<TState> work, TState state) =>
        ThreadPool.UnsafeQueueUserWorkItem(new GuardedCall<TState>(this, owner, work, state), preferLocal: false);

    /// <summary>Counts and reports what a guard of somebody else has caught.</summary>
    /// <param name="owner">Whose fault it is.</param>
    /// <param name="fault">The fault.</param>
    public void Report(object owner, Exception fault) => Report(owner, fault, isQuiet: false);

    /// <summary>Deadlines run from now on.</summary>
    public void Go()
    {
        lock (_lock)
        {
            _isHeld = false;
            Arm(Now);
        }
    }

    /// <summary>Gives every deadline up, and waits a few seconds for those whose call is under way.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _deadlines.Clear();
        }

        _timer?.Dispose();
        SpinWait.SpinUntil(() => Volatile.Read(ref _runners) == 0, StopLimit);
    }

    internal void Set(Deadline deadline, Uptime at, bool onlyEarlier)
    {
        lock (_lock)
        {
            if (_disposed || (onlyEarlier && deadline.Slot >= 0 && _deadlines.TimeOf(deadline) <= at))
            {
                return;
            }

            if (at == Uptime.Never)
            {
                Forget(deadline);
                return;
            }

            deadline.IsCancelled = false;
            _deadlines.Set(deadline, at);
            if (_deadlines.Earliest < _armedFor)
            {
                Arm(Now);
            }
        }
    }

    internal void Cancel(Deadline deadline)
    {
        lock (_lock)
        {
            deadline.IsCancelled = true;
            Forget(deadline);
        }
    }

    private void Report(object owner, Exception fault, bool isQuiet)
    {
        Interlocked.Increment(ref _faults);
        if (isQuiet || _onFault is null)
        {
            return;
        }

        try
        {
            _onFault(owner, fault);
        }
        catch (Exception)
        {
            Interlocked.Increment(ref _unreported);
        }
    }

    private void Forget(Deadline deadline)
    {
        deadline.FellDue = Uptime.Never;
        if (deadline.Slot >= 0)
        {
            _deadlines.Remove(deadline);
        }
    }

    // Under the lock. The timer fires for the earliest; early firings find nothing and arm it again.
    private void Arm(Uptime now)
    {
        if (_isHeld || _disposed)
        {
            return;
        }

        Uptime next = _deadlines.Earliest;
        _armedFor = next;
        if (next != Uptime.Never)
        {
            long wait = Math.Clamp(next <= now ? 0 : next - now, _runners > 0 ? HelpAfterMs : 1, LongestWaitMs);
            _armedFor = now + wait;
            _timer ??= _time.CreateTimer(
                static s => ((Scheduler)s!).Run(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(TimeSpan.FromMilliseconds(wait), Timeout.InfiniteTimeSpan);
        }
    }

    private void Run()
    {
        lock (_lock)
        {
            _armedFor = Uptime.Never;
            if (_runners == RunnersMax)
            {
                return; // each of them looks again when its call is over
            }

            _runners++;
        }

        while (TakeDue() is { } due)
        {
            Call(due);
        }
    }

    // The next one to call; null: none, and this thread runs no more.
    private Deadline? TakeDue()
    {
        lock (_lock)
        {
            Uptime now = Now;
            while (!_disposed && _deadlines.Earliest <= now)
            {
                Deadline due = _deadlines.Take();
                if (due.IsRunning)
                {
                    due.FellDue = now; // its last call is still under way: the other thread calls it again
                    continue;
                }

                due.IsRunning = true;
                due.IsCancelled = false;
                if (_deadlines.Earliest < _armedFor)
                {
                    Arm(now);
                }

                return due;
            }

            _runners--;
            if (_deadlines.Earliest < _armedFor)
            {
                Arm(now);
            }

            return null;
        }
    }

    private void Call(Deadline deadline)
    {
        Uptime again = Uptime.Never;
        try
        {
            deadline.Due.OnDue(Now);
        }
        catch (Exception fault)
        {
            Report(deadline.Due, fault, isQuiet: false);
            again = Now + AfterFaultMs;
        }

        lock (_lock)
        {
            deadline.IsRunning = false;
            bool failed = again != Uptime.Never;
            again = Uptime.Min(again, deadline.FellDue);
            deadline.FellDue = Uptime.Never;
            if (again == Uptime.Never || deadline.IsCancelled || _disposed)
            {
                return;
            }

            // What failed has its rest, also when it has asked to be called at once.
            if (deadline.Slot < 0 || (failed && _deadlines.TimeOf(deadline) < again))
            {
                _deadlines.Set(deadline, again);
            }
        }
    }
}
