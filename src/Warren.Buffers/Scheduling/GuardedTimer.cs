namespace Warren.Buffers.Scheduling;

/// <summary>A timer of its own for what must not wait behind others: the clock, the heartbeats, a publisher's rest.</summary>
/// <remarks>
/// Thread-safe. Never calls twice at a time: what falls due while the call runs is left out, but for what was asked for
/// once, which comes right after it. A call that throws is reported, the first of a run of them only, and the timer goes on.
/// </remarks>
public sealed class GuardedTimer : IDisposable
{
    private readonly Action<object, Exception, bool> _report;
    private readonly object _owner;
    private readonly Action _call;
    private readonly ITimer _timer;
    private int _isRunning;
    private int _isOwed; // a call that was asked for once
    private bool _isOnce;
    private bool _hasFailed; // the last time; whoever is running has it

    /// <summary>A timer outside a broker's scheduler, which has not started.</summary>
    /// <param name="time">Where timers come from.</param>
    /// <param name="call">What to call.</param>
    /// <param name="onFault">Told what it has thrown; must not throw.</param>
    public GuardedTimer(TimeProvider time, Action call, Action<Exception> onFault)
        : this((_, fault, _) => onFault(fault), time, call, call, Timeout.InfiniteTimeSpan)
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(onFault);
    }

    internal GuardedTimer(
        Action<object, Exception, bool> report, TimeProvider time, object owner, Action call, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(time);
        _report = report;
        _owner = owner;
        _call = call;
        _timer = time.CreateTimer(static s => ((GuardedTimer)s!).Call(), this, period, period);
    }

    /// <summary>Calls again and again from now on.</summary>
    /// <returns>False when it is disposed.</returns>
    public bool Start(TimeSpan period)
    {
        Volatile.Write(ref _isOnce, false);
        return _timer.Change(period, period);
    }

    /// <summary>Calls once, after a while.</summary>
    /// <returns>False when it is disposed.</returns>
    public bool StartOnce(TimeSpan delay)
    {
        Volatile.Write(ref _isOnce, true);
        return _timer.Change(delay, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Calls no more. One call may still be under way.</summary>
    public void Stop() => _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Call()
    {
        if (Volatile.Read(ref _isOnce))
        {
            Volatile.Write(ref _isOwed, 1);
        }

        while (Interlocked.Exchange(ref _isRunning, 1) == 0)
        {
            Volatile.Write(ref _isOwed, 0);
            CallOnce();
            Interlocked.Exchange(ref _isRunning, 0);
            if (Volatile.Read(ref _isOwed) == 0)
            {
                return;
            }
        }
    }

    private void CallOnce()
    {
        try
        {
            _call();
            _hasFailed = false;
        }
        catch (Exception fault)
        {
            _report(_owner, fault, _hasFailed);
            _hasFailed = true;
        }
    }
}
