using Warren.Buffers;
using Warren.Core.Messages;

namespace Warren.Core.Exchanges;

/// <summary>What a new binding of a <see cref="RecentHistoryExchange"/> receives before anything else.</summary>
/// <remarks>
/// Taken before the binding counts, so that no message comes both as history and by its route, and sent outside the
/// definition lock, because queues and outputs are locked on the way (docs/locks.md). Ends in <see cref="SendTo"/> or
/// <see cref="Drop"/>, once.
/// </remarks>
internal readonly struct HistoryReplay
{
    private readonly Message[] _messages;

    private HistoryReplay(Message[] messages) => _messages = messages;

    /// <summary>The history of an exchange; nothing when it keeps none.</summary>
    public static HistoryReplay Of(Exchange source) =>
        new(source is RecentHistoryExchange exchange ? exchange.Recall() : []);

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
                vhost.RouteWithCopies(exchange, message, format, routes);
            }

            vhost.Publish(message, routes, movedFrom: default, flush, out ulong lsn);
            last = Math.Max(last, lsn);
        }

        Drop();
        flush.FlushAll();
        return last;
    }

    /// <summary>Gives the references back.</summary>
    public void Drop()
    {
        foreach (Message message in _messages)
        {
            message.Payload.Release();
        }
    }
}
