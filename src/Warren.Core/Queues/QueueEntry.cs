using System.Runtime.InteropServices;
using Warren.Buffers;
using Warren.Buffers.Scheduling;
using Warren.Core.Messages;

namespace Warren.Core.Queues;

/// <summary>Where a message stands in its queue.</summary>
internal enum EntryState : byte
{
    /// <summary>Left the queue; the slot waits for its chunk to be dropped.</summary>
    Gone,

    /// <summary>Waiting for a consumer.</summary>
    Ready,

    /// <summary>Delivered, not yet acknowledged.</summary>
    Unacked,
}

/// <summary>What is remembered of an entry besides its state.</summary>
[Flags]
internal enum EntryFlags : byte
{
    None = 0,

    /// <summary><see cref="QueueEntry.Locator"/> is an LSN: the message can be read back from the log.</summary>
    InLog = 1,

    /// <summary><see cref="QueueEntry.Locator"/> is a position in the page file.</summary>
    InPageFile = 2,

    /// <summary>Delivered before: the next delivery carries redelivered=true.</summary>
    Redelivered = 4,
}

/// <summary>One message in one queue: 40 bytes, no object.</summary>
/// <remarks>Guarded by the lock of its <see cref="MessageQueue"/>.</remarks>
[StructLayout(LayoutKind.Auto)]
internal struct QueueEntry
{
    /// <summary>The bytes; empty (with the right length) while the message is paged out.</summary>
    public Payload Payload;

    /// <summary>LSN or page-file position, as <see cref="Flags"/> says.</summary>
    public ulong Locator;

    /// <summary>When it is dropped. Monotonic, so that a step of the wall clock neither drops nor keeps it.</summary>
    public Uptime ExpiresAt;

    /// <summary>Deliveries that came back.</summary>
    public ushort DeliveryCount;

    public EntryState State;

    public EntryFlags Flags;

    /// <summary>Length of the body alone, in bytes: what length limits count.</summary>
    public int BodyLength;

    public readonly bool IsPagedOut => Payload.IsEmpty;

    public readonly ulong Lsn => (Flags & EntryFlags.InLog) != 0 ? Locator : 0;

    public readonly bool Redelivered => (Flags & EntryFlags.Redelivered) != 0;

    /// <summary>A message that has just come; its state is not set.</summary>
    public static QueueEntry Of(Message message, ulong lsn, Uptime expiresAt) => new()
    {
        Payload = message.Payload,
        Locator = lsn,
        Flags = lsn != 0 ? EntryFlags.InLog : EntryFlags.None,
        BodyLength = message.BodyLength,
        ExpiresAt = expiresAt,
    };

    /// <summary>A message that only the log holds.</summary>
    public static QueueEntry OfStored(ulong lsn, int length, in MessageTags tags, uint annotation, Uptime expiresAt) => new()
    {
        Payload = new Payload(null, 0, length),
        Locator = lsn,
        BodyLength = tags.BodyLength,
        ExpiresAt = expiresAt,
        DeliveryCount = EntryAnnotation.DeliveryCount(annotation),
        State = EntryState.Ready,
        Flags = EntryFlags.InLog | (EntryAnnotation.IsRedelivered(annotation) ? EntryFlags.Redelivered : 0),
    };
}
