using Warren.Core.Metrics;

namespace Warren.Management.Prometheus;

/// <summary>Metrics of queues, by the families of RabbitMQ.</summary>
internal static class QueueMetrics
{
    /// <summary>queue_coarse_metrics.</summary>
    public static readonly Measured<QueueSample>[] Coarse =
    [
        new(new Metric("queue_messages_ready", MetricType.Gauge, "Messages ready to be delivered to consumers"), static q => q.Lengths.Ready),
        new(new Metric("queue_messages_unacked", MetricType.Gauge, "Messages delivered to consumers but not yet acknowledged"), static q => q.Lengths.Unacked),
        new(new Metric("queue_messages", MetricType.Gauge, "Sum of ready and unacknowledged messages - total queue depth"), static q => q.Lengths.Ready + q.Lengths.Unacked),
        new(new Metric("queue_process_reductions_total", MetricType.Counter, "Total number of queue process reductions; none are counted"), static q => 0),
    ];

    /// <summary>queue_consumer_count.</summary>
    public static readonly Measured<QueueSample>[] Consumers =
    [
        new(new Metric("queue_consumers", MetricType.Gauge, "Consumers on a queue"), static q => q.Lengths.Consumers),
    ];

    /// <summary>queue_metrics but for the number of consumers.</summary>
    public static readonly Measured<QueueSample>[] Rest =
    [
        new(new Metric("queue_consumer_capacity", MetricType.Gauge, "Consumer capacity"), static q => q.Lengths.Consumers > 0 && q.Lengths.Ready == 0 ? 1 : 0),
        new(new Metric("queue_consumer_utilisation", MetricType.Gauge, "Same as consumer capacity"), static q => q.Lengths.Consumers > 0 && q.Lengths.Ready == 0 ? 1 : 0),
        new(new Metric("queue_process_memory_bytes", MetricType.Gauge, "Memory in bytes used by a queue, estimated"), static q => Views.QueueView.MemoryOf(q.Lengths)),
        new(new Metric("queue_messages_bytes", MetricType.Gauge, "Size in bytes of ready and unacknowledged messages"), static q => q.Lengths.Bytes),
        new(new Metric("queue_messages_ready_bytes", MetricType.Gauge, "Size in bytes of ready messages"), static q => q.Lengths.ReadyBytes),
        new(new Metric("queue_messages_unacked_bytes", MetricType.Gauge, "Size in bytes of all unacknowledged messages"), static q => q.Lengths.Bytes - q.Lengths.ReadyBytes),
    ];

    /// <summary>queue_delivery_metrics.</summary>
    public static readonly Measured<QueueSample>[] Delivery =
    [
        new(new Metric("queue_get_ack_total", MetricType.Counter, "Total number of messages fetched from a queue with basic.get in manual acknowledgement mode"), static q => q.Counts.Get(MessageCounter.Get)),
        new(new Metric("queue_get_total", MetricType.Counter, "Total number of messages fetched from a queue with basic.get in automatic acknowledgement mode"), static q => q.Counts.Get(MessageCounter.GetNoAck)),
        new(new Metric("queue_messages_delivered_ack_total", MetricType.Counter, "Total number of messages delivered from a queue to consumers in manual acknowledgement mode"), static q => q.Counts.Get(MessageCounter.Deliver)),
        new(new Metric("queue_messages_delivered_total", MetricType.Counter, "Total number of messages delivered from a queue to consumers in automatic acknowledgement mode"), static q => q.Counts.Get(MessageCounter.DeliverNoAck)),
        new(new Metric("queue_messages_redelivered_total", MetricType.Counter, "Total number of messages redelivered from a queue to consumers"), static q => q.Counts.Get(MessageCounter.Redeliver)),
        new(new Metric("queue_messages_acked_total", MetricType.Counter, "Total number of messages acknowledged by consumers on a queue"), static q => q.Counts.Get(MessageCounter.Ack)),
        new(new Metric("queue_get_empty_total", MetricType.Counter, "Total number of times basic.get operations fetched no message on a queue"), static q => q.Counts.Get(MessageCounter.GetEmpty)),
    ];

    /// <summary>queue_info of RabbitMQ 4: a one with the labels queue_type and membership.</summary>
    public static readonly Metric Kind = new("queue_info", MetricType.Gauge, "Metadata about a queue");
}
