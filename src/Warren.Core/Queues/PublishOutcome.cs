namespace Warren.Core.Queues;

/// <summary>What became of a message at one queue, or at all queues it was routed to.</summary>
public enum PublishOutcome
{
    /// <summary>Every queue took it.</summary>
    Accepted,

    /// <summary>No queue was bound for it.</summary>
    Unroutable,

    /// <summary>At least one queue is full and refuses (x-overflow reject-publish): the publisher gets a nack.</summary>
    Rejected,

    /// <summary>The queue was deleted meanwhile.</summary>
    QueueGone,

    /// <summary>The log takes no records (disk full or failed): the publisher gets a nack.</summary>
    Refused,
}
