namespace Warren.Buffers;

/// <summary>The time for per-message stamps: read for the price of a load, right to about 10 ms.</summary>
/// <remarks>
/// Thread-safe. Never runs backwards: when the wall clock is set back, this one goes on at the pace of the monotonic
/// clock until the wall clock has caught up; when it is set forward, this one follows.
/// </remarks>
public sealed class CoarseClock : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _readAt; // the provider's timestamp at which _nowMs was right; guarded by _lock
    private long _nowMs;

    /// <summary>Starts the clock.</summary>
    /// <param name="time">Where the time and the timer that moves this clock come from.</param>
    public CoarseClock(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        _readAt = time.GetTimestamp();
        _nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        _timer = time.CreateTimer(static clock => ((CoarseClock)clock!).Advance(), this, Period, Period);
    }

    /// <summary>Milliseconds since the Unix epoch, as of the last beat.</summary>
    public long NowMs => Volatile.Read(ref _nowMs);

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
        }
    }
}
