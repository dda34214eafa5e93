using System.Runtime.InteropServices;
using Warren.Buffers;
using Warren.Buffers.Fields;
using Warren.Core.Exchanges;
using Warren.Core.Messages;
using Warren.Core.Queues;
using Warren.Core.Routing;
using Warren.Storage;

namespace Warren.Core.Publishing;

/// <summary>The way of a message through a virtual host: from an exchange to its queues, and into them.</summary>
/// <remarks>
/// Thread-safe, takes no lock of its own, and allocates nothing per message. Whether the publisher may is asked before
/// (<see cref="VirtualHost.ExchangeToPublishTo"/>).
/// </remarks>
public sealed class MessagePublisher
{
    private readonly Broker _broker;
    private readonly Topology _topology;

    internal MessagePublisher(Broker broker, Topology topology)
    {
        _broker = broker;
        _topology = topology;
    }

    /// <summary>Adds the queues a message goes to by its routing key and the further keys of its CC and BCC headers.</summary>
    public void Route(
        Exchange exchange, Message message, ReadOnlySpan<byte[]> moreKeys, MessageFormat format, RouteSet routes) =>
        _topology.Route(
            exchange,
            new RoutingInput(message.RoutingKey, format, message.Properties) { MoreKeys = moreKeys },
            routes);

    /// <summary>Adds the queues a message goes to by its routing key and its CC header.</summary>
    public void RouteWithCopies(Exchange exchange, Message message, MessageFormat format, RouteSet routes)
    {
        var moreKeys = new List<byte[]>();
        if ((message.Flags & MessageFlags.HasHeaders) != 0
            && format.TryFindHeader(message.Properties, "CC"u8, out FieldValue copies))
        {
            foreach (FieldValue key in copies.AsArray())
            {
                moreKeys.Add(key.AsBytes().ToArray());
            }
        }

        Route(exchange, message, CollectionsMarshal.AsSpan(moreKeys), format, routes);
    }

    /// <summary>Stores a message and puts it into its queues.</summary>
    /// <returns>Accepted; Rejected when a queue turned it away; Refused when the log takes nothing.</returns>
    public PublishOutcome Publish(Message message, Route route, FlushSet flush, out ulong lsn)
    {
        ArgumentNullException.ThrowIfNull(route);
        if (route.Histories.Length != 0)
        {
            Remember(message, route.Histories);
        }

        return _broker.Messages.Write(message, route.Queues, default, flush, out lsn);
    }

    /// <summary>Puts a message that a transaction has stored into its queues.</summary>
    public void Enqueue(Message message, Route route, ulong lsn, FlushSet flush)
    {
        ArgumentNullException.ThrowIfNull(route);
        if (route.Histories.Length != 0)
        {
            Remember(message, route.Histories);
        }

        _broker.Messages.Enqueue(message, route.Queues, lsn, flush);
    }

    /// <summary>A message is published that no queue takes: the exchanges on its way may still keep it.</summary>
    public void Remember(Message message, Route route)
    {
        ArgumentNullException.ThrowIfNull(route);
        Remember(message, route.Histories);
    }

    internal PublishOutcome Publish(
        Message message, RouteSet routes, RecordReference movedFrom, FlushSet flush, out ulong lsn)
    {
        Remember(message, routes.Histories);
        return _broker.Messages.Write(message, Routing.Route.QueuesOf(routes), movedFrom, flush, out lsn);
    }

    internal void Remember(Message message, ReadOnlySpan<RecentHistoryExchange> histories)
    {
        foreach (RecentHistoryExchange exchange in histories)
        {
            exchange.Remember(message, _broker.FindFormat(message.Format));
        }
    }
}
