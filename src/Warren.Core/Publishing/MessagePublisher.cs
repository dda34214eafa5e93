using System.Runtime.InteropServices;
using Warren.Buffers;
using Warren.Buffers.Commits;
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
    /// <param name="message">The message.</param>
    /// <param name="route">Where it goes.</param>
    /// <param name="flush">Collects the outputs to flush.</param>
    /// <param name="ticket">What a confirm waits for.</param>
    public PublishOutcome Publish(Message message, Route route, FlushSet flush, out CommitTicket ticket)
    {
        ArgumentNullException.ThrowIfNull(route);
        if (!TryRetain(message, route, out CommitTicket kept))
        {
            ticket = default;
            return PublishOutcome.Refused;
        }

        PublishOutcome outcome = _broker.Messages.Write(message, route.Queues, default, flush, out ticket);
        if (outcome != PublishOutcome.Refused && route.Histories.Length != 0)
        {
            Remember(message, route.Histories);
        }

        ticket = ticket.And(kept);
        return outcome;
    }

    /// <summary>A message is published that no queue takes: the exchanges on its way may still keep it.</summary>
    /// <param name="message">The message.</param>
    /// <param name="route">The way it went.</param>
    /// <param name="ticket">What the reply waits for.</param>
    /// <returns>False when it should be kept and the log takes nothing.</returns>
    public bool TryRemember(Message message, Route route, out CommitTicket ticket)
    {
        ArgumentNullException.ThrowIfNull(route);
        if (!TryRetain(message, route, out ticket))
        {
            return false;
        }

        if (route.Histories.Length != 0)
        {
            Remember(message, route.Histories);
        }

        return true;
    }

    private bool TryRetain(Message message, Route route, out CommitTicket ticket)
    {
        ticket = default;
        return (message.Flags & MessageFlags.HasHeaders) == 0
            || route.Source is not { } source || source.Name != _broker.RetainingExchange
            || _broker.FindFormat(message.Format) is not { RetainsByHeader: true } format
            || !format.TryFindHeader(message.Properties, RetainHeader, out FieldValue retain)
            || retain.Type != FieldType.Boolean || !retain.AsBoolean()
            || _retained.Keep(message, source: null, out ticket) != RetainOutcome.Refused;
    }

    internal PublishOutcome Publish(
        Message message, RouteSet routes, RecordReference movedFrom, FlushSet flush, out CommitTicket ticket)
    {
        PublishOutcome outcome = _broker.Messages.Write(message, routes.Queues, movedFrom, flush, out ticket);
        if (outcome != PublishOutcome.Refused)
        {
            Remember(message, routes.Histories); // what is tried again is remembered once
        }

        return outcome;
    }

    internal void Remember(Message message, ReadOnlySpan<RecentHistoryExchange> histories)
    {
        foreach (RecentHistoryExchange exchange in histories)
        {
            exchange.Remember(message, _broker.FindFormat(message.Format));
        }
    }
}
