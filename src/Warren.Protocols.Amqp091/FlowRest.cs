namespace Warren.Protocols.Amqp091;

/// <summary>The moment a publisher rests after a batch that went to a queue its consumers cannot keep up with.</summary>
/// <remarks>
/// Thread-safe. Without it a publisher on a busy machine outruns consumers that are quick enough, and everybody pays for
/// paging out what is wanted at once. It is short, because a queue may as well grow for good reasons.
/// </remarks>
internal sealed class FlowRest : IDisposable
{
    private const long BytesPerMs = 64 * 1024;
    private const long LongestMs = 20;

    private readonly ReadPause _pause;
    private readonly ITimer _timer;
    private long _bytesAtLast;

    public FlowRest(ReadPause pause, TimeProvider time)
    {
        _pause = pause;
        _timer = time.CreateTimer(
            static s => ((FlowRest)s!)._pause.Clear(PauseReason.Flow), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Rests from now on for a moment, the longer the more bytes the publisher has sent since the last one.</summary>
    public void Begin(long bytesReceived)
    {
        long milliseconds = Math.Clamp((bytesReceived - _bytesAtLast) / BytesPerMs, 1, LongestMs);
        _bytesAtLast = bytesReceived;
        _pause.Set(PauseReason.Flow);
        if (!_timer.Change(TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan))
        {
            _pause.Clear(PauseReason.Flow); // disposed: the connection is going
        }
    }

    public void Dispose() => _timer.Dispose();
}
