using Warren.Core;
using Warren.Core.Exchanges;
using Warren.Core.Metrics;

namespace Warren.Management.Prometheus;

/// <summary>Metrics of virtual hosts and exchanges, which are the same on every node.</summary>
internal static class ClusterMetrics
{
    private const string Prefix = "rabbitmq_cluster_";

    private static readonly Metric Status = new("vhost_status", MetricType.Gauge, "Whether a given vhost is running");
    private static readonly Metric Bindings = new("exchange_bindings", MetricType.Gauge, "Number of bindings for an exchange");
    private static readonly Metric Name = new("exchange_name", MetricType.Gauge, "Enumerates exchanges without any additional info");

    /// <summary>vhost_status, exchange_bindings, exchange_names and exchange_metrics, as far as they are asked for.</summary>
    public static async Task WriteAsync(
        MetricText text, IReadOnlySet<string> families, IReadOnlyList<VirtualHost> virtualHosts, string detailedPrefix,
        CancellationToken cancellationToken)
    {
        if (families.Contains("vhost_status"))
        {
            text.Head(Prefix, Status);
            foreach (VirtualHost virtualHost in virtualHosts)
            {
                text.Value(Prefix, Status, MetricText.Labels(("vhost", virtualHost.Name)), 1);
            }
        }

        if (families.Contains("exchange_bindings"))
        {
            await WriteAsync(
                text, Prefix, Bindings, virtualHosts, showsType: true, static (v, e) => v.BindingsFrom(e).Count, cancellationToken);
        }

        if (families.Contains("exchange_names"))
        {
            await WriteAsync(text, Prefix, Name, virtualHosts, showsType: true, static (_, _) => 1, cancellationToken);
        }

        foreach (Measured<MessageCounts> measured in families.Contains("exchange_metrics") ? ExchangeMetrics.Published : [])
        {
            await WriteAsync(
                text, detailedPrefix, measured.Metric, virtualHosts, showsType: false, (_, e) => measured.Value(e.Counts), cancellationToken);
        }
    }

    private static async Task WriteAsync(
        MetricText text,
        string prefix,
        Metric metric,
        IReadOnlyList<VirtualHost> virtualHosts,
        bool showsType,
        Func<VirtualHost, Exchange, double> value,
        CancellationToken cancellationToken)
    {
        text.Head(prefix, metric);
        foreach (VirtualHost virtualHost in virtualHosts)
        {
            foreach (Exchange exchange in virtualHost.Exchanges)
            {
                string labels = showsType
                    ? MetricText.Labels(("vhost", virtualHost.Name), ("exchange", exchange.Name), ("type", exchange.Type))
                    : MetricText.Labels(("vhost", virtualHost.Name), ("exchange", exchange.Name));
                text.Value(prefix, metric, labels, value(virtualHost, exchange));
                await text.FlushAsync(isEnd: false, cancellationToken);
            }
        }
    }
}
