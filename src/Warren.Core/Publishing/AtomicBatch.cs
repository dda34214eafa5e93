using System.Runtime.InteropServices;
using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Core.Messages;
using Warren.Core.Queues;
using Warren.Core.Routing;
using Warren.Storage;

namespace Warren.Core.Publishing;

/// <summary>Publishes and acknowledgements that are stored all or not at all, as tx.commit asks.</summary>
/// <remarks>Not thread-safe; used once: filled, stored, then delivered.</remarks>
public sealed class AtomicBatch
{
    private const long OwnerBytes = 10;

    private readonly Broker _broker;
    private readonly List<Entry> _publishes = [];
    private readonly List<(MessageQueue Queue, long EntryId)> _acknowledged = [];
    private Dictionary<MessageQueue, (long Messages, long Bytes)>? _coming; // to queues that may turn messages away

    /// <summary>An empty batch.</summary>
    public AtomicBatch(Broker broker) => _broker = broker;

    /// <summary>Bytes that a message takes in a batch at most, what names its queues included.</summary>
    public static long SizeOf(Message message, Route route)
    {
        ArgumentNullException.ThrowIfNull(route);
        return (message.Length * (long)Math.Max(1, MessageRecords.CountFor(route.LoggedCount))) + 128 + (OwnerBytes * route.LoggedCount);
    }

    /// <summary>Adds a message; it is stored when it is persistent and a queue of its route is durable.</summary>
    public void Publish(Message message, Route route)
    {
        ArgumentNullException.ThrowIfNull(route);
        _publishes.Add(new Entry { Message = message, Queues = route.Queues });
    }

    /// <summary>Adds an acknowledgement.</summary>
    public void Acknowledge(MessageQueue queue, long entryId) => _acknowledged.Add((queue, entryId));

    /// <summary>Appends everything to the log as one group. Queues that are full and reject do not get what is too much for them.</summary>
    /// <returns>What is committed when all of it is.</returns>
    /// <exception cref="Arguments.BrokerError">541: the log takes nothing; nothing was stored.</exception>
    public CommitTicket Store()
    {
        foreach (ref Entry entry in CollectionsMarshal.AsSpan(_publishes))
        {
            LeaveOutRejecting(ref entry);
        }

        List<RecordReference> releases = FindReleases();
        using LogGroup group = _broker.Log.BeginGroup();
        foreach (ref Entry entry in CollectionsMarshal.AsSpan(_publishes))
        {
            if (!MessageWriter.TryStoreIn(group, entry.Message, entry.Queues, out entry.Records))
            {
                throw BrokerErrors.NotStored();
            }
        }

        foreach (RecordReference release in releases)
        {
            group.Release(release.Owner, release.Lsn);
        }

        return group.TryComplete(out CommitTicket ticket) ? ticket : throw BrokerErrors.NotStored();
    }

    /// <summary>Puts the n-th message into its queues, once all are stored.</summary>
    public void Deliver(int index, FlushSet flush)
    {
        Entry entry = _publishes[index];
        _broker.Messages.Enqueue(entry.Message, entry.Queues, entry.Records, flush);
        foreach (MessageQueue queue in entry.Rejecting ?? [])
        {
            queue.TurnAway(entry.Message, flush);
        }
    }

    // What comes before in the same batch counts as if it were there.
    private void LeaveOutRejecting(ref Entry entry)
    {
        List<MessageQueue>? rejecting = null;
        foreach (MessageQueue queue in entry.Queues)
        {
            if (!queue.RejectsPublish)
            {
                continue;
            }

            ref (long Messages, long Bytes) coming = ref CollectionsMarshal.GetValueRefOrAddDefault(_coming ??= [], queue, out _);
            if (queue.WouldReject(coming.Messages + 1, coming.Bytes + entry.Message.BodyLength))
            {
                (rejecting ??= []).Add(queue);
            }
            else
            {
                coming = (coming.Messages + 1, coming.Bytes + entry.Message.BodyLength);
            }
        }

        if (rejecting is not null)
        {
            entry.Queues = [.. entry.Queues.Except(rejecting)];
            entry.Rejecting = rejecting;
        }
    }

    // Before the group is open: it holds the log's lock, which comes after the queues'.
    private List<RecordReference> FindReleases()
    {
        var releases = new List<RecordReference>(_acknowledged.Count);
        foreach ((MessageQueue queue, long entryId) in _acknowledged)
        {
            ulong lsn = queue.FindLsn(entryId);
            if (lsn != 0)
            {
                releases.Add(new RecordReference(queue.Id, lsn));
            }
        }

        return releases;
    }

    private record struct Entry
    {
        public Message Message;
        public MessageQueue[] Queues;
        public List<MessageQueue>? Rejecting;
        public MessageRecords Records;
    }
}
