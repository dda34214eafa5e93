namespace Warren.Protocols.Amqp091;

/// <summary>The moment a publisher rests after a batch that went to a queue its consumers cannot keep up with.</summary>
/// <remarks>
/// Thread-safe. Without it a publisher on a busy machine outruns consumers that are quick enough, and everybody pays for
/// paging out what is wanted at once. It is short, because a queue may as well grow for good reasons.
/// </remarks>
internal sealed class FlowRest : IDisposable
{
    private static readonly TimeSpan Length = TimeSpan.FromMilliseconds(1);

    private readonly ReadPause _pause;
    private readonly ITimer _timer;

    public FlowRest(ReadPause pause, TimeProvider time)
    {
        _pause = pause;
        _timer = time.CreateTimer(
            static s => ((FlowRest)s!)._pause.Clear(PauseReason.Flow), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Rests from now on for a moment.</summary>
    public void Begin()
    {
        _pause.Set(PauseReason.Flow);
        if (!_timer.Change(Length, Timeout.InfiniteTimeSpan))
        {
            _pause.Clear(PauseReason.Flow); // disposed: the connection is going
        }
    }

    public void Dispose() => _timer.Dispose();
}
