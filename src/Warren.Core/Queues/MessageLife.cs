using Warren.Buffers;
using Warren.Buffers.Scheduling;
using Warren.Core.Messages;

namespace Warren.Core.Queues;

/// <summary>How long the messages of one queue live.</summary>
/// <remarks>
/// Not thread-safe: the queue's lock guards it. Reckoned from wall time once, when a message comes, and monotonic from
/// then on: a step of the wall clock neither drops messages nor keeps them for ever.
/// </remarks>
internal sealed class MessageLife(CoarseClock clock)
{
    /// <summary>Whether any message so far is to expire: as long as not, nobody looks at their times.</summary>
    public bool IsLimited { get; private set; }

    /// <summary>When a message that has just come expires. A copy of a retained one has lived before.</summary>
    public Uptime EndOf(Message message, QueueLimits limits)
    {
        MessageFlags flags = message.Flags;
        long fromMs = (flags & MessageFlags.Retained) != 0 ? message.PublishedAtMs : long.MaxValue;
        return EndOf((flags & MessageFlags.HasTtl) != 0 ? message.TtlMs : -1, fromMs, limits);
    }

    /// <summary>When a message expires.</summary>
    /// <param name="ownTtlMs">Its own time to live; below zero: none.</param>
    /// <param name="fromMs">When it began, wall time. In the future, by a clock that was set back since, counts as now.</param>
    /// <param name="limits">The limits in force.</param>
    public Uptime EndOf(long ownTtlMs, long fromMs, QueueLimits limits)
    {
        long ttlMs = limits.TtlOf(ownTtlMs);
        if (ttlMs < 0)
        {
            return Uptime.Never;
        }

        IsLimited = true;
        return clock.Uptime + (ttlMs - Math.Max(0, clock.NowMs - fromMs));
    }
}
