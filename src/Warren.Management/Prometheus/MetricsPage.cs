using System.Text.RegularExpressions;
using Warren.Core;
using Warren.Core.Connections;
using Warren.Core.Exchanges;
using Warren.Core.Metrics;
using Warren.Core.Queues;
using Warren.Management.Views;
using Warren.Management.Hosting;

namespace Warren.Management.Prometheus;

/// <summary>What Prometheus reads: <c>/metrics</c>, <c>/metrics/per-object</c> and <c>/metrics/detailed</c>.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class MetricsPage
{
    private const string Prefix = "rabbitmq_";
    private const string DetailedPrefix = "rabbitmq_detailed_";
    private const string ClusterPrefix = "rabbitmq_cluster_";
    private const string Protocol = "amqp091";
    private const string QueueType = "rabbit_classic_queue";

    private static readonly Metric Identity = new("identity_info", MetricType.Untyped, "RabbitMQ node & cluster identity info");
    private static readonly Metric Build = new("build_info", MetricType.Untyped, "RabbitMQ & Erlang/OTP version info");
    private static readonly Metric OwnBuild = new("info", MetricType.Gauge, "Version of Warren");

    private readonly ManagementContext _context;
    private readonly Broker _broker;
    private long _routedBefore;

    /// <summary>Pages about a broker.</summary>
    public MetricsPage(ManagementContext context)
    {
        _context = context;
        _broker = context.Broker;
    }

    /// <summary>One series for each metric, however many queues there are.</summary>
    public async Task WriteAggregatedAsync(MetricText text, CancellationToken cancellationToken)
    {
        NodeSample sample = WriteNode(text, "aggregated");
        WriteAll(text, GlobalMetrics.OfChannels, sample);
        QueueSample queues = SumOfQueues();
        foreach (Measured<QueueSample>[] family in new[] { QueueMetrics.Coarse, QueueMetrics.Consumers, QueueMetrics.Rest })
        {
            foreach (Measured<QueueSample> measured in family)
            {
                text.Single(Prefix, measured.Metric, measured.Value(queues));
            }
        }

        foreach (Measured<ChannelSample> measured in ChannelMetrics.Own)
        {
            text.Single(Prefix, measured.Metric, sample.Channels.Sum(c => measured.Value(c)));
        }

        await text.FlushAsync(isEnd: true, cancellationToken);
    }

    /// <summary>One series for each queue, channel and connection.</summary>
    public async Task WritePerObjectAsync(MetricText text, CancellationToken cancellationToken)
    {
        NodeSample sample = WriteNode(text, "per-object");
        List<QueueSample> queues = ListQueues(_ => true, _ => true);
        foreach (Measured<QueueSample>[] family in
            new[] { QueueMetrics.Coarse, QueueMetrics.Consumers, QueueMetrics.Rest, QueueMetrics.Delivery, QueueMetrics.Published })
        {
            await WriteQueuesAsync(text, Prefix, family, queues, cancellationToken);
        }

        await WriteClientsAsync(text, Prefix, _ => true, sample.Channels, cancellationToken);
        await text.FlushAsync(isEnd: true, cancellationToken);
    }

    /// <summary>The families asked for, of the virtual hosts and queues asked for.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="families">Names of families; empty: only who we are.</param>
    /// <param name="virtualHosts">Names of virtual hosts; empty: all.</param>
    /// <param name="queueNames">Which queues; null: all.</param>
    public async Task WriteDetailedAsync(
        MetricText text,
        IReadOnlySet<string> families,
        IReadOnlySet<string> virtualHosts,
        Regex? queueNames,
        CancellationToken cancellationToken)
    {
        WriteIdentity(text, "detailed");
        bool Includes(string virtualHost) => virtualHosts.Count == 0 || virtualHosts.Contains(virtualHost);
        var sample = new NodeSample(_context);
        foreach ((string name, Measured<NodeSample>[] family) in NodeFamilies)
        {
            if (families.Contains(name))
            {
                WriteAll(text, DetailedPrefix, family, sample, "");
            }
        }

        if (families.Contains("auth_attempt_metrics"))
        {
            AuthMetrics.WriteByProtocol(text, DetailedPrefix, _broker.Authenticator.Attempts);
        }

        if (families.Contains("auth_attempt_detailed_metrics"))
        {
            AuthMetrics.WriteBySource(text, DetailedPrefix, _broker.Authenticator.Attempts);
        }

        if (QueueFamilies.Any(f => families.Contains(f.Name)))
        {
            List<QueueSample> queues = ListQueues(Includes, name => queueNames is null || queueNames.IsMatch(name));
            foreach ((string name, Measured<QueueSample>[] family) in QueueFamilies)
            {
                // queue_metrics has the number of consumers too: asked for both, it comes once
                bool isRepeated = name == "queue_consumer_count" && families.Contains("queue_metrics");
                if (families.Contains(name) && !isRepeated)
                {
                    await WriteQueuesAsync(text, DetailedPrefix, family, queues, cancellationToken);
                }
            }
        }

        List<ChannelSample> channels =
            [.. sample.Channels.Where(c => c.Channel.Connection.VirtualHost is { } v && Includes(v.Name))];
        await WriteClientsAsync(text, DetailedPrefix, families.Contains, channels, cancellationToken);
        await WriteExchangesAsync(text, families, Includes, cancellationToken);
        await text.FlushAsync(isEnd: true, cancellationToken);
    }

    private static readonly (string Name, Measured<NodeSample>[] Family)[] NodeFamilies =
    [
        ("connection_churn_metrics", NodeMetrics.ConnectionChurn),
        ("node_coarse_metrics", NodeMetrics.Coarse),
        ("node_metrics", NodeMetrics.Limits),
        ("node_persister_metrics", NodeMetrics.Persister),
    ];

    private static readonly (string Name, Measured<QueueSample>[] Family)[] QueueFamilies =
    [
        ("queue_coarse_metrics", QueueMetrics.Coarse),
        ("queue_consumer_count", QueueMetrics.Consumers),
        ("queue_metrics", [.. QueueMetrics.Consumers, .. QueueMetrics.Rest]),
        ("queue_delivery_metrics", QueueMetrics.Delivery),
        ("queue_exchange_metrics", QueueMetrics.Published),
    ];

    private NodeSample WriteNode(MetricText text, string endPoint)
    {
        WriteIdentity(text, endPoint);
        var sample = new NodeSample(_context);
        sample.Routed = NeverLess(sample.Routed);
        foreach (Measured<NodeSample>[] family in new[]
        {
            NodeMetrics.ConnectionChurn, NodeMetrics.Coarse, NodeMetrics.Limits, NodeMetrics.Persister, NodeMetrics.Totals,
            NodeMetrics.Alarms,
        })
        {
            WriteAll(text, family, sample);
        }

        WriteAll(text, Prefix, GlobalMetrics.ByProtocol, sample, MetricText.Labels(("protocol", Protocol)));
        WriteAll(
            text,
            Prefix,
            GlobalMetrics.ByQueueType,
            sample,
            MetricText.Labels(("protocol", Protocol), ("queue_type", QueueType)));
        AuthMetrics.WriteByProtocol(text, Prefix, _broker.Authenticator.Attempts);
        return sample;
    }

    private void WriteIdentity(MetricText text, string endPoint)
    {
        text.Head(Prefix, Identity);
        text.Value(
            Prefix,
            Identity,
            MetricText.Labels(
                ("rabbitmq_node", _context.NodeName),
                ("rabbitmq_cluster", _context.ClusterName),
                ("rabbitmq_cluster_permanent_id", _context.ClusterName),
                ("rabbitmq_endpoint", endPoint)),
            1);
        text.Head(Prefix, Build);
        text.Value(
            Prefix,
            Build,
            MetricText.Labels(
                ("rabbitmq_version", ManagementContext.RabbitVersion),
                ("product_version", ManagementContext.ProductVersion),
                ("product_name", ProductNames.Product),
                ("prometheus_plugin_version", ManagementContext.RabbitVersion),
                ("prometheus_client_version", ManagementContext.ProductVersion),
                ("erlang_version", ProductNames.RuntimeVersion)),
            1);
        text.Head("warren_", OwnBuild);
        text.Value(
            "warren_",
            OwnBuild,
            MetricText.Labels(("version", ManagementContext.ProductVersion), ("runtime", ProductNames.RuntimeVersion)),
            1);
    }

    // An exchange that is deleted takes its counts along; a counter must not go down.
    private long NeverLess(long routed)
    {
        long before = Interlocked.Read(ref _routedBefore);
        while (routed > before)
        {
            long seen = Interlocked.CompareExchange(ref _routedBefore, routed, before);
            if (seen == before)
            {
                return routed;
            }

            before = seen;
        }

        return before;
    }

    private static void WriteAll(MetricText text, Measured<NodeSample>[] family, NodeSample sample) =>
        WriteAll(text, Prefix, family, sample, "");

    private static void WriteAll(
        MetricText text, string prefix, Measured<NodeSample>[] family, NodeSample sample, string labels)
    {
        foreach (Measured<NodeSample> measured in family)
        {
            text.Head(prefix, measured.Metric);
            text.Value(prefix, measured.Metric, labels, measured.Value(sample));
        }
    }

    private static async Task WriteQueuesAsync(
        MetricText text,
        string prefix,
        Measured<QueueSample>[] family,
        List<QueueSample> queues,
        CancellationToken cancellationToken)
    {
        foreach (Measured<QueueSample> measured in family)
        {
            text.Head(prefix, measured.Metric);
            foreach (QueueSample queue in queues)
            {
                text.Value(prefix, measured.Metric, queue.Labels, measured.Value(queue));
                await text.FlushAsync(isEnd: false, cancellationToken);
            }
        }
    }

    private async Task WriteClientsAsync(
        MetricText text,
        string prefix,
        Predicate<string> isAsked,
        List<ChannelSample> channels,
        CancellationToken cancellationToken)
    {
        foreach ((string name, Measured<ChannelSample>[] family) in new[]
        {
            ("channel_metrics", ChannelMetrics.Own),
            ("channel_exchange_metrics", ChannelMetrics.Publishing),
            ("channel_queue_metrics", ChannelMetrics.Taking),
        })
        {
            if (isAsked(name))
            {
                await WriteChannelsAsync(text, prefix, family, channels, name != "channel_metrics", cancellationToken);
            }
        }

        foreach ((string name, Measured<ConnectionView>[] family) in new[]
        {
            ("connection_coarse_metrics", ConnectionMetrics.Octets),
            ("connection_metrics", ConnectionMetrics.Packets),
        })
        {
            if (isAsked(name))
            {
                await WriteConnectionsAsync(text, prefix, family, cancellationToken);
            }
        }
    }

    private static async Task WriteChannelsAsync(
        MetricText text,
        string prefix,
        Measured<ChannelSample>[] family,
        List<ChannelSample> channels,
        bool showsVirtualHost,
        CancellationToken cancellationToken)
    {
        foreach (Measured<ChannelSample> measured in family)
        {
            text.Head(prefix, measured.Metric);
            foreach (ChannelSample channel in channels)
            {
                string name = ChannelJson.NameOf(channel.Channel);
                string labels = showsVirtualHost
                    ? MetricText.Labels(("channel", name), ("vhost", channel.Channel.Connection.VirtualHost?.Name ?? ""))
                    : MetricText.Labels(("channel", name));
                text.Value(prefix, measured.Metric, labels, measured.Value(channel));
                await text.FlushAsync(isEnd: false, cancellationToken);
            }
        }
    }

    private async Task WriteConnectionsAsync(
        MetricText text, string prefix, Measured<ConnectionView>[] family, CancellationToken cancellationToken)
    {
        foreach (Measured<ConnectionView> measured in family)
        {
            text.Head(prefix, measured.Metric);
            foreach (IClientConnection connection in _broker.Connections.All)
            {
                // RabbitMQ calls this label channel too
                string labels = MetricText.Labels(("channel", connection.Name));
                text.Value(prefix, measured.Metric, labels, measured.Value(connection.View()));
                await text.FlushAsync(isEnd: false, cancellationToken);
            }
        }
    }

    private async Task WriteExchangesAsync(
        MetricText text, IReadOnlySet<string> families, Predicate<string> includes, CancellationToken cancellationToken)
    {
        var exchanges = new List<(VirtualHost VirtualHost, Exchange Exchange)>();
        var status = new Metric("vhost_status", MetricType.Gauge, "Whether a given vhost is running");
        foreach (VirtualHost virtualHost in _broker.VirtualHosts.Where(v => includes(v.Name)))
        {
            exchanges.AddRange(virtualHost.Exchanges.Select(e => (virtualHost, e)));
        }

        if (families.Contains("vhost_status"))
        {
            text.Head(ClusterPrefix, status);
            foreach (VirtualHost virtualHost in _broker.VirtualHosts.Where(v => includes(v.Name)))
            {
                text.Value(ClusterPrefix, status, MetricText.Labels(("vhost", virtualHost.Name)), 1);
            }
        }

        if (families.Contains("exchange_bindings"))
        {
            var bindings = new Metric("exchange_bindings", MetricType.Gauge, "Number of bindings for an exchange");
            text.Head(ClusterPrefix, bindings);
            foreach ((VirtualHost virtualHost, Exchange exchange) in exchanges)
            {
                string labels = MetricText.Labels(
                    ("vhost", virtualHost.Name), ("exchange", exchange.Name), ("type", exchange.Type));
                text.Value(ClusterPrefix, bindings, labels, virtualHost.BindingsFrom(exchange).Count);
                await text.FlushAsync(isEnd: false, cancellationToken);
            }
        }

        foreach (Measured<MessageCounts> measured in families.Contains("exchange_metrics") ? ExchangeMetrics.Published : [])
        {
            text.Head(DetailedPrefix, measured.Metric);
            foreach ((VirtualHost virtualHost, Exchange exchange) in exchanges)
            {
                string labels = MetricText.Labels(("vhost", virtualHost.Name), ("exchange", exchange.Name));
                text.Value(DetailedPrefix, measured.Metric, labels, measured.Value(exchange.Counts));
                await text.FlushAsync(isEnd: false, cancellationToken);
            }
        }
    }

    private QueueSample SumOfQueues()
    {
        MessageCounts counts = default;
        QueueCounts sum = default;
        foreach (VirtualHost virtualHost in _broker.VirtualHosts)
        {
            foreach (MessageQueue queue in virtualHost.Queues)
            {
                QueueCounts one = queue.Counts;
                sum = new QueueCounts(
                    sum.Ready + one.Ready,
                    sum.Unacked + one.Unacked,
                    sum.ReadyBytes + one.ReadyBytes,
                    sum.Consumers + one.Consumers,
                    sum.Damaged + one.Damaged,
                    sum.Bytes + one.Bytes);
                counts.Add(queue.Statistics);
            }
        }

        return new QueueSample("", sum, counts);
    }

    private List<QueueSample> ListQueues(Predicate<string> includes, Predicate<string> isAsked)
    {
        var queues = new List<QueueSample>();
        foreach (VirtualHost virtualHost in _broker.VirtualHosts.Where(v => includes(v.Name)))
        {
            foreach (MessageQueue queue in virtualHost.Queues.Where(q => isAsked(q.Name)))
            {
                queues.Add(new QueueSample(
                    MetricText.Labels(("vhost", virtualHost.Name), ("queue", queue.Name)), queue.Counts, queue.Statistics));
            }
        }

        return queues;
    }
}
