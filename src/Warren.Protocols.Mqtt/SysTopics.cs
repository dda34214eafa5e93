using System.Globalization;
using System.Text;
using Warren.Buffers;
using Warren.Buffers.Scheduling;
using Warren.Buffers.Fields;
using Warren.Core;
using Warren.Core.Exchanges;
using Warren.Core.Messages;
using Warren.Core.Queues;
using Warren.Core.Routing;
using Warren.Core.Security;
using Warren.Core.Sessions;
using Warren.Wire.Mqtt;

namespace Warren.Protocols.Mqtt;

/// <summary>The topics of the server itself, <c>$SYS/broker/…</c>, as Mosquitto publishes them.</summary>
/// <remarks>
/// Thread-safe. They go through an exchange of their own, so that nobody who binds to the topic exchange gets them, and
/// are kept in memory only.
/// </remarks>
internal sealed class SysTopics : IDisposable
{
    /// <summary>The internal topic exchange they go through; made in a virtual host when somebody subscribes there.</summary>
    public const string ExchangeName = "mqtt.sys";

    private static readonly string[] Spans = ["1min", "5min", "15min"];

    private readonly Broker _broker;
    private readonly Traffic _traffic;
    private readonly GuardedTimer? _timer;
    private readonly Lock _publishing = new();
    private readonly Dictionary<string, string> _last = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LoadAverage> _loads = new(StringComparer.Ordinal);
    private readonly Uptime _started;
    private long _lastTimestamp;
    private long _heapMaximum;

    public SysTopics(Broker broker, Traffic traffic, int intervalSeconds)
    {
        _broker = broker;
        _traffic = traffic;
        _started = broker.Clock.Uptime;
        _lastTimestamp = broker.Time.GetTimestamp();
        Messages = RetainedMessages.InMemory(broker);
        if (intervalSeconds > 0)
        {
            PublishAll(); // before the first client asks
            var interval = TimeSpan.FromSeconds(intervalSeconds);
            _timer = broker.Scheduler.Every(interval, this, PublishAll);
        }
    }

    /// <summary>What is known of each topic.</summary>
    public RetainedMessages Messages { get; }

    /// <summary>Makes the exchange of a virtual host.</summary>
    public static void EnsureExchange(VirtualHost virtualHost)
    {
        if (virtualHost.FindExchange(ExchangeName) is null)
        {
            virtualHost.DeclareExchange(
                User.Internal,
                new ExchangeDeclaration(ExchangeName, TopicExchange.TypeName, Durable: true, AutoDelete: false, Internal: true, FieldTable.Empty));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    private void PublishAll()
    {
        if (!_publishing.TryEnter())
        {
            return; // the last time takes longer than the interval
        }

        try
        {
            var flush = new FlushSet();
            Publish("version", $"warren version {typeof(SysTopics).Assembly.GetName().Version?.ToString(3)}", flush);
            Publish("uptime", $"{(_broker.Clock.Uptime - _started) / 1000} seconds", flush);
            PublishSessions(flush);
            PublishTraffic(flush);
            long heap = GC.GetTotalMemory(forceFullCollection: false);
            _heapMaximum = Math.Max(_heapMaximum, heap);
            Publish("heap/current", heap, flush);
            Publish("heap/maximum", _heapMaximum, flush);
            flush.FlushAll();
        }
        finally
        {
            _publishing.Exit();
        }
    }

    private void PublishSessions(FlushSet flush)
    {
        long connected = 0;
        long sessions = 0;
        long expired = 0;
        long subscriptions = 0;
        long shared = 0;
        long retained = Messages.Count;
        long messages = 0;
        long bytes = Messages.Bytes;
        foreach (VirtualHost virtualHost in _broker.VirtualHosts)
        {
            SessionRegistry registry = virtualHost.Sessions;
            expired += registry.ExpiredCount;
            subscriptions += registry.SubscriptionCount;
            shared += registry.SharedSubscriptionCount;
            retained += virtualHost.Retained.Count;
            bytes += virtualHost.Retained.Bytes;
            foreach (ClientSession session in registry.List())
            {
                sessions++;
                connected += session.IsConnected ? 1 : 0;
                if (session.Queue is { } queue)
                {
                    QueueCounts counts = queue.Counts;
                    messages += counts.Ready + counts.Unacked;
                    bytes += counts.Bytes;
                }
            }
        }

        Publish("clients/total", sessions, flush);
        Publish("clients/connected", connected, flush);
        Publish("clients/active", connected, flush);
        Publish("clients/disconnected", sessions - connected, flush);
        Publish("clients/inactive", sessions - connected, flush);
        Publish("clients/maximum", _traffic.Peak, flush);
        Publish("clients/expired", expired, flush);
        Publish("subscriptions/count", subscriptions, flush);
        Publish("shared_subscriptions/count", shared, flush);
        Publish("retained messages/count", retained, flush);
        Publish("messages/stored", retained + messages, flush);
        Publish("store/messages/count", retained + messages, flush);
        Publish("store/messages/bytes", bytes, flush);
    }

    private void PublishTraffic(FlushSet flush)
    {
        PacketCounts totals = _traffic.Totals();
        Publish("messages/received", totals.PacketsIn, flush);
        Publish("messages/sent", totals.PacketsOut, flush);
        Publish("publish/messages/received", totals.PublishesIn, flush);
        Publish("publish/messages/sent", totals.PublishesOut, flush);
        Publish("publish/messages/dropped", totals.Dropped, flush);
        Publish("publish/bytes/received", totals.PayloadIn, flush);
        Publish("publish/bytes/sent", totals.PayloadOut, flush);
        Publish("bytes/received", totals.BytesIn, flush);
        Publish("bytes/sent", totals.BytesOut, flush);

        long now = _broker.Time.GetTimestamp();
        double seconds = _broker.Time.GetElapsedTime(_lastTimestamp, now).TotalSeconds;
        _lastTimestamp = now;
        PublishLoad("messages/received", totals.PacketsIn, seconds, flush);
        PublishLoad("messages/sent", totals.PacketsOut, seconds, flush);
        PublishLoad("publish/received", totals.PublishesIn, seconds, flush);
        PublishLoad("publish/sent", totals.PublishesOut, seconds, flush);
        PublishLoad("publish/dropped", totals.Dropped, seconds, flush);
        PublishLoad("bytes/received", totals.BytesIn, seconds, flush);
        PublishLoad("bytes/sent", totals.BytesOut, seconds, flush);
        PublishLoad("sockets", _traffic.Sockets, seconds, flush);
        PublishLoad("connections", _traffic.Connects, seconds, flush);
    }

    private void PublishLoad(string name, long count, double seconds, FlushSet flush)
    {
        if (!_loads.TryGetValue(name, out LoadAverage? load))
        {
            _loads[name] = load = new LoadAverage();
        }

        load.Update(count, seconds);
        for (int i = 0; i < Spans.Length; i++)
        {
            Publish($"load/{name}/{Spans[i]}", load.Averages[i].ToString("F2", CultureInfo.InvariantCulture), flush);
        }
    }

    private void Publish(string topic, long value, FlushSet flush) =>
        Publish(topic, value.ToString(CultureInfo.InvariantCulture), flush);

    private void Publish(string topic, string value, FlushSet flush)
    {
        if (_last.TryGetValue(topic, out string? last) && last == value)
        {
            return;
        }

        _last[topic] = value;
        byte[] name = Encoding.UTF8.GetBytes("$SYS/broker/" + topic);
        byte[] key = new byte[name.Length];
        TopicConversion.Swap(name, key);
        byte[] body = Encoding.UTF8.GetBytes(value);
        byte[] exchange = Encoding.UTF8.GetBytes(ExchangeName);
        byte[] properties = new byte[1];
        StoredProperties.Write(properties, 2, retain: true, 0, [], [], hasHeaders: false);
        var envelope = new MessageEnvelope(MqttMessageFormat.FormatTag, MessageFlags.None, 0, _broker.Clock.NowMs, -1);
        Payload image = _broker.Slabs.Allocate((int)Message.SizeOf(exchange.Length, key.Length, properties.Length, body.Length));
        int at = Message.WriteHead(image.Writable, envelope, exchange, key, properties, body.Length);
        body.CopyTo(image.Writable[at..]);
        var message = new Message(image);
        _ = Messages.Set(message, source: null, out _);
        foreach (VirtualHost virtualHost in _broker.VirtualHosts)
        {
            if (virtualHost.FindExchange(ExchangeName) is { } found)
            {
                var routes = new RouteSet();
                virtualHost.Publishing.Route(found, message, default, MqttMessageFormat.Instance, routes);
                virtualHost.Publishing.Publish(message, Route.Of(routes, found), flush, out _);
            }
        }

        image.Release();
    }
}
