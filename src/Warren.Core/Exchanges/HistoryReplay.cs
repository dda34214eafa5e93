using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Core.Messages;
using Warren.Core.Queues;

namespace Warren.Core.Exchanges;

/// <summary>What a new binding of a <see cref="RecentHistoryExchange"/> receives before anything else.</summary>
/// <remarks>
/// Taken before the binding counts, so that no message comes both as history and by its route, and sent outside the
/// definition lock, because queues and outputs are locked on the way (docs/locks.md). Disposing gives the references
/// back, whether they were sent or the binding was refused. Not thread-safe; one per command.
/// </remarks>
internal sealed class HistoryReplay : IDisposable
{
    private Message[] _messages = [];

    /// <summary>Takes the history of an exchange; nothing when it keeps none. Once.</summary>
    public void Take(Exchange source)
    {
        if (source is RecentHistoryExchange exchange)
        {
            _messages = exchange.Recall();
        }
    }

    /// <summary>Publishes the messages, oldest first, into a queue or through an exchange.</summary>
    /// <returns>What is committed when all of them are.</returns>
    /// <exception cref="Arguments.BrokerError">541: the log did not take them all.</exception>
    public CommitTicket SendTo(RoutingTarget destination, VirtualHost vhost, Broker broker)
    {
        if (_messages.Length == 0)
        {
            return default;
        }

        var routes = new RouteSet();
        var flush = new FlushSet();
        CommitTicket all = default;
        bool taken = true;
        foreach (Message message in _messages)
        {
            routes.Clear();
            if (destination is MessageQueue queue)
            {
                routes.Add(queue);
            }
            else if (destination is Exchange exchange && broker.FindFormat(message.Format) is { } format)
            {
                vhost.Publishing.RouteWithCopies(exchange, message, format, routes);
            }

            taken &= Send(message, routes, vhost, broker, flush, out CommitTicket ticket) != PublishOutcome.Refused;
            all = all.And(ticket);
        }

        broker.Commits.Request(); // what the messages push out of a full queue is logged too, without a ticket of its own
        flush.FlushAll();
        return taken ? all : throw BrokerErrors.NotStored();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Message[] messages = _messages;
        _messages = [];
        foreach (Message message in messages)
        {
            message.Payload.Release();
        }
    }

    // A message's time to live counts from its arrival in a queue, not from when it became history. All bindings share
    // the bytes of those that live for ever.
    private static PublishOutcome Send(
        Message message, RouteSet routes, VirtualHost vhost, Broker broker, FlushSet flush, out CommitTicket ticket)
    {
        if (!MayExpire(message, routes.Queues))
        {
            return vhost.Publishing.Publish(message, routes, movedFrom: default, flush, out ticket);
        }

        Payload image = broker.Slabs.CopyFrom(message.Payload.Span);
        try
        {
            Message.WritePublishedAt(image.Writable, broker.Clock.NowMs);
            return vhost.Publishing.Publish(new Message(image), routes, movedFrom: default, flush, out ticket);
        }
        finally
        {
            image.Release();
        }
    }

    private static bool MayExpire(Message message, ReadOnlySpan<MessageQueue> queues)
    {
        bool expires = (message.Flags & MessageFlags.HasTtl) != 0;
        foreach (MessageQueue queue in queues)
        {
            expires |= queue.Limits.MessageTtlMs is not null;
        }

        return expires;
    }
}
