using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Logging;
using Warren.Buffers;
using Warren.Core.Exchanges;
using Warren.Core.Messages;

namespace Warren.Core.Events;

/// <summary>Publishes what the broker itself has to say: events, traces, log lines.</summary>
/// <remarks>
/// Thread-safe. <see cref="Post"/> may be called under any lock: a pool thread publishes, one message after the other in
/// their order. When it cannot keep up, the newest are left out, and the log says how many. What is published here is
/// seen by nothing that posts here, so nothing goes round in circles.
/// </remarks>
internal sealed class OwnMessages : IDisposable
{
    private const int WaitingMax = 50_000;
    private const long WaitingBytesMax = 64L * 1024 * 1024;

    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    private readonly Broker _broker;
    private readonly ILogger _logger;
    private readonly ConcurrentQueue<OwnMessage> _waiting = new();
    private readonly RouteSet _routes = new(); // of the thread that publishes
    private int _waitingCount;
    private long _waitingBytes;
    private long _leftOut;
    private int _running;
    private int _isDisposed;
    private volatile bool _isOpen;

    public OwnMessages(Broker broker, ILogger logger)
    {
        _broker = broker;
        _logger = logger;
    }

    /// <summary>Takes messages from now on.</summary>
    public void Start() => _isOpen = true;

    /// <summary>Hands a message over; it takes its own reference on what it copies.</summary>
    public void Post(OwnMessage message)
    {
        if (!_isOpen)
        {
            return;
        }

        if (Volatile.Read(ref _waitingCount) >= WaitingMax
            || Volatile.Read(ref _waitingBytes) >= WaitingBytesMax)
        {
            Interlocked.Increment(ref _leftOut);
            return;
        }

        message.Copied.Retain();
        Interlocked.Increment(ref _waitingCount);
        Interlocked.Add(ref _waitingBytes, message.Weight);
        _waiting.Enqueue(message);
        if (Interlocked.Exchange(ref _running, 1) == 0)
        {
            _broker.Scheduler.Post(this, static own => own.PublishAll(), this);
        }
    }

    /// <summary>Publishes what waits and takes nothing more. Before the log is closed.</summary>
    public void Dispose()
    {
        _isOpen = false;
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0
            && SpinWait.SpinUntil(() => Interlocked.Exchange(ref _running, 1) == 0, StopLimit))
        {
            PublishWaiting(); // and still running, so that nobody publishes what comes too late
        }
    }

    private void PublishAll()
    {
        do
        {
            PublishWaiting();
            Volatile.Write(ref _running, 0);
        }
        while (!_waiting.IsEmpty && Interlocked.Exchange(ref _running, 1) == 0);
    }

    private void PublishWaiting()
    {
        if (_waiting.IsEmpty)
        {
            return;
        }

        var flush = new FlushSet();
        while (_waiting.TryDequeue(out OwnMessage? message))
        {
            Interlocked.Decrement(ref _waitingCount);
            Interlocked.Add(ref _waitingBytes, -message.Weight);
            TryPublish(message, flush);
            message.Copied.Release();
        }

        _broker.Commits.Request();
        flush.FlushAll();
        long leftOut = Interlocked.Exchange(ref _leftOut, 0);
        if (leftOut > 0)
        {
            _logger.OwnMessagesLeftOut(leftOut);
        }
    }

    // One that cannot be published is one less, not the end of all that come after it.
    private void TryPublish(OwnMessage own, FlushSet flush)
    {
        try
        {
            Publish(own, flush);
        }
        catch (Exception fault)
        {
            _broker.Scheduler.Report(this, fault);
        }
    }

    private void Publish(OwnMessage own, FlushSet flush)
    {
        if (_broker.OwnFormat is not { } format
            || format.WriteProperties(own.Properties) is not { } properties)
        {
            return;
        }

        Payload image = LayOut(own, format, properties);
        try
        {
            var message = new Message(image);
            _routes.Clear();
            own.Home.Publishing.Route(own.Exchange, message, [], format, _routes);
            own.Exchange.Count(1, _routes.Count);
            own.Home.Publishing.Publish(message, _routes, movedFrom: default, flush, out _);
        }
        finally
        {
            image.Release();
        }
    }

    private Payload LayOut(OwnMessage own, MessageFormat format, byte[] properties)
    {
        ReadOnlySpan<byte> body = own.Copied.IsEmpty ? own.Body.Span : new Message(own.Copied).Body;
        ReadOnlySpan<byte> key = Encoding.UTF8.GetBytes(own.Key);
        key = key[..Math.Min(key.Length, byte.MaxValue)];
        ReadOnlySpan<byte> exchange = own.Exchange.NameUtf8;
        MessageFlags flags = own.Properties.DeliveryMode == 2 ? MessageFlags.Persistent : MessageFlags.None;
        flags |= own.Properties.Headers is { Count: > 0 } ? MessageFlags.HasHeaders : MessageFlags.None;
        var envelope = new MessageEnvelope(format.Tag, flags, Priority: 0, _broker.Clock.NowMs, TtlMs: -1);
        long size = Message.SizeOf(exchange.Length, key.Length, properties.Length, body.Length);
        Payload image = _broker.Slabs.Allocate(checked((int)size));
        int at = Message.WriteHead(image.Writable, envelope, exchange, key, properties, body.Length);
        body.CopyTo(image.Writable[at..]);
        return image;
    }
}
