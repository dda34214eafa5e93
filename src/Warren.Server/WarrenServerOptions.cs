using System.Net;
using Microsoft.Extensions.Logging;
using Warren.Buffers.Options;
using Warren.Core;
using Warren.Management.Hosting;
using Warren.Protocols.Amqp091;
using Warren.Protocols.Mqtt;
using Warren.Server.Configuration;
using Warren.Server.Logging;
using Warren.Server.Telemetry;
using Warren.Server.WebSockets;
using Warren.Storage;
using Warren.Transport;
using Warren.Transport.Tls;

namespace Warren.Server;

/// <summary>Everything a server is started with. A new instance starts a broker as RabbitMQ's defaults would.</summary>
public sealed record WarrenServerOptions
{
    internal static readonly IReadOnlyList<IPEndPoint> DefaultMqttListeners = [new IPEndPoint(IPAddress.IPv6Any, 1883)];

    /// <summary>Where the broker keeps its data. Null: <see cref="DataDirectoryLocation.Default"/>.</summary>
    [ConfigKey("warren.data_dir")]
    public string? DataDirectory { get; init; }

    /// <summary>Addresses on which AMQP 0-9-1 is spoken over TCP; port 0 lets the system choose.</summary>
    [ConfigKey("listeners.tcp.$name")]
    public IReadOnlyList<IPEndPoint> TcpListeners { get; init; } = [new IPEndPoint(IPAddress.IPv6Any, 5672)];

    /// <summary>Addresses on which AMQP 0-9-1 is spoken over TLS.</summary>
    [ConfigKey("listeners.ssl.$name")]
    public IReadOnlyList<IPEndPoint> SslListeners { get; init; } = [];

    /// <summary>Addresses on which MQTT is spoken over TCP; port 0 lets the system choose. That this is the default is told
    /// by its identity: a default port that is taken is no error.</summary>
    [ConfigKey("mqtt.listeners.tcp.$name")]
    public IReadOnlyList<IPEndPoint> MqttTcpListeners { get; init; } = DefaultMqttListeners;

    /// <summary>Addresses on which MQTT is spoken over TLS.</summary>
    [ConfigKey("mqtt.listeners.ssl.$name")]
    public IReadOnlyList<IPEndPoint> MqttSslListeners { get; init; } = [];

    /// <summary>Limits and rules of MQTT.</summary>
    public MqttOptions Mqtt { get; init; } = new();

    /// <summary>MQTT over WebSocket.</summary>
    public WebMqttOptions WebMqtt { get; init; } = new();

    /// <summary>Certificates and rules of MQTT over WebSocket over TLS.</summary>
    [ConfigSection("ssl_options.", "web_mqtt.ssl.")]
    public TlsOptions WebMqttTls { get; init; } = new();

    /// <summary>Certificates and rules of TLS.</summary>
    public TlsOptions Tls { get; init; } = new();

    /// <summary>How connections are accepted.</summary>
    public ListenerOptions Listener { get; init; } = new();

    /// <summary>Limits and texts of AMQP 0-9-1.</summary>
    public Amqp091Options Amqp091 { get; init; } = new();

    /// <summary>The broker behind the protocols.</summary>
    public BrokerOptions Broker { get; init; } = new();

    /// <summary>Definitions brought in before the first client comes.</summary>
    public DefinitionsOptions Definitions { get; init; } = new();

    /// <summary>The HTTP API.</summary>
    public ManagementOptions Management { get; init; } = new();

    /// <summary>Certificates and rules of the HTTP API over TLS.</summary>
    [ConfigSection("ssl_options.", "management.ssl.")]
    public TlsOptions ManagementTls { get; init; } = new();

    /// <summary>Certificates and rules of Prometheus' part over TLS.</summary>
    [ConfigSection("ssl_options.", "prometheus.ssl.")]
    public TlsOptions PrometheusTls { get; init; } = new();

    /// <summary>Metrics for Prometheus.</summary>
    public PrometheusOptions Prometheus { get; init; } = new();

    /// <summary>What is logged and where to; not used when <see cref="Loggers"/> is set.</summary>
    public LogOptions Log { get; init; } = new();

    /// <summary>Where metrics are sent to.</summary>
    public TelemetryOptions Telemetry { get; init; } = new();

    /// <summary>The configuration files that were read.</summary>
    public IReadOnlyList<string> ConfigurationFiles { get; init; } = [];

    /// <summary>Tells every setting with where it was set; null: nobody knows where.</summary>
    public Func<IReadOnlyList<EffectiveSetting>>? Describe { get; init; }

    /// <summary>Loggers of the program this server is part of; not disposed here. Null: the server writes its own log.</summary>
    public ILoggerFactory? Loggers { get; init; }

    /// <summary>The clock: time to live, expiry, heartbeats.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The disk. Null: the machine's.</summary>
    public IBlockDisk? Disk { get; init; }
}
