using System.Buffers;
using Warren.Buffers;
using Warren.Core.Messages;
using Warren.Core.Queues;
using Warren.Core.Sessions;
using Warren.Storage;

namespace Warren.Core.Publishing;

/// <summary>Stores a message once for all queues it goes to, and puts it into them.</summary>
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
    /// <param name="lsn">The record; 0 when nothing was stored.</param>
    public PublishOutcome Write(
        Message message, ReadOnlySpan<MessageQueue> queues, RecordReference movedFrom, FlushSet flush, out ulong lsn)
    {
        lsn = 0;
        bool rejected = false;
        MessageQueue[]? accepting = null;
        if (AnyRejects(queues, message.BodyLength))
        {
            rejected = true;
            accepting = WithoutRejecting(queues, message, flush);
            queues = accepting;
            if (queues.IsEmpty)
            {
                return PublishOutcome.Rejected;
            }
        }

        int logged = CountLogged(queues);
        if (logged > 0 && ((message.Flags & MessageFlags.Persistent) != 0))
        {
            lsn = Append(message, queues, logged, movedFrom);
            if (lsn == 0 && movedFrom.Lsn == 0)
            {
                return PublishOutcome.Refused;
            }
        }

        PublishOutcome outcome = Enqueue(message, queues, lsn, flush);
        return rejected ? PublishOutcome.Rejected : lsn == 0 && logged > 0 && movedFrom.Lsn != 0 ? PublishOutcome.Refused : outcome;
    }

    /// <summary>Stores a message and the number a session handed it in under, in one step, and enqueues it.</summary>
    /// <param name="message">The message; each queue takes its own reference.</param>
    /// <param name="queues">Where it goes, each once.</param>
    /// <param name="session">The session's id.</param>
    /// <param name="number">The number.</param>
    /// <param name="flush">Collects the outputs to flush.</param>
    /// <param name="lsn">The record of the number; 0 when nothing was stored.</param>
    public PublishOutcome WriteReceived(
        Message message, ReadOnlySpan<MessageQueue> queues, ulong session, ushort number, FlushSet flush, out ulong lsn)
    {
        lsn = 0;
        if (AnyRejects(queues, message.BodyLength))
        {
            MessageQueue[] accepting = WithoutRejecting(queues, message, flush);
            queues = accepting;
            if (queues.IsEmpty)
            {
                return PublishOutcome.Rejected;
            }
        }

        ulong stored = 0;
        int logged = (message.Flags & MessageFlags.Persistent) != 0 ? CountLogged(queues) : 0;
        using (LogGroup group = _log.BeginGroup())
        {
            stored = logged > 0 ? AppendTo(group, message, queues) : 0;
            if (logged == 0 || stored != 0)
            {
                lsn = SessionStore.AppendReceived(group, session, number);
            }
        }

        return lsn == 0 ? PublishOutcome.Refused : Enqueue(message, queues, stored, flush);
    }

    /// <summary>Puts a stored message into its queues.</summary>
    public PublishOutcome Enqueue(Message message, ReadOnlySpan<MessageQueue> queues, ulong lsn, FlushSet flush)
    {
        foreach (MessageQueue queue in queues)
        {
            ulong stored = queue.IsLogged ? lsn : 0;
            if (queue.Publish(message, stored, flush) == PublishOutcome.QueueGone && stored != 0)
            {
                _log.Release(queue.Id, stored);
            }
        }

        return PublishOutcome.Accepted;
    }

    /// <summary>Appends the record of a message as a part of a group.</summary>
    public static ulong AppendTo(LogGroup group, Message message, ReadOnlySpan<MessageQueue> queues)
    {
        ulong[] owners = OwnersOf(queues, new ulong[CountLogged(queues)]);
        MessageTags tags = MessageTags.Of(message);
        return group.Append(new RecordDraft
        {
            Type = RecordType.Publish,
            TagA = tags.TagA,
            TagB = tags.TagB,
            Head = message.Payload.Span,
            Owners = owners,
        });
    }

    private static int CountLogged(ReadOnlySpan<MessageQueue> queues)
    {
        int logged = 0;
        foreach (MessageQueue queue in queues)
        {
            logged += queue.IsLogged ? 1 : 0;
        }

        return logged;
    }

    private static ulong[] OwnersOf(ReadOnlySpan<MessageQueue> queues, ulong[] owners)
    {
        Fill(queues, owners);
        return owners;
    }

    private static void Fill(ReadOnlySpan<MessageQueue> queues, Span<ulong> owners)
    {
        int at = 0;
        foreach (MessageQueue queue in queues)
        {
            if (queue.IsLogged)
            {
                owners[at++] = queue.Id;
            }
        }
    }

    private static bool AnyRejects(ReadOnlySpan<MessageQueue> queues, int bodyLength)
    {
        foreach (MessageQueue queue in queues)
        {
            if (queue.RejectsPublish && queue.WouldReject(bodyLength))
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
            if (!queue.RejectsPublish || !queue.WouldReject(message.BodyLength))
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

    private ulong Append(Message message, ReadOnlySpan<MessageQueue> queues, int logged, RecordReference movedFrom)
    {
        ulong[]? rented = null;
        Span<ulong> owners = logged <= StackOwners
            ? stackalloc ulong[StackOwners]
            : rented = ArrayPool<ulong>.Shared.Rent(logged);
        owners = owners[..logged];
        Fill(queues, owners);
        MessageTags tags = MessageTags.Of(message);
        ReadOnlySpan<RecordReference> releases = movedFrom.Lsn != 0 ? new ReadOnlySpan<RecordReference>(in movedFrom) : default;
        ulong lsn = _log.Append(new RecordDraft
        {
            Type = movedFrom.Lsn != 0 ? RecordType.Move : RecordType.Publish,
            TagA = tags.TagA,
            TagB = tags.TagB,
            Head = message.Payload.Span,
            Owners = owners,
            Releases = releases,
        });
        if (rented is not null)
        {
            ArrayPool<ulong>.Shared.Return(rented);
        }

        return lsn;
    }
}
