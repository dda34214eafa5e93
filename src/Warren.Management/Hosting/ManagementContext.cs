using Microsoft.Extensions.Logging;
using Warren.Core;

namespace Warren.Management.Hosting;

/// <summary>What every endpoint can see: the broker and how it was started.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class ManagementContext
{
    /// <summary>The version of RabbitMQ whose API this is; clients switch features by it.</summary>
    public const string RabbitVersion = "4.1.0";

    private readonly string _configuredClusterName;

    /// <param name="broker">The broker.</param>
    /// <param name="options">How the API is set up.</param>
    /// <param name="log">Where faults are told.</param>
    /// <param name="clusterName">The configured name; what <c>PUT /api/cluster-name</c> stores wins over it.</param>
    public ManagementContext(Broker broker, ManagementOptions options, ILogger log, string? clusterName = null)
    {
        ArgumentNullException.ThrowIfNull(broker);
        Broker = broker;
        Options = options;
        Log = log;
        NodeName = broker.NodeName;
        _configuredClusterName = clusterName ?? NodeName;
        StartedAt = broker.Time.GetUtcNow();
    }

    /// <summary>The broker.</summary>
    public Broker Broker { get; }

    /// <summary>How the API is set up.</summary>
    public ManagementOptions Options { get; }

    /// <summary>How Prometheus' part is set up.</summary>
    public PrometheusOptions Prometheus { get; init; } = new();

    /// <summary>Where faults are told.</summary>
    public ILogger Log { get; }

    /// <summary>The name of this node, <c>warren@host</c>.</summary>
    public string NodeName { get; }

    /// <summary>When it was started.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>Where the data is; empty: unknown.</summary>
    public string DataDirectory { get; init; } = "";

    /// <summary>The configuration files that were read.</summary>
    public IReadOnlyList<string> ConfigurationFiles { get; init; } = [];

    /// <summary>What can be done to the process around the broker; null: nothing.</summary>
    public INodeControl? Control { get; init; }

    /// <summary>Whether clients are served.</summary>
    public NodeState State => Control?.State ?? NodeState.Running;

    /// <summary>The configuration the server runs with.</summary>
    public Func<IReadOnlyList<SettingView>> Configuration { get; init; } = static () => [];

    /// <summary>The addresses listened on at this moment.</summary>
    public Func<IReadOnlyList<ListenerView>> Listeners { get; init; } = static () => [];

    /// <summary>The certificate that clients of a protocol of <see cref="Listeners"/> are shown at this moment; null: none.</summary>
    public Func<string, CertificateView?> CertificateFor { get; init; } = static _ => null;

    /// <summary>The version of this program.</summary>
    public static string ProductVersion { get; } =
        typeof(ManagementContext).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <summary>The name of the cluster: the stored one, else the configured one, else the node's.</summary>
    public string ClusterName =>
        Broker.Parameters.FindGlobal(ClusterNameParameter)?.Value is { ValueKind: System.Text.Json.JsonValueKind.String } name
            ? name.GetString()!
            : _configuredClusterName;

    /// <summary>The global parameter that holds the name.</summary>
    internal const string ClusterNameParameter = "cluster_name";
}
