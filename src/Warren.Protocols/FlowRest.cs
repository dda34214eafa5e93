using Warren.Buffers;
using Warren.Buffers.Scheduling;

namespace Warren.Protocols;

/// <summary>The moment a publisher rests after a batch that went to a queue its consumers cannot keep up with.</summary>
/// <remarks>
/// Thread-safe. Without it a publisher on a busy machine outruns consumers that are quick enough, and everybody pays for
/// paging out what is wanted at once. It ends when the queue has caught up, and in any case soon, because a queue may as
/// well grow for good reasons: the publisher always gets <see cref="BytesPerMs"/> through.
/// </remarks>
public sealed class FlowRest : IDisposable
{
    private const long BytesPerMs = 64 * 1024;
    private const long LargestBatch = 32 * 1024 * 1024; // what came before there was any congestion does not count
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(1);

    private readonly Lock _lock = new();
    private readonly ReadPause _pause;
    private readonly GuardedTimer _timer;
    private ICongestible? _queue;
    private long _looksLeft;
    private long _bytesAtLast;

    /// <summary>A rest that has not begun.</summary>
    public FlowRest(ReadPause pause, Scheduler scheduler)
    {
        ArgumentNullException.ThrowIfNull(scheduler);
        _pause = pause;
        _timer = scheduler.Timer(this, OnLook);
    }

    /// <summary>Rests from now on, for the longer the more bytes the publisher has sent since the last time.</summary>
    public void Begin(ICongestible queue, long bytesReceived)
    {
        lock (_lock)
        {
            _queue = queue;
            _looksLeft = Math.Max(1, Math.Min(bytesReceived - _bytesAtLast, LargestBatch) / BytesPerMs);
            _bytesAtLast = bytesReceived;
            _pause.Set(PauseReason.Flow);
            if (!_timer.Start(Look))
            {
                _pause.Clear(PauseReason.Flow); // disposed: the connection is going
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void OnLook()
    {
        lock (_lock)
        {
            if (_queue is null || (--_looksLeft > 0 && _queue.IsCongested))
            {
                return;
            }

            _queue = null;
            _timer.Stop();
        }

        _pause.Clear(PauseReason.Flow);
    }
}
