using Warren.Core.Messages;

namespace Warren.Core.Queues;

/// <summary>One message on its way to one consumer.</summary>
/// <remarks>Valid only during the call that hands it over: whoever keeps the bytes retains the payload.</remarks>
public readonly ref struct Delivery
{
    /// <summary>A delivery of <paramref name="message"/> from <paramref name="queue"/>.</summary>
    public Delivery(MessageQueue queue, Message message, long entryId, bool redelivered, int deliveryCount)
    {
        Queue = queue;
        Message = message;
        EntryId = entryId;
        Redelivered = redelivered;
        DeliveryCount = deliveryCount;
    }

    /// <summary>The queue it comes from.</summary>
    public MessageQueue Queue { get; }

    /// <summary>The message.</summary>
    public Message Message { get; }

    /// <summary>What the consumer acknowledges; unique within the queue.</summary>
    public long EntryId { get; }

    /// <summary>True when it was delivered before, to anyone.</summary>
    public bool Redelivered { get; }

    /// <summary>The record that holds it for the queue; 0 when it is not stored.</summary>
    public ulong Lsn { get; init; }

    /// <summary>How often it came back; shown as x-delivery-count by quorum queues.</summary>
    public int DeliveryCount { get; }
}
