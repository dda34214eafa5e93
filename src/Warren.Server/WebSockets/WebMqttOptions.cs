using Warren.Buffers.Options;

namespace Warren.Server.WebSockets;

/// <summary>Where MQTT is spoken over WebSocket, and with whom.</summary>
public sealed record WebMqttOptions
{
    /// <summary>The port; 0: the system chooses; null: none.</summary>
    [ConfigKey("web_mqtt.tcp.port", "web_mqtt.port")]
    public ushort? Port
    {
        get;
        init
        {
            field = value;
            IsPortGiven = true;
        }
    } = 15675;

    /// <summary>Whether <see cref="Port"/> was chosen; only then a port that is taken stops the start.</summary>
    public bool IsPortGiven { get; private init; }

    /// <summary>The address of this machine it listens on; null: all.</summary>
    [ConfigKey("web_mqtt.tcp.ip")]
    public string? Address { get; init; }

    /// <summary>The port over TLS; 0: the system chooses; null: not over TLS.</summary>
    [ConfigKey("web_mqtt.ssl.port")]
    public ushort? SslPort { get; init; }

    /// <summary>The address of this machine it listens on over TLS; null: all.</summary>
    [ConfigKey("web_mqtt.ssl.ip")]
    public string? SslAddress { get; init; }

    /// <summary>The path; <c>*</c>: any.</summary>
    [ConfigKey("web_mqtt.ws_path")]
    public string Path { get; init; } = "/ws";

    /// <summary>Web sites whose scripts may connect; none or <c>*</c>: all. Who is no browser is not asked.</summary>
    [ConfigKey("web_mqtt.allow_origins.$name")]
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>Milliseconds without a sign of life, not even an answer to a ping, after which a client is dropped.</summary>
    [ConfigKey("web_mqtt.ws_opts.idle_timeout", Unit = ConfigUnit.Milliseconds, Min = 2)]
    public int IdleTimeoutMs { get; init; } = 60_000;

    /// <summary>Milliseconds within which the head of a request has to arrive.</summary>
    [ConfigKey("web_mqtt.cowboy_opts.request_timeout", Unit = ConfigUnit.Milliseconds, Min = 1)]
    public int RequestTimeoutMs { get; init; } = 30_000;
}
