using System.Runtime.InteropServices;
using Warren.Buffers;
using Warren.Buffers.Fields;
using Warren.Core.Exchanges;
using Warren.Core.Messages;
using Warren.Core.Queues;
using Warren.Core.Routing;
using Warren.Core.Sessions;
using Warren.Storage;

namespace Warren.Core.Publishing;

/// <summary>The way of a message through a virtual host: from an exchange to its queues, and into them.</summary>
/// <remarks>
/// Thread-safe, takes no lock of its own, and allocates nothing per message. Whether the publisher may is asked before
/// (<see cref="VirtualHost.ExchangeToPublishTo"/>).
/// </remarks>
public sealed class MessagePublisher
{
    private static ReadOnlySpan<byte> RetainHeader => "x-retain"u8;

    private readonly Broker _broker;
    private readonly Topology _topology;
    private readonly RetainedMessages _retained;

    internal MessagePublisher(Broker broker, Topology topology, RetainedMessages retained)
    {
        _broker = broker;
        _retained = retained;
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
        ulong kept = Keep(message, route);
        PublishOutcome outcome = _broker.Messages.Write(message, route.Queues, default, flush, out lsn);
        lsn = Math.Max(lsn, kept);
        return outcome;
    }

    /// <summary>Puts a message that a transaction has stored into its queues.</summary>
    public void Enqueue(Message message, Route route, ulong lsn, FlushSet flush)
    {
        ArgumentNullException.ThrowIfNull(route);
        Keep(message, route);
        _broker.Messages.Enqueue(message, route.Queues, lsn, flush);
    }

    /// <summary>A message is published that no queue takes: the exchanges on its way may still keep it.</summary>
    /// <returns>The LSN the reply waits for; 0 when nothing is stored.</returns>
    public ulong Remember(Message message, Route route)
    {
        ArgumentNullException.ThrowIfNull(route);
        return Keep(message, route);
    }

    internal PublishOutcome Publish(
        Message message, RouteSet routes, RecordReference movedFrom, FlushSet flush, out ulong lsn)
    {
        Remember(message, routes.Histories);
        return _broker.Messages.Write(message, Routing.Route.QueuesOf(routes), movedFrom, flush, out lsn);
    }

    private ulong Keep(Message message, Route route)
    {
        if (route.Histories.Length != 0)
        {
            Remember(message, route.Histories);
        }

        // A client of MQTT has said it otherwise.
        return (message.Flags & MessageFlags.HasHeaders) != 0 && message.Format != MessageFormat.Mqtt
            && route.Source is { } source && source.Name == _broker.RetainingExchange
            && _broker.FindFormat(message.Format) is { } format
            && format.TryFindHeader(message.Properties, RetainHeader, out FieldValue retain)
            && retain.Type == FieldType.Boolean && retain.AsBoolean()
            ? _retained.Keep(message, source: null).Lsn
            : 0;
    }

    internal void Remember(Message message, ReadOnlySpan<RecentHistoryExchange> histories)
    {
        foreach (RecentHistoryExchange exchange in histories)
        {
            exchange.Remember(message, _broker.FindFormat(message.Format));
        }
    }
}
