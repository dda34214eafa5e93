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

    /// <summary>The path.</summary>
    [ConfigKey("prometheus.path")]
    public string Path { get; init; } = "/metrics";

    /// <summary>Whether <see cref="Path"/> itself has series for every queue, exchange, connection and channel.</summary>
    [ConfigKey("prometheus.return_per_object_metrics")]
    public bool PerObject { get; init; }
}
