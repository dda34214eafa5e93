namespace Warren.FaultTests;

/// <summary>The machine's time, which a test may set forward: timers that are due by then fire at once.</summary>
/// <remarks>Thread-safe. Runs on by itself, because a whole broker waits for timers nobody knows of.</remarks>
public sealed class LaterTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly HashSet<LaterTimer> _timers = [];
    private long _shift; // TimeSpan ticks

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Shift;

    /// <inheritdoc/>
    public override long GetTimestamp() => System.GetElapsedTime(0).Ticks + Shift.Ticks;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new LaterTimer(this, callback, state);
        lock (_lock)
        {
            _timers.Add(timer);
        }

        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Lets time pass.</summary>
    public void Advance(TimeSpan by)
    {
        LaterTimer[] timers;
        lock (_lock)
        {
            _shift += by.Ticks;
            timers = [.. _timers];
        }

        foreach (LaterTimer timer in timers)
        {
            timer.Arm();
        }
    }

    private TimeSpan Shift => new(Interlocked.Read(ref _shift));

    private sealed class LaterTimer : ITimer
    {
        private readonly Lock _lock = new();
        private readonly LaterTime _time;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private readonly ITimer _timer;
        private long _dueAt = long.MaxValue; // timestamp; guarded by _lock, as the fields below
        private TimeSpan _period = Timeout.InfiniteTimeSpan;
        private bool _isDisposed;

        internal LaterTimer(LaterTime time, TimerCallback callback, object? state)
        {
            _time = time;
            _callback = callback;
            _state = state;
            _timer = System.CreateTimer(
                static timer => ((LaterTimer)timer!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_lock)
            {
                if (_isDisposed)
                {
                    return false;
                }

                _period = period;
                _dueAt = dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : _time.GetTimestamp() + dueTime.Ticks;
            }

            Arm();
            return true;
        }

        public void Dispose()
        {
            lock (_lock)
            {
                _isDisposed = true;
                _dueAt = long.MaxValue;
            }

            _timer.Dispose();
            lock (_time._lock)
            {
                _time._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        internal void Arm()
        {
            lock (_lock)
            {
                if (!_isDisposed && _dueAt != long.MaxValue)
                {
                    _timer.Change(new TimeSpan(Math.Max(0, _dueAt - _time.GetTimestamp())), Timeout.InfiniteTimeSpan);
                }
            }
        }

        private void Fire()
        {
            lock (_lock)
            {
                if (_dueAt == long.MaxValue)
                {
                    return;
                }

                // The machine's timers are right to a millisecond and may be early by one.
                if (_dueAt - _time.GetTimestamp() > TimeSpan.TicksPerMillisecond)
                {
                    Arm();
                    return;
                }

                _dueAt = _period == Timeout.InfiniteTimeSpan ? long.MaxValue : _time.GetTimestamp() + _period.Ticks;
                Arm();
            }

            _callback(_state);
        }
    }
}
