using Warren.Buffers.Scheduling;

namespace Warren.Core.Queues;

/// <summary>When a queue wants to be called next: messages that expire, the queue that does, work that goes on in steps.</summary>
/// <remarks>
/// Not thread-safe: the queue's lock guards it. It knows its own time, so that most calls do not come as far as the
/// scheduler; a queue that never waits for anything has no deadline there.
/// </remarks>
internal sealed class QueueWake
{
    private readonly QueueServices _services;
    private readonly IDue _queue;
    private Deadline? _deadline;
    private Uptime _at = Uptime.Never;
    private Uptime _lastUsed;

    public QueueWake(QueueServices services, IDue queue)
    {
        _services = services;
        _queue = queue;
        _lastUsed = services.Clock.Uptime;
    }

    /// <summary>Calls at this time at the latest.</summary>
    public void NoLaterThan(Uptime at)
    {
        if (at < _at)
        {
            _at = at;
            (_deadline ??= new Deadline(_services.Scheduler, _queue)).SetEarlier(at);
        }
    }

    /// <summary>The time has come.</summary>
    public void Woke() => _at = Uptime.Never;

    /// <summary>The queue is gone.</summary>
    public void Cancel()
    {
        _at = Uptime.Never;
        _deadline?.Cancel();
    }

    /// <summary>The queue is in use: its x-expires starts anew.</summary>
    public void Use(QueueLimits limits)
    {
        if (limits.ExpiresMs is not null)
        {
            _lastUsed = _services.Clock.Uptime;
            AwaitExpiry(limits);
        }
    }

    /// <summary>Calls when the x-expires of a queue without consumers is over.</summary>
    public void AwaitExpiry(QueueLimits limits)
    {
        if (limits.ExpiresMs is { } expires)
        {
            NoLaterThan(_lastUsed + expires);
        }
    }

    /// <summary>Whether the x-expires of a queue without consumers is over.</summary>
    public bool IsQueueExpired(QueueLimits limits, Uptime now) =>
        limits.ExpiresMs is { } expires && now - _lastUsed >= expires;
}
