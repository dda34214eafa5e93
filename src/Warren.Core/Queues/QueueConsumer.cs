using Warren.Buffers;
using Warren.Buffers.Fields;

namespace Warren.Core.Queues;

/// <summary>Why a consumer lost its queue.</summary>
public enum ConsumerCancelReason
{
    /// <summary>The queue was deleted.</summary>
    QueueDeleted,

    /// <summary>The broker stops.</summary>
    Shutdown,
}

/// <summary>What a consumer says to a message it is offered.</summary>
public enum DeliveryOutcome
{
    /// <summary>It has no credit; it calls <see cref="MessageQueue.Resume"/> once it has.</summary>
    Refused,

    /// <summary>It has the message and will settle it.</summary>
    Taken,

    /// <summary>It has the message, or wants none of it, and the queue may forget it at once.</summary>
    Settled,
}

/// <summary>The receiving end of a subscription; protocols derive from it.</summary>
/// <remarks>
/// <see cref="TryDeliver"/> is called under the queue's lock by whatever thread published, acknowledged or drained. It
/// must not block, throw, or call back into any queue.
/// </remarks>
public abstract class QueueConsumer
{
    /// <summary>A consumer that is not subscribed yet.</summary>
    protected QueueConsumer(MessageQueue queue, string tag, bool noAck, bool exclusive, int priority, FieldTable arguments)
    {
        Queue = queue;
        Tag = tag;
        NoAck = noAck;
        Exclusive = exclusive;
        Priority = priority;
        Arguments = arguments;
    }

    /// <summary>The queue it takes from.</summary>
    public MessageQueue Queue { get; }

    /// <summary>Consumer tag, unique within its channel.</summary>
    public string Tag { get; }

    /// <summary>True when a delivery counts as acknowledged at once.</summary>
    public bool NoAck { get; }

    /// <summary>True when no other consumer may share the queue.</summary>
    public bool Exclusive { get; }

    /// <summary>Higher ones are served first; 0 by default.</summary>
    public int Priority { get; }

    /// <summary>Arguments of basic.consume.</summary>
    public FieldTable Arguments { get; }

    // Set by the queue, under its lock, when TryDeliver answered false; cleared by MessageQueue.Resume.
    internal bool Blocked { get; set; }

    /// <summary>Takes one message if there is credit, by encoding it into the connection's output.</summary>
    public abstract DeliveryOutcome TryDeliver(in Delivery delivery, FlushSet flush);

    /// <summary>The queue is gone. Called outside every lock, once.</summary>
    public abstract void OnCancelled(ConsumerCancelReason reason, FlushSet flush);
}
