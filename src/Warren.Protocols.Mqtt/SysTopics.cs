using System.Text;
using Warren.Buffers;
using Warren.Buffers.Fields;
using Warren.Core;
using Warren.Core.Exchanges;
using Warren.Core.Messages;
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

    private readonly Broker _broker;
    private readonly ITimer? _timer;
    private readonly Dictionary<string, string> _last = new(StringComparer.Ordinal);
    private readonly long _startedMs;

    public SysTopics(Broker broker, int intervalSeconds)
    {
        _broker = broker;
        _startedMs = broker.Clock.NowMs;
        Messages = RetainedMessages.InMemory(broker);
        if (intervalSeconds > 0)
        {
            var interval = TimeSpan.FromSeconds(intervalSeconds);
            _timer = broker.Time.CreateTimer(static s => ((SysTopics)s!).PublishAll(), this, TimeSpan.Zero, interval);
        }
    }

    /// <summary>What is known of each topic.</summary>
    public RetainedMessages Messages { get; }

    /// <summary>Makes the exchange of a virtual host.</summary>
    public void EnsureExchange(VirtualHost virtualHost)
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
        var flush = new FlushSet();
        int connected = 0;
        long sessions = 0;
        foreach (VirtualHost virtualHost in _broker.VirtualHosts)
        {
            foreach (ClientSession session in virtualHost.Sessions.List())
            {
                sessions++;
                connected += session.IsConnected ? 1 : 0;
            }
        }

        Publish("version", $"warren version {typeof(SysTopics).Assembly.GetName().Version?.ToString(3)}", flush);
        Publish("uptime", $"{(_broker.Clock.NowMs - _startedMs) / 1000} seconds", flush);
        Publish("clients/connected", connected, flush);
        Publish("clients/active", connected, flush);
        Publish("clients/disconnected", sessions - connected, flush);
        Publish("clients/inactive", sessions - connected, flush);
        Publish("clients/total", sessions, flush);
        flush.FlushAll();
    }

    private void Publish(string topic, long value, FlushSet flush) =>
        Publish(topic, value.ToString(System.Globalization.CultureInfo.InvariantCulture), flush);

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
        var envelope = new MessageEnvelope(MessageFormat.Mqtt, MessageFlags.None, 0, _broker.Clock.NowMs, -1);
        Payload image = _broker.Slabs.Allocate((int)Message.SizeOf(exchange.Length, key.Length, properties.Length, body.Length));
        int at = Message.WriteHead(image.Writable, envelope, exchange, key, properties, body.Length);
        body.CopyTo(image.Writable[at..]);
        var message = new Message(image);
        Messages.Set(message);
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
