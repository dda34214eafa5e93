using Warren.Core.Messages;
using Warren.Core.Queues;
using Warren.Core.Routing;
using Warren.Storage;

namespace Warren.Core.Publishing;

/// <summary>Publishes and acknowledgements that are stored all or not at all, as tx.commit asks.</summary>
/// <remarks>Not thread-safe; used once.</remarks>
public sealed class AtomicBatch
{
    private readonly Broker _broker;
    private readonly List<(Message Message, Route Route)> _publishes = [];
    private readonly List<(MessageQueue Queue, long EntryId)> _acknowledged = [];

    /// <summary>An empty batch.</summary>
    public AtomicBatch(Broker broker) => _broker = broker;

    /// <summary>Adds a message; it is stored when it is persistent and a queue of its route is durable.</summary>
    public void Publish(Message message, Route route) => _publishes.Add((message, route));

    /// <summary>Adds an acknowledgement.</summary>
    public void Acknowledge(MessageQueue queue, long entryId) => _acknowledged.Add((queue, entryId));

    /// <summary>Appends everything to the log as one group.</summary>
    /// <param name="lsns">For each message added its LSN; 0 for those not stored.</param>
    /// <returns>The LSN that is committed when all of it is; 0 when nothing was stored.</returns>
    /// <exception cref="Arguments.BrokerError">541: the log takes nothing; nothing was stored.</exception>
    public ulong Store(Span<ulong> lsns)
    {
        List<RecordReference> releases = FindReleases();
        ulong last = 0;
        using LogGroup group = _broker.Log.BeginGroup();
        for (int i = 0; i < _publishes.Count; i++)
        {
            (Message message, Route route) = _publishes[i];
            if (route.LoggedCount == 0 || (message.Flags & MessageFlags.Persistent) == 0)
            {
                continue;
            }

            lsns[i] = last = MessageWriter.AppendTo(group, message, route.Queues);
            if (last == 0)
            {
                throw BrokerErrors.NotStored();
            }
        }

        foreach (RecordReference release in releases)
        {
            group.Release(release.Owner, release.Lsn);
        }

        // Releases have no LSN of their own; a record behind them gives the reply something to wait for.
        return releases.Count > 0 ? group.Append(new RecordDraft { Type = RecordType.Noop }) : last;
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
}
