using Warren.Buffers.Scheduling;

namespace Warren.Buffers;

/// <summary>The time for what happens per message: read for the price of a load, right to about 10 ms.</summary>
/// <remarks>
/// Thread-safe. <see cref="NowMs"/> is wall time, for what is stored and shown; <see cref="Uptime"/> is monotonic, for
/// everything that waits. The wall time never runs backwards: when the clock is set back, it goes on at the pace of the
/// monotonic clock until the wall clock has caught up; when the clock is set forward, it follows.
/// </remarks>
public sealed class CoarseClock : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly GuardedTimer _timer;
    private long _readAt; // the provider's timestamp at which _nowMs was right; guarded by _lock
    private long _nowMs;
    private long _uptimeMs;

    /// <summary>Starts a clock of its own.</summary>
    /// <param name="time">Where the time and the timer that moves this clock come from.</param>
    public CoarseClock(TimeProvider time)
        : this(new Scheduler(time))
    {
    }

    /// <summary>Starts the clock.</summary>
    /// <param name="scheduler">Where the time and the timer that moves this clock come from; not disposed here.</param>
    public CoarseClock(Scheduler scheduler)
    {
        ArgumentNullException.ThrowIfNull(scheduler);
        _time = scheduler.Time;
        _readAt = _time.GetTimestamp();
        _nowMs = _time.GetUtcNow().ToUnixTimeMilliseconds();
        _uptimeMs = scheduler.Now.Ms;
        _timer = scheduler.Every(Period, this, Advance);
    }

    /// <summary>Milliseconds since the Unix epoch, as of the last beat.</summary>
    public long NowMs => Volatile.Read(ref _nowMs);

    /// <summary>The monotonic time as of the last beat.</summary>
    public Uptime Uptime => new(Volatile.Read(ref _uptimeMs));

    /// <summary>
    /// The moment of the monotonic clock at which wall time will be, or was, <paramref name="wallMs"/>, as far as is known now.
    /// </summary>
    public Uptime UptimeAt(long wallMs) => wallMs == long.MaxValue ? Uptime.Never : Uptime + (wallMs - NowMs);

    /// <summary>The wall time of a moment of the monotonic clock, as far as is known now; <see cref="long.MaxValue"/>: never.</summary>
    public long WallMsAt(Uptime moment) =>
        moment == Uptime.Never ? long.MaxValue : NowMs + (moment - Uptime);

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Advance()
    {
        lock (_lock)
        {
            // Whole milliseconds only are taken off the monotonic clock, so that fractions add up instead of getting lost.
            long elapsedMs = (long)_time.GetElapsedTime(_readAt, _time.GetTimestamp()).TotalMilliseconds;
            _readAt += elapsedMs * _time.TimestampFrequency / 1000;
            long wallMs = _time.GetUtcNow().ToUnixTimeMilliseconds();
            Volatile.Write(ref _nowMs, Math.Max(_nowMs + elapsedMs, wallMs));
            Volatile.Write(ref _uptimeMs, Uptime.Of(_time).Ms);
        }
    }
}
