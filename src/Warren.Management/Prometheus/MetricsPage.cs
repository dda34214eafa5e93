using System.Text.RegularExpressions;
using Warren.Core;
using Warren.Core.Arguments;
using Warren.Core.Connections;
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
    private const string QueueExchange = "queue_exchange_metrics";
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
            new[] { QueueMetrics.Coarse, QueueMetrics.Consumers, QueueMetrics.Rest, QueueMetrics.Delivery })
        {
            await WriteQueuesAsync(text, Prefix, family, queues, cancellationToken);
        }

        await WriteKindsAsync(text, Prefix, queues, cancellationToken);
        await NeighbourMetrics.WriteQueuesAsync(text, Prefix, queues.Select(static q => q.Queue!), cancellationToken);
        await WriteClientsAsync(text, Prefix, _ => true, sample.Channels, cancellationToken);
        await text.FlushAsync(isEnd: true, cancellationToken);
    }

    /// <summary>What memory is used for.</summary>
    public async Task WriteMemoryAsync(MetricText text, CancellationToken cancellationToken)
    {
        WriteIdentity(text, "memory-breakdown");
        foreach ((string name, long bytes) in NodeView.MemoryParts(_broker))
        {
            text.Single(Prefix, new Metric($"memory_{name}_bytes", MetricType.Gauge, $"Memory used for {name}"), bytes);
        }

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

        if (families.Contains("message_size_metrics"))
        {
            SizeHistogram.Write(text, DetailedPrefix, ProtocolSample.DefaultProtocol, _broker.Statistics.Sizes());
        }

        if (QueueFamilies.Any(f => families.Contains(f.Name)) || families.Contains(QueueExchange) || families.Contains("queue_info"))
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

            if (families.Contains("queue_info"))
            {
                await WriteKindsAsync(text, DetailedPrefix, queues, cancellationToken);
            }

            if (families.Contains(QueueExchange))
            {
                await NeighbourMetrics.WriteQueuesAsync(text, DetailedPrefix, queues.Select(static q => q.Queue!), cancellationToken);
            }
        }

        List<ChannelSample> channels =
            [.. sample.Channels.Where(c => c.Channel.Connection.VirtualHost is { } v && Includes(v.Name))];
        await WriteClientsAsync(text, DetailedPrefix, families.Contains, channels, cancellationToken);
        await ClusterMetrics.WriteAsync(
            text, families, [.. _broker.VirtualHosts.Where(v => Includes(v.Name))], DetailedPrefix, cancellationToken);
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

        IReadOnlyList<ProtocolSample> protocols = ProtocolSample.All(sample);
        WriteProtocols(text, GlobalMetrics.ByProtocol, protocols, static p => MetricText.Labels(("protocol", p)));
        WriteAll(text, Prefix, [GlobalMetrics.Routed], sample, MetricText.Labels(("protocol", ProtocolSample.DefaultProtocol)));
        WriteProtocols(
            text, GlobalMetrics.ByQueueType, protocols, static p => MetricText.Labels(("protocol", p), ("queue_type", QueueType)));
        SizeHistogram.Write(text, Prefix, ProtocolSample.DefaultProtocol, _broker.Statistics.Sizes());
        MqttMetrics.Write(text, sample);
        BrokerMetrics.Write(text, sample);
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

    private static void WriteProtocols(
        MetricText text, Measured<ProtocolSample>[] family, IReadOnlyList<ProtocolSample> protocols, Func<string, string> labels)
    {
        foreach (Measured<ProtocolSample> measured in family)
        {
            text.Head(Prefix, measured.Metric);
            foreach (ProtocolSample protocol in protocols)
            {
                text.Value(Prefix, measured.Metric, labels(protocol.Protocol), measured.Value(protocol));
            }
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
        if (isAsked("channel_metrics"))
        {
            await WriteChannelsAsync(text, prefix, ChannelMetrics.Own, channels, cancellationToken);
        }

        if (isAsked("channel_process_metrics"))
        {
            await WriteChannelsAsync(text, prefix, ChannelMetrics.Work, channels, cancellationToken);
        }

        if (isAsked("channel_exchange_metrics"))
        {
            await NeighbourMetrics.WriteChannelsAsync(
                text, prefix, ChannelMetrics.Publishing, channels, "exchange", static c => c.Channel.Publishes, cancellationToken);
        }

        if (isAsked("channel_queue_metrics"))
        {
            await NeighbourMetrics.WriteChannelsAsync(
                text, prefix, ChannelMetrics.Taking, channels, "queue", static c => c.Channel.Deliveries, cancellationToken);
        }

        foreach ((string name, Measured<ConnectionSample>[] family) in new[]
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
        CancellationToken cancellationToken)
    {
        foreach (Measured<ChannelSample> measured in family)
        {
            text.Head(prefix, measured.Metric);
            foreach (ChannelSample channel in channels)
            {
                string labels = MetricText.Labels(("channel", ChannelJson.NameOf(channel.Channel)));
                text.Value(prefix, measured.Metric, labels, measured.Value(channel));
                await text.FlushAsync(isEnd: false, cancellationToken);
            }
        }
    }

    private async Task WriteConnectionsAsync(
        MetricText text, string prefix, Measured<ConnectionSample>[] family, CancellationToken cancellationToken)
    {
        foreach (Measured<ConnectionSample> measured in family)
        {
            text.Head(prefix, measured.Metric);
            foreach (IClientConnection connection in _broker.Connections.All)
            {
                // RabbitMQ calls this label channel too
                string labels = MetricText.Labels(("channel", connection.Name));
                text.Value(prefix, measured.Metric, labels, measured.Value(new ConnectionSample(connection, connection.View())));
                await text.FlushAsync(isEnd: false, cancellationToken);
            }
        }
    }

    private static async Task WriteKindsAsync(
        MetricText text, string prefix, List<QueueSample> queues, CancellationToken cancellationToken)
    {
        text.Head(prefix, QueueMetrics.Kind);
        foreach (QueueSample queue in queues)
        {
            bool isQuorum = queue.Queue!.Definition.Parsed.Kind == QueueKind.Quorum;
            string kind = MetricText.Labels(
                ("queue_type", isQuorum ? "rabbit_quorum_queue" : QueueType), ("membership", "leader"));
            text.Value(prefix, QueueMetrics.Kind, $"{queue.Labels},{kind}", 1);
            await text.FlushAsync(isEnd: false, cancellationToken);
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

        return new QueueSample(null, "", sum, counts);
    }

    private List<QueueSample> ListQueues(Predicate<string> includes, Predicate<string> isAsked)
    {
        var queues = new List<QueueSample>();
        foreach (VirtualHost virtualHost in _broker.VirtualHosts.Where(v => includes(v.Name)))
        {
            foreach (MessageQueue queue in virtualHost.Queues.Where(q => isAsked(q.Name)))
            {
                queues.Add(new QueueSample(
                    queue,
                    MetricText.Labels(("vhost", virtualHost.Name), ("queue", queue.Name)), queue.Counts, queue.Statistics));
            }
        }

        return queues;
    }
}
