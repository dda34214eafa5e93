using Warren.Core.Connections;

namespace Warren.Management.Prometheus;

/// <summary>Metrics of connections, by the families of RabbitMQ.</summary>
internal static class ConnectionMetrics
{
    /// <summary>connection_coarse_metrics.</summary>
    public static readonly Measured<ConnectionView>[] Octets =
    [
        new(new Metric("connection_incoming_bytes_total", MetricType.Counter, "Total number of bytes received on a connection"), static v => v.ReceivedOctets),
        new(new Metric("connection_outgoing_bytes_total", MetricType.Counter, "Total number of bytes sent on a connection"), static v => v.SentOctets),
    ];

    /// <summary>connection_metrics.</summary>
    public static readonly Measured<ConnectionView>[] Packets =
    [
        new(new Metric("connection_incoming_packets_total", MetricType.Counter, "Total number of packets received on a connection"), static v => v.ReceivedCount),
        new(new Metric("connection_outgoing_packets_total", MetricType.Counter, "Total number of packets sent on a connection"), static v => v.SentCount),
        new(new Metric("connection_pending_packets", MetricType.Gauge, "Number of bytes waiting to be sent on a connection"), static v => v.PendingOctets),
    ];
}
