using System.Buffers;
using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Core.Messages;
using Warren.Core.Queues;
using Warren.Core.Sessions;
using Warren.Storage;

namespace Warren.Core.Publishing;

/// <summary>Stores a message once for all queues it goes to, and puts it into them. What the log refuses goes nowhere.</summary>
/// <remarks>Thread-safe, without state of its own. Allocates nothing up to <see cref="StackOwners"/> queues.</remarks>
internal sealed class MessageWriter
{
    private const int StackOwners = 64;

    private readonly ShardLog _log;

    public MessageWriter(ShardLog log) => _log = log;

    /// <summary>Stores and enqueues.</summary>
    /// <param name="message">The message; each queue takes its own reference.</param>
    /// <param name="queues">Where it goes, each once.</param>
    /// <param name="movedFrom">A reference given back in the same step; default for none.</param>
    /// <param name="flush">Collects the outputs to flush.</param>
    /// <param name="ticket">What a confirm waits for; none when nothing was stored, and then nothing was given back.</param>
    public PublishOutcome Write(
        Message message, ReadOnlySpan<MessageQueue> queues, RecordReference movedFrom, FlushSet flush, out CommitTicket ticket)
    {
        ticket = default;
        bool rejected = false;
        if (AnyRejects(queues, message.BodyLength))
        {
            rejected = true;
            queues = WithoutRejecting(queues, message, flush);
            if (queues.IsEmpty)
            {
                return PublishOutcome.Rejected;
            }
        }

        MessageRecords records = default;
        int logged = CountStoring(queues, message);
        if (logged > 0 && !TryStore(message, queues, logged, movedFrom, out records, out ticket))
        {
            return PublishOutcome.Refused;
        }

        Enqueue(message, queues, records, flush);
        return rejected ? PublishOutcome.Rejected : PublishOutcome.Accepted;
    }

    /// <summary>Stores a message and the number a session handed it in under, in one step, and enqueues it.</summary>
    /// <param name="message">The message; each queue takes its own reference.</param>
    /// <param name="queues">Where it goes, each once.</param>
    /// <param name="session">The session's id.</param>
    /// <param name="number">The number.</param>
    /// <param name="flush">Collects the outputs to flush.</param>
    /// <param name="received">The record of the number; refused when nothing was stored.</param>
    public PublishOutcome WriteReceived(
        Message message, ReadOnlySpan<MessageQueue> queues, ulong session, ushort number, FlushSet flush, out StoreResult received)
    {
        received = StoreResult.Refused;
        if (AnyRejects(queues, message.BodyLength))
        {
            queues = WithoutRejecting(queues, message, flush);
            if (queues.IsEmpty)
            {
                return PublishOutcome.Rejected;
            }
        }

        MessageRecords records = default;
        int logged = CountStoring(queues, message);
        using (LogGroup group = _log.BeginGroup())
        {
            if (logged > 0 && !TryStoreIn(group, message, queues, logged, default, out records))
            {
                return PublishOutcome.Refused;
            }

            received = SessionStore.StoreReceived(group, session, number);
            if (received.IsRefused || !group.TryComplete(out _))
            {
                received = StoreResult.Refused;
                return PublishOutcome.Refused;
            }
        }

        Enqueue(message, queues, records, flush);
        return PublishOutcome.Accepted;
    }

    /// <summary>Puts a stored message into its queues.</summary>
    public void Enqueue(Message message, ReadOnlySpan<MessageQueue> queues, MessageRecords records, FlushSet flush)
    {
        int logged = 0;
        foreach (MessageQueue queue in queues)
        {
            ulong stored = records.IsNone || !queue.Stores(message.Flags) ? 0 : records.Of(logged++);
            if (queue.Publish(message, stored, flush) == PublishOutcome.QueueGone && stored != 0)
            {
                _log.Release(queue.Id, stored);
            }
        }
    }

    /// <summary>Stores a message as a part of a group, for all of these queues that store, if there are any.</summary>
    /// <returns>False when the log refuses: the group must not be completed.</returns>
    public static bool TryStoreIn(LogGroup group, Message message, ReadOnlySpan<MessageQueue> queues, out MessageRecords records)
    {
        records = default;
        int logged = CountStoring(queues, message);
        return logged == 0 || TryStoreIn(group, message, queues, logged, default, out records);
    }

    private static int CountStoring(ReadOnlySpan<MessageQueue> queues, Message message)
    {
        MessageFlags flags = message.Flags;
        int logged = 0;
        foreach (MessageQueue queue in queues)
        {
            logged += queue.Stores(flags) ? 1 : 0;
        }

        return logged;
    }

    private static void Fill(ReadOnlySpan<MessageQueue> queues, Message message, Span<ulong> owners)
    {
        MessageFlags flags = message.Flags;
        int at = 0;
        foreach (MessageQueue queue in queues)
        {
            if (queue.Stores(flags))
            {
                owners[at++] = queue.Id;
            }
        }
    }

    private static bool AnyRejects(ReadOnlySpan<MessageQueue> queues, int bodyLength)
    {
        foreach (MessageQueue queue in queues)
        {
            if (queue.RejectsPublish && queue.WouldReject(1, bodyLength))
            {
                return true;
            }
        }

        return false;
    }

    private static MessageQueue[] WithoutRejecting(ReadOnlySpan<MessageQueue> queues, Message message, FlushSet flush)
    {
        var accepting = new List<MessageQueue>(queues.Length);
        foreach (MessageQueue queue in queues)
        {
            if (!queue.RejectsPublish || !queue.WouldReject(1, message.BodyLength))
            {
                accepting.Add(queue);
            }
            else
            {
                queue.TurnAway(message, flush);
            }
        }

        return [.. accepting];
    }

    private bool TryStore(
        Message message,
        ReadOnlySpan<MessageQueue> queues,
        int logged,
        RecordReference movedFrom,
        out MessageRecords records,
        out CommitTicket ticket)
    {
        if (logged > StackOwners)
        {
            return TryStoreForMany(message, queues, logged, movedFrom, out records, out ticket);
        }

        Span<ulong> owners = stackalloc ulong[StackOwners];
        owners = owners[..logged];
        Fill(queues, message, owners);
        ReadOnlySpan<RecordReference> releases = movedFrom.Lsn != 0 ? new ReadOnlySpan<RecordReference>(in movedFrom) : default;
        StoreResult stored = _log.Store(Draft(message, owners, releases));
        bool taken = !stored.IsRefused;
        records = taken ? new MessageRecords(stored.Lsn) : default;
        ticket = taken ? stored.Ticket : default;
        return taken;
    }

    private bool TryStoreForMany(
        Message message,
        ReadOnlySpan<MessageQueue> queues,
        int logged,
        RecordReference movedFrom,
        out MessageRecords records,
        out CommitTicket ticket)
    {
        ticket = default;
        using LogGroup group = _log.BeginGroup();
        return TryStoreIn(group, message, queues, logged, movedFrom, out records) && group.TryComplete(out ticket);
    }

    // A record names so many owners; for more of them the message is written again. What is given back goes with the last.
    private static bool TryStoreIn(
        LogGroup group,
        Message message,
        ReadOnlySpan<MessageQueue> queues,
        int logged,
        RecordReference movedFrom,
        out MessageRecords records)
    {
        records = default;
        ulong[] rented = ArrayPool<ulong>.Shared.Rent(logged);
        try
        {
            Span<ulong> owners = rented.AsSpan(0, logged);
            Fill(queues, message, owners);
            ulong[] lsns = new ulong[MessageRecords.CountFor(logged)];
            for (int i = 0; i < lsns.Length; i++)
            {
                int first = i * MessageRecords.QueuesPerRecord;
                bool gives = i == lsns.Length - 1 && movedFrom.Lsn != 0;
                StoreResult stored = group.Store(Draft(
                    message,
                    owners[first..Math.Min(logged, first + MessageRecords.QueuesPerRecord)],
                    gives ? new ReadOnlySpan<RecordReference>(in movedFrom) : default));
                if (stored.IsRefused)
                {
                    return false;
                }

                lsns[i] = stored.Lsn;
            }

            records = new MessageRecords(lsns);
            return true;
        }
        finally
        {
            ArrayPool<ulong>.Shared.Return(rented);
        }
    }

    private static RecordDraft Draft(Message message, ReadOnlySpan<ulong> owners, ReadOnlySpan<RecordReference> releases)
    {
        MessageTags tags = MessageTags.Of(message);
        return new RecordDraft
        {
            Type = releases.IsEmpty ? RecordType.Publish : RecordType.Move,
            TagA = tags.TagA,
            TagB = tags.TagB,
            Head = message.Payload.Span,
            Owners = owners,
            Releases = releases,
        };
    }
}
