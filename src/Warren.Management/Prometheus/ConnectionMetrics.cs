namespace Warren.Management.Prometheus;

/// <summary>Metrics of connections, by the families of RabbitMQ.</summary>
internal static class ConnectionMetrics
{
    /// <summary>connection_coarse_metrics.</summary>
    public static readonly Measured<ConnectionSample>[] Octets =
    [
        new(new Metric("connection_incoming_bytes_total", MetricType.Counter, "Total number of bytes received on a connection"), static c => c.View.ReceivedOctets),
        new(new Metric("connection_outgoing_bytes_total", MetricType.Counter, "Total number of bytes sent on a connection"), static c => c.View.SentOctets),
        new(new Metric("connection_process_reductions_total", MetricType.Counter, "Total number of connection process reductions; none are counted"), static c => 0),
    ];

    /// <summary>connection_metrics.</summary>
    public static readonly Measured<ConnectionSample>[] Packets =
    [
        new(new Metric("connection_incoming_packets_total", MetricType.Counter, "Total number of packets received on a connection"), static c => c.View.ReceivedCount),
        new(new Metric("connection_outgoing_packets_total", MetricType.Counter, "Total number of packets sent on a connection"), static c => c.View.SentCount),
        new(new Metric("connection_pending_packets", MetricType.Gauge, "Number of bytes waiting to be sent on a connection"), static c => c.View.PendingOctets),
        new(new Metric("connection_channels", MetricType.Gauge, "Channels on a connection"), static c => c.Connection.ChannelCount),
    ];
}
