using Warren.Buffers.Commits;
using Warren.Core;
using Warren.Core.Messages;
using Warren.Core.Publishing;
using Warren.Core.Queues;
using Warren.Core.Routing;
using Warren.Wire.Amqp091;
using Unacked = Warren.Protocols.Unacked<Warren.Protocols.Amqp091.ChannelConsumer>;

namespace Warren.Protocols.Amqp091;

/// <summary>What a transactional channel holds back until tx.commit (AMQP 0-9-1, 1.9).</summary>
/// <remarks>
/// The read loop's. Everything that is stored, publishes and acknowledgements alike, goes into one batch of the log, so
/// that a crash leaves all of it or nothing.
/// </remarks>
internal sealed class Transaction
{
    private readonly List<(Message Message, Route Route, bool Mandatory)> _publishes = [];
    private readonly List<(List<Unacked> Items, SettlementKind Settlement)> _settlements = [];
    private long _bytes;

    /// <summary>Publishes held back.</summary>
    public int PublishCount => _publishes.Count;

    /// <summary>Settlements held back.</summary>
    public int SettlementCount => _settlements.Count;

    /// <summary>Holds a publish back; takes its own reference.</summary>
    /// <exception cref="ChannelError">406: the transaction is too large.</exception>
    public void Add(Message message, Route route, bool mandatory, Channel channel)
    {
        _bytes += AtomicBatch.SizeOf(message, route);
        if (_bytes > channel.Connection.Options.TransactionBytesMax)
        {
            throw new ChannelError(
                ReplyCode.PreconditionFailed,
                $"transaction is larger than configured max size {channel.Connection.Options.TransactionBytesMax}",
                MethodId.BasicPublish);
        }

        message.Payload.Retain();
        _publishes.Add((message, route, mandatory));
    }

    /// <summary>Holds settlements back.</summary>
    public void Add(List<Unacked> items, SettlementKind settlement) => _settlements.Add(([.. items], settlement));

    /// <summary>Does it all.</summary>
    /// <returns>What tx.commit-ok waits for.</returns>
    /// <exception cref="Warren.Core.Arguments.BrokerError">541: the log takes nothing; nothing was done, or all but what should be retained.</exception>
    public CommitTicket Commit(Channel channel)
    {
        AtomicBatch batch = Gather(channel);
        CommitTicket ticket = batch.Store();

        // It has happened: it is done to its end, whatever cannot be remembered beside it.
        bool isRemembered = true;
        int done = 0;
        try
        {
            for (; done < _publishes.Count; done++)
            {
                (Message message, Route route, bool mandatory) = _publishes[done];
                channel.Publisher.Count(route, mandatory);
                channel.VirtualHost.Firehose?.OnPublished(message, route.Queues, channel.Origin);
                isRemembered &= channel.VirtualHost.Publishing.TryRemember(message, route, out CommitTicket kept);
                ticket = ticket.And(kept);
                batch.Deliver(done, channel.Flush);
                if (route.Queues.Length == 0 && mandatory)
                {
                    channel.Publisher.Return(message);
                }

                message.Payload.Release();
            }

            foreach ((List<Unacked> items, SettlementKind settlement) in _settlements)
            {
                channel.Acknowledger.Apply(items, settlement, channel.Flush, releaseInLog: settlement != SettlementKind.Accepted);
            }
        }
        finally
        {
            _publishes.RemoveRange(0, done); // nobody releases them a second time
        }

        Clear();
        return isRemembered ? ticket : throw BrokerErrors.NotStored();
    }

    /// <summary>Forgets the publishes; the settlements are undone, so the deliveries stay unacknowledged.</summary>
    public void Rollback(Channel channel)
    {
        foreach ((Message message, _, _) in _publishes)
        {
            message.Payload.Release();
        }

        channel.Acknowledger.Restore([.. _settlements.SelectMany(static s => s.Items)]);

        Clear();
    }

    private void Clear()
    {
        _publishes.Clear();
        _settlements.Clear();
        _bytes = 0;
    }

    private AtomicBatch Gather(Channel channel)
    {
        var batch = new AtomicBatch(channel.Broker);
        foreach ((Message message, Route route, _) in _publishes)
        {
            batch.Publish(message, route);
        }

        foreach ((List<Unacked> items, SettlementKind settlement) in _settlements)
        {
            if (settlement == SettlementKind.Accepted)
            {
                foreach (Unacked item in items)
                {
                    batch.Acknowledge(item.Queue!, item.EntryId);
                }
            }
        }

        return batch;
    }
}
