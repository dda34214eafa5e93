using Warren.Buffers.Options;

namespace Warren.Management.Hosting;

/// <summary>Where the HTTP API listens and what it allows.</summary>
public sealed record ManagementOptions
{
    /// <summary>The port of the API; 0: the system chooses; null: no API.</summary>
    [ConfigKey("management.tcp.port", "management.listener.port")]
    public ushort? Port
    {
        get;
        init
        {
            field = value;
            IsPortGiven = true;
        }
    } = 15672;

    /// <summary>Whether <see cref="Port"/> was chosen; only then a port that is taken stops the start.</summary>
    public bool IsPortGiven { get; private init; }

    /// <summary>The address of this machine it listens on; null: all.</summary>
    [ConfigKey("management.tcp.ip", "management.listener.ip")]
    public string? Address { get; init; }

    /// <summary>The port of the API over TLS; 0: the system chooses; null: not over TLS. Alone, there is no other port.</summary>
    [ConfigKey("management.ssl.port")]
    public ushort? SslPort { get; init; }

    /// <summary>The address of this machine it listens on over TLS; null: all.</summary>
    [ConfigKey("management.ssl.ip")]
    public string? SslAddress { get; init; }

    /// <summary>How many clients may be connected to one port; null: as many as come.</summary>
    [ConfigKey("management.tcp.max_connections", "management.ssl.max_connections", Min = 1)]
    public int? MaxConnections { get; init; }

    /// <summary>Milliseconds a connection may be idle between two requests.</summary>
    [ConfigKey("management.tcp.idle_timeout", "management.ssl.idle_timeout", Unit = ConfigUnit.Milliseconds, Min = 1)]
    public int IdleTimeoutMs { get; init; } = 60_000;

    /// <summary>Milliseconds within which the head of a request has to arrive.</summary>
    [ConfigKey("management.tcp.request_timeout", "management.ssl.request_timeout", Unit = ConfigUnit.Milliseconds, Min = 1)]
    public int RequestTimeoutMs { get; init; } = 30_000;

    /// <summary>Whether answers are compressed for who asks.</summary>
    [ConfigKey("management.tcp.compress", "management.ssl.compress")]
    public bool Compresses { get; init; } = true;

    /// <summary>What stands before <c>/api</c> in every path; empty: nothing.</summary>
    [ConfigKey("management.path_prefix")]
    public string PathPrefix { get; init; } = "";

    /// <summary>The largest request body in bytes.</summary>
    [ConfigKey("management.http.max_body_size", Unit = ConfigUnit.Bytes)]
    public long MaxBodyBytes { get; init; } = 10_000_000;

    /// <summary>Web sites whose scripts may use the API; <c>*</c>: all, without their users' logins.</summary>
    [ConfigKey("management.cors.allow_origins.$name")]
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>For how long a browser may remember what it was told of them, in seconds.</summary>
    [ConfigKey("management.cors.max_age", Unit = ConfigUnit.Seconds)]
    public long CorsMaxAgeSeconds { get; init; } = 1800;

    /// <summary>The header Content-Security-Policy of every answer; empty: none.</summary>
    [ConfigKey("management.csp.policy")]
    public string ContentSecurityPolicy { get; init; } = "script-src 'self'; object-src 'none'";

    /// <summary>The header Strict-Transport-Security of every answer; null: none.</summary>
    [ConfigKey("management.hsts.policy")]
    public string? StrictTransportSecurity { get; init; }

    /// <summary>The header X-Content-Type-Options; empty: none.</summary>
    [ConfigKey("management.headers.content_type_options")]
    public string ContentTypeOptions { get; init; } = "nosniff";

    /// <summary>The header X-XSS-Protection; null: none.</summary>
    [ConfigKey("management.headers.xss_protection")]
    public string? XssProtection { get; init; }

    /// <summary>The header X-Frame-Options; null: none.</summary>
    [ConfigKey("management.headers.frame_options")]
    public string? FrameOptions { get; init; }

    /// <summary>The header Referrer-Policy; null: none.</summary>
    [ConfigKey("management.headers.referrer_policy")]
    public string? ReferrerPolicy { get; init; }

    /// <summary>Minutes a login of the web pages lasts; null: as long as the browser keeps it.</summary>
    [ConfigKey("management.login_session_timeout", Min = 1)]
    public int? LoginSessionMinutes { get; init; }

    /// <summary>Whether operator policies can be changed in files only.</summary>
    [ConfigKey("management.restrictions.operator_policy_changes.disabled")]
    public bool OperatorPoliciesAreFixed { get; init; }
}

/// <summary>Where metrics are read by Prometheus.</summary>
public sealed record PrometheusOptions
{
    /// <summary>The port; 0: the system chooses; null: none.</summary>
    [ConfigKey("prometheus.tcp.port")]
    public ushort? Port
    {
        get;
        init
        {
            field = value;
            IsPortGiven = true;
        }
    } = 15692;

    /// <summary>Whether <see cref="Port"/> was chosen; only then a port that is taken stops the start.</summary>
    public bool IsPortGiven { get; private init; }

    /// <summary>The address of this machine it listens on; null: all.</summary>
    [ConfigKey("prometheus.tcp.ip")]
    public string? Address { get; init; }

    /// <summary>The port over TLS; 0: the system chooses; null: not over TLS. Alone, there is no other port.</summary>
    [ConfigKey("prometheus.ssl.port")]
    public ushort? SslPort { get; init; }

    /// <summary>The address of this machine it listens on over TLS; null: all.</summary>
    [ConfigKey("prometheus.ssl.ip")]
    public string? SslAddress { get; init; }

    /// <summary>The path.</summary>
    [ConfigKey("prometheus.path")]
    public string Path { get; init; } = "/metrics";

    /// <summary>Whether <see cref="Path"/> itself has series for every queue, exchange, connection and channel.</summary>
    [ConfigKey("prometheus.return_per_object_metrics")]
    public bool PerObject { get; init; }
}
