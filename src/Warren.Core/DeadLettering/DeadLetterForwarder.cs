using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Core.Exchanges;
using Warren.Core.Messages;
using Warren.Core.Queues;
using Warren.Storage;

namespace Warren.Core.DeadLettering;

/// <summary>Sends what queues drop to their dead-letter exchange, in one step with taking it out of the queue.</summary>
/// <remarks>
/// Thread-safe. Runs on the thread that dropped the message, outside every lock. A dead letter may push another one out
/// of the queue it reaches; those wait in a list of this thread, so that a chain of queues is no chain of calls.
/// </remarks>
internal sealed class DeadLetterForwarder : IDeadLetterSink, IDisposable
{
    private readonly Broker _broker;
    private readonly ThreadLocal<Work> _work = new(() => new Work());

    public DeadLetterForwarder(Broker broker) => _broker = broker;

    public void Forward(ClassicQueue source, List<DeadLetter> letters, FlushSet flush)
    {
        Work work = _work.Value!;
        foreach (DeadLetter letter in letters)
        {
            work.Waiting.Enqueue((source, letter));
        }

        if (work.Running)
        {
            return;
        }

        work.Running = true;
        try
        {
            while (work.Waiting.TryDequeue(out (ClassicQueue Source, DeadLetter Letter) next))
            {
                ForwardOne(next.Source, next.Letter, work.Routes, flush);
            }
        }
        finally
        {
            work.Running = false;
        }
    }

    public void Dispose() => _work.Dispose();

    private void ForwardOne(ClassicQueue source, in DeadLetter letter, RouteSet routes, FlushSet flush)
    {
        Payload old = letter.Payload;
        if (old.IsEmpty && !source.TryReadBack(letter, out old))
        {
            source.Discard(letter);
            return;
        }

        try
        {
            var message = new Message(old);
            VirtualHost? vhost = _broker.FindVirtualHost(source.VirtualHostName);
            if (vhost is null
                || source.Limits.DeadLetterExchange is not { } exchangeName
                || vhost.FindExchange(exchangeName) is not { } exchange
                || _broker.FindFormat(message.Format) is not { } format)
            {
                source.Discard(letter);
                return;
            }

            string? newKey = source.Limits.DeadLetterRoutingKey;
            DeathHistory history = DeathHistory.Extend(
                message, format, source.Name, letter.Reason, _broker.Clock.NowMs, replacesRoutingKey: newKey is not null);
            Payload image = Rewrite(message, format, exchange, newKey, history);
            try
            {
                var moved = new Message(image);
                routes.Clear();
                vhost.Publishing.RouteWithCopies(exchange, moved, format, routes);
                routes.RemoveWhere(queue => history.IsCycleThrough(queue.Name));
                Send(source, letter, moved, routes, vhost, flush);
            }
            finally
            {
                image.Release();
            }
        }
        finally
        {
            old.Release();
        }
    }

    private static void Send(
        ClassicQueue source,
        in DeadLetter letter,
        Message moved,
        RouteSet routes,
        VirtualHost vhost,
        FlushSet flush)
    {
        if (routes.Queues.IsEmpty)
        {
            vhost.Publishing.Remember(moved, routes.Histories);
            source.Discard(letter);
            return;
        }

        var from = letter.Lsn != 0 ? new RecordReference(source.Id, letter.Lsn) : default;
        PublishOutcome outcome = vhost.Publishing.Publish(moved, routes, from, flush, out CommitTicket ticket);
        if (letter.Lsn == 0 || (ticket.IsNone && outcome != PublishOutcome.Refused))
        {
            // Nothing was stored for it: what the source held is given back here. When the log refused, the source
            // keeps its record, and a restart brings the message back there rather than losing it.
            source.Discard(letter);
        }
    }

    private Payload Rewrite(Message message, MessageFormat format, Exchange exchange, string? newKey, DeathHistory history)
    {
        byte[] properties = format.WithHeaders(message.Properties, history.Headers, keepExpiration: false);
        ReadOnlySpan<byte> key = newKey is null ? message.RoutingKey : System.Text.Encoding.UTF8.GetBytes(newKey);
        long size = Message.SizeOf(exchange.NameUtf8.Length, key.Length, properties.Length, message.BodyLength);
        Payload image = _broker.Slabs.Allocate(checked((int)size));
        var envelope = new MessageEnvelope(
            message.Format,
            (message.Flags | MessageFlags.HasHeaders | MessageFlags.DeadLettered) & ~MessageFlags.HasTtl,
            message.Priority,
            _broker.Clock.NowMs,
            TtlMs: -1);
        int body = Message.WriteHead(image.Writable, envelope, exchange.NameUtf8, key, properties, message.BodyLength);
        message.Body.CopyTo(image.Writable[body..]);
        return image;
    }

    private sealed class Work
    {
        public Queue<(ClassicQueue Source, DeadLetter Letter)> Waiting { get; } = new();

        public RouteSet Routes { get; } = new();

        public bool Running { get; set; }
    }
}
