using Microsoft.Extensions.Logging;
using Warren.Buffers.Fields;
using Warren.Core;
using Warren.Core.Exchanges;
using Warren.Core.Security;
using Warren.Core.Sessions;
using Warren.Transport;

namespace Warren.Protocols.Mqtt;

/// <summary>MQTT 3.1, 3.1.1 and 5.0, spoken by a broker's listeners.</summary>
/// <remarks>Thread-safe; one instance for all connections.</remarks>
public sealed class MqttProtocol : IProtocol, IDisposable
{
    private readonly Broker _broker;
    private readonly ILogger _log;
    private volatile MqttOptions _options;

    /// <summary>Registers the encoding with the broker.</summary>
    public MqttProtocol(Broker broker, MqttOptions options, ILoggerFactory logs)
    {
        ArgumentNullException.ThrowIfNull(broker);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(logs);
        _broker = broker;
        _options = options;
        Options = options;
        _log = logs.CreateLogger("connection");
        broker.RegisterFormat(MqttMessageFormat.Instance);
        broker.WillPublisher = new WillPublisher(broker, this, _log);
        Sys = new SysTopics(broker, Traffic, options.SysIntervalSeconds);
    }

    /// <summary>What new connections are held to; those that are open keep what they were told.</summary>
    public MqttOptions Options
    {
        get => _options;
        set
        {
            _options = value;
            _broker.RetainingExchange = value.RetainAvailable ? value.Exchange : null;
            _broker.RetainedLimits = new RetainedLimits
            {
                ChecksSource = value.ChecksRetainedSource,
                MessagesMax = value.RetainedMessagesMax,
                BytesMax = value.RetainedBytesMax,
            };
        }
    }

    /// <inheritdoc/>
    public string Name => "mqtt";

    /// <summary>The topics of the server itself.</summary>
    internal SysTopics Sys { get; }

    /// <inheritdoc/>
    public IProtocolSession Accept(Connection connection) => new MqttConnection(_broker, this, connection, _log, isWeb: false);

    /// <summary>The same for clients that come through a WebSocket.</summary>
    public IProtocol OverWebSocket => new WebProtocol(this);

    /// <inheritdoc/>
    public void Dispose() => Sys.Dispose();

    /// <summary>The connections and what they have received and sent.</summary>
    internal Traffic Traffic { get; } = new();

    /// <summary>Whether there are more connections than allowed.</summary>
    internal bool IsFull(MqttOptions options) => options.MaxConnections is { } most && Traffic.Count > most;

    /// <summary>Makes the topic exchange of a virtual host if it is missing.</summary>
    internal void EnsureExchange(VirtualHost virtualHost)
    {
        string name = _options.Exchange;
        if (virtualHost.FindExchange(name) is null)
        {
            _log.ExchangeMissing(name, virtualHost.Name);
            virtualHost.DeclareExchange(
                User.Internal,
                new ExchangeDeclaration(name, TopicExchange.TypeName, Durable: true, AutoDelete: false, Internal: false, FieldTable.Empty));
        }
    }

    private sealed class WebProtocol(MqttProtocol mqtt) : IProtocol
    {
        public string Name => "web-mqtt";

        public IProtocolSession Accept(Connection connection) =>
            new MqttConnection(mqtt._broker, mqtt, connection, mqtt._log, isWeb: true);
    }
}
