namespace Warren.Protocols.Tests.Mqtt.InMemory;

/// <summary>A clock that moves when the test says so; the timers that fall due fire inside that call.</summary>
/// <remarks>Thread-safe. A timer that would have fired many times in one step fires once.</remarks>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _now;
        }
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        lock (_lock)
        {
            _timers.Add(timer);
        }

        return timer;
    }

    /// <summary>Moves the clock, then fires what is due, oldest timers first: the broker's clock is one of them.</summary>
    public void Advance(TimeSpan by)
    {
        lock (_lock)
        {
            _now += by;
        }

        while (TakeDue() is { Count: > 0 } due)
        {
            due.ForEach(static fire => fire());
        }
    }

    private List<Action> TakeDue()
    {
        lock (_lock)
        {
            return [.. _timers.Where(t => t.TakeDue(_now)).Select(t => t.Fire)];
        }
    }

    private sealed class ManualTimer(ManualTime time, Action fire) : ITimer
    {
        private DateTimeOffset _due = DateTimeOffset.MaxValue;
        private TimeSpan _period;

        public Action Fire { get; } = fire;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._lock)
            {
                _due = dueTime == Timeout.InfiniteTimeSpan ? DateTimeOffset.MaxValue : time._now + dueTime;
                _period = period;
            }

            return true;
        }

        public bool TakeDue(DateTimeOffset now)
        {
            if (_due > now)
            {
                return false;
            }

            _due = _period > TimeSpan.Zero ? now + _period : DateTimeOffset.MaxValue;
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
