using Warren.Buffers;

namespace Warren.Core.Queues;

/// <summary>Why a message left its queue for the dead-letter exchange; the wire texts are RabbitMQ's.</summary>
public enum DeadLetterReason
{
    /// <summary>basic.reject or basic.nack without requeue.</summary>
    Rejected,

    /// <summary>Its time to live was over.</summary>
    Expired,

    /// <summary>The queue was too long.</summary>
    MaxLength,

    /// <summary>It came back too often.</summary>
    DeliveryLimit,
}

/// <summary>A message taken out of a queue, to be forwarded. Owns one reference on its payload, if that is in memory.</summary>
/// <remarks>Its log reference still stands: forwarding gives it back in the same step that stores the new message.</remarks>
internal readonly record struct DeadLetter(
    Payload Payload,
    ulong Locator,
    EntryFlags Flags,
    DeadLetterReason Reason)
{
    public ulong Lsn => (Flags & EntryFlags.InLog) != 0 ? Locator : 0;
}

/// <summary>Where queues hand the messages they drop. Called outside every lock.</summary>
internal interface IDeadLetterSink
{
    /// <summary>
    /// Forwards what the <see cref="ClassicQueue.Letters"/> of the source hold, one thread at a time for each queue. What
    /// cannot be forwarded now goes back to the source; nothing is given back before its copy is stored.
    /// </summary>
    void Forward(ClassicQueue source, FlushSet flush);
}
