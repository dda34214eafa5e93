namespace Warren.Buffers.Tests.Scheduling;

/// <summary>Time that moves when told to; timers fire inside that call. The wall clock can be set without time passing.</summary>
/// <remarks>Not thread-safe, but timers may be made and changed from any thread.</remarks>
internal sealed class SteppedTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<SteppedTimer> _timers = [];
    private DateTimeOffset _wall = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private long _ticks = TimeSpan.TicksPerDay;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _wall;
        }
    }

    public override long GetTimestamp() => Volatile.Read(ref _ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SteppedTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        lock (_lock)
        {
            _timers.Add(timer);
        }

        return timer;
    }

    /// <summary>Somebody sets the clock on the wall; no time passes.</summary>
    public void SetWall(TimeSpan by)
    {
        lock (_lock)
        {
            _wall += by;
        }
    }

    /// <summary>Lets time pass, in steps short enough that timers come one after the other.</summary>
    public void Elapse(TimeSpan by)
    {
        for (TimeSpan step = TimeSpan.FromMilliseconds(10); by > TimeSpan.Zero; by -= step)
        {
            step = by < step ? by : step;
            lock (_lock)
            {
                _wall += step;
            }

            Interlocked.Add(ref _ticks, step.Ticks);
            TakeDue().ForEach(static timer => timer.Fire());
        }
    }

    private List<SteppedTimer> TakeDue()
    {
        lock (_lock)
        {
            return [.. _timers.Where(timer => timer.TakeDue(_ticks))];
        }
    }

    private sealed class SteppedTimer(SteppedTime time, Action fire) : ITimer
    {
        private long _due = long.MaxValue;
        private TimeSpan _period;

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._lock)
            {
                _due = dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : time._ticks + dueTime.Ticks;
                _period = period;
            }

            return true;
        }

        public bool TakeDue(long now)
        {
            if (_due > now)
            {
                return false;
            }

            _due = _period > TimeSpan.Zero ? now + _period.Ticks : long.MaxValue;
            return true;
        }

        public void Dispose()
        {
            lock (time._lock)
            {
                time._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
