namespace Warren.Core.Arguments;

/// <summary>The type of a queue, as argument <c>x-queue-type</c> names it.</summary>
public enum QueueKind
{
    /// <summary><c>classic</c>: any combination of properties.</summary>
    Classic,

    /// <summary><c>quorum</c>: durable, replicated, with a delivery limit.</summary>
    Quorum,

    /// <summary><c>stream</c>: a durable log that is read, not consumed.</summary>
    Stream,
}

/// <summary>What happens to a message that does not fit into a full queue (<c>x-overflow</c>).</summary>
public enum OverflowBehaviour
{
    /// <summary><c>drop-head</c>: the oldest message goes, to the dead-letter exchange if there is one.</summary>
    DropHead,

    /// <summary><c>reject-publish</c>: the new message is refused with a nack.</summary>
    RejectPublish,

    /// <summary><c>reject-publish-dlx</c>: the new message is refused with a nack and dead-lettered.</summary>
    RejectPublishDlx,
}

/// <summary>What dead-lettering promises (<c>x-dead-letter-strategy</c>).</summary>
public enum DeadLetterStrategy
{
    /// <summary><c>at-most-once</c>: the message leaves the queue when it is handed on.</summary>
    AtMostOnce,

    /// <summary><c>at-least-once</c>: the message leaves the queue when its targets have confirmed it.</summary>
    AtLeastOnce,
}

/// <summary>Which messages come back late instead of at once (<c>x-delayed-retry-type</c>).</summary>
public enum DelayedRetry
{
    /// <summary><c>disabled</c>: none.</summary>
    Disabled,

    /// <summary><c>all</c>: every message that comes back.</summary>
    All,

    /// <summary><c>failed</c>: those whose delivery counts as failed.</summary>
    Failed,

    /// <summary><c>returned</c>: those given back without blame.</summary>
    Returned,
}

/// <summary>The properties of queue.declare besides its arguments.</summary>
/// <param name="Durable">Survives a restart.</param>
/// <param name="Exclusive">Belongs to one connection and ends with it.</param>
/// <param name="AutoDelete">Ends with its last consumer.</param>
public readonly record struct QueueProperties(bool Durable, bool Exclusive, bool AutoDelete);
