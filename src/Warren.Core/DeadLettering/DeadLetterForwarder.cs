using System.Runtime.InteropServices;
using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Core.Exchanges;
using Warren.Core.Messages;
using Warren.Core.Queues;
using Warren.Storage;

namespace Warren.Core.DeadLettering;

/// <summary>Sends what queues drop to their dead-letter exchange, in one step with taking it out of the queue.</summary>
/// <remarks>
/// <para>Thread-safe. Runs on the thread that dropped the message, outside every lock. A dead letter may push another one
/// out of the queue it reaches; those queues wait in a list of this thread, so that a chain of queues is no chain of calls.</para>
/// <para>A letter is dropped when it is known to go nowhere: its queue has no dead-letter exchange any more, there is no such
/// exchange, or it routes to no queue, as RabbitMQ does. What is not known now drops nothing: an encoding that no
/// protocol has brought yet, a disk that cannot be read, a log that refuses, an unexpected error. The letter stays
/// with its queue and is tried again.</para>
/// </remarks>
internal sealed class DeadLetterForwarder : IDeadLetterSink, IDisposable
{
    private readonly Broker _broker;
    private readonly ThreadLocal<Work> _work = new(() => new Work());
    private long _forwarded;
    private long _dropped;
    private long _damaged;
    private long _postponed;

    public DeadLetterForwarder(Broker broker) => _broker = broker;

    /// <summary>What has become of the letters so far.</summary>
    public DeadLetterCounts Counts => new(
        Interlocked.Read(ref _forwarded), Interlocked.Read(ref _dropped), Interlocked.Read(ref _damaged), Interlocked.Read(ref _postponed));

    public void Forward(ClassicQueue source, FlushSet flush)
    {
        Work work = _work.Value!;
        work.Waiting.Enqueue(source);
        if (work.Running)
        {
            return;
        }

        work.Running = true;
        try
        {
            while (work.Waiting.TryDequeue(out ClassicQueue? next))
            {
                ForwardSlice(next, work, flush);
            }
        }
        finally
        {
            work.Running = false;
        }
    }

    public void Dispose() => _work.Dispose();

    // As many as may go in one turn. Whatever happens, the source is told that it is over.
    private void ForwardSlice(ClassicQueue source, Work work, FlushSet flush)
    {
        bool failed = false;
        work.Aside.Clear();
        try
        {
            int sent = 0;
            while (sent < DeadLetterLine.SliceMax && !failed && source.Letters.Take(work.Batch))
            {
                sent += work.Batch.Count;
                failed = !ForwardBatch(source, work, flush);
                work.Batch.Clear();
            }
        }
        finally
        {
            work.Batch.Clear();
            source.Letters.PutBack(CollectionsMarshal.AsSpan(work.Aside));
            source.Letters.End(failed || work.Aside.Count > 0);
        }
    }

    // False: the rest of the batch has gone back, and it is no use to go on.
    private bool ForwardBatch(ClassicQueue source, Work work, FlushSet flush)
    {
        for (int i = 0; i < work.Batch.Count; i++)
        {
            ForwardOutcome outcome = TryForward(source, work.Batch[i], work.Routes, flush);
            if (outcome == ForwardOutcome.Done)
            {
                continue;
            }

            Interlocked.Increment(ref _postponed);
            if (outcome == ForwardOutcome.Later)
            {
                source.Letters.PutBack(CollectionsMarshal.AsSpan(work.Batch)[i..]);
                return false;
            }

            work.Aside.Add(work.Batch[i]);
        }

        return true;
    }

    private ForwardOutcome TryForward(ClassicQueue source, in DeadLetter letter, RouteSet routes, FlushSet flush)
    {
        try
        {
            return ForwardOne(source, letter, routes, flush);
        }
        catch (Exception fault)
        {
            _broker.Scheduler.Report(source, fault);
            return ForwardOutcome.Aside;
        }
    }

    private ForwardOutcome ForwardOne(ClassicQueue source, in DeadLetter letter, RouteSet routes, FlushSet flush)
    {
        QueueLimits limits = source.Limits;
        if (_broker.FindVirtualHost(source.VirtualHostName) is not { } vhost)
        {
            return ForwardOutcome.Later; // it is being read, or deleted, and then the letters go with the queue
        }

        if (limits.DeadLetterExchange is not { } exchangeName || vhost.FindExchange(exchangeName) is not { } exchange)
        {
            return Drop(source, letter);
        }

        Payload old = letter.Payload;
        bool isReadBack = old.IsEmpty;
        if (isReadBack)
        {
            RecordReadResult read = source.Letters.TryReadBack(letter, out old);
            if (read != RecordReadResult.Ok)
            {
                return OnUnread(source, letter, read);
            }
        }

        try
        {
            var message = new Message(old);
            if (_broker.FindFormat(message.Format) is not { } format)
            {
                return ForwardOutcome.Later;
            }

            ForwardOutcome outcome = ForwardMessage(source, letter, message, format, vhost, exchange, limits, routes, flush);
            if (outcome == ForwardOutcome.Done && !isReadBack)
            {
                old.Release(); // the letter's own
            }

            return outcome;
        }
        finally
        {
            if (isReadBack)
            {
                old.Release();
            }
        }
    }

    private ForwardOutcome ForwardMessage(
        ClassicQueue source,
        in DeadLetter letter,
        Message message,
        MessageFormat format,
        VirtualHost vhost,
        Exchange exchange,
        QueueLimits limits,
        RouteSet routes,
        FlushSet flush)
    {
        string? newKey = limits.DeadLetterRoutingKey;
        DeathHistory history = DeathHistory.Extend(
            message, format, source.Name, letter.Reason, _broker.Clock.NowMs, replacesRoutingKey: newKey is not null);
        if (!TryRewrite(message, format, exchange, newKey, history, out Payload image))
        {
            return ForwardOutcome.Aside; // a key no message can have, of a queue declared before that was refused
        }

        try
        {
            var moved = new Message(image);
            routes.Clear();
            vhost.Publishing.RouteWithCopies(exchange, moved, format, routes);
            routes.RemoveWhere(queue => history.IsCycleThrough(queue.Name));
            return Send(source, letter, moved, routes, vhost, flush);
        }
        finally
        {
            image.Release();
        }
    }

    private ForwardOutcome Send(
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
            source.Letters.Discard(letter);
            Interlocked.Increment(ref _dropped);
            return ForwardOutcome.Done;
        }

        var from = letter.Lsn != 0 ? new RecordReference(source.Id, letter.Lsn) : default;
        PublishOutcome outcome = vhost.Publishing.Publish(moved, routes, from, flush, out CommitTicket ticket);
        if (outcome == PublishOutcome.Refused)
        {
            return ForwardOutcome.Later;
        }

        if (letter.Lsn == 0 || ticket.IsNone)
        {
            source.Letters.Discard(letter); // nothing was stored for it that would give back what the source held
        }

        Interlocked.Increment(ref _forwarded);
        return ForwardOutcome.Done;
    }

    private ForwardOutcome Drop(ClassicQueue source, in DeadLetter letter)
    {
        source.Letters.Discard(letter);
        letter.Payload.Release();
        Interlocked.Increment(ref _dropped);
        return ForwardOutcome.Done;
    }

    // What is damaged is named by who has read it, and its record stays for who may mend it. All else may pass.
    private ForwardOutcome OnUnread(ClassicQueue source, in DeadLetter letter, RecordReadResult read)
    {
        switch (read)
        {
            case RecordReadResult.Damaged:
                source.CountDamaged();
                Interlocked.Increment(ref _damaged);
                return ForwardOutcome.Done;
            case RecordReadResult.Gone:
                return Drop(source, letter);
            default:
                return ForwardOutcome.Aside;
        }
    }

    private bool TryRewrite(
        Message message, MessageFormat format, Exchange exchange, string? newKey, DeathHistory history, out Payload image)
    {
        byte[] properties = format.WithHeaders(message.Properties, history.Headers, keepExpiration: false);
        ReadOnlySpan<byte> key = newKey is null ? message.RoutingKey : System.Text.Encoding.UTF8.GetBytes(newKey);
        image = default;
        if (!Message.TrySizeOf(exchange.NameUtf8.Length, key.Length, properties.Length, message.BodyLength, out int size))
        {
            return false;
        }

        image = _broker.Slabs.Allocate(size);
        var envelope = new MessageEnvelope(
            message.Format,
            (message.Flags | MessageFlags.HasHeaders | MessageFlags.DeadLettered) & ~MessageFlags.HasTtl,
            message.Priority,
            _broker.Clock.NowMs,
            TtlMs: -1);
        int body = Message.WriteHead(image.Writable, envelope, exchange.NameUtf8, key, properties, message.BodyLength);
        message.Body.CopyTo(image.Writable[body..]);
        return true;
    }

    private sealed class Work
    {
        public Queue<ClassicQueue> Waiting { get; } = new();

        public List<DeadLetter> Batch { get; } = [];

        public List<DeadLetter> Aside { get; } = [];

        public RouteSet Routes { get; } = new();

        public bool Running { get; set; }
    }
}
