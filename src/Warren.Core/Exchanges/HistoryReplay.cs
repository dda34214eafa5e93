using Warren.Buffers;
using Warren.Core.Messages;
using Warren.Core.Queues;
using Warren.Core.Routing;

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
    /// <returns>The LSN that is committed when all of them are; 0 when nothing was stored.</returns>
    public ulong SendTo(RoutingTarget destination, VirtualHost vhost, Broker broker)
    {
        if (_messages.Length == 0)
        {
            return 0;
        }

        var routes = new RouteSet();
        var flush = new FlushSet();
        ulong last = 0;
        foreach (Message message in _messages)
        {
            routes.Clear();
            if (destination is QueueTarget queue)
            {
                routes.Add(queue);
            }
            else if (destination is Exchange exchange && broker.FindFormat(message.Format) is { } format)
            {
                vhost.Publishing.RouteWithCopies(exchange, message, format, routes);
            }

            last = Math.Max(last, Send(message, routes, vhost, broker, flush));
        }

        broker.Commits.Request(); // what the messages push out of a full queue is logged too, without an LSN of its own
        flush.FlushAll();
        return last;
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
    private static ulong Send(Message message, RouteSet routes, VirtualHost vhost, Broker broker, FlushSet flush)
    {
        ulong lsn;
        if (!MayExpire(message, Route.QueuesOf(routes)))
        {
            vhost.Publishing.Publish(message, routes, movedFrom: default, flush, out lsn);
            return lsn;
        }

        Payload image = broker.Slabs.CopyFrom(message.Payload.Span);
        try
        {
            Message.WritePublishedAt(image.Writable, broker.Clock.NowMs);
            vhost.Publishing.Publish(new Message(image), routes, movedFrom: default, flush, out lsn);
            return lsn;
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
