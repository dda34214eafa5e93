using Warren.Core.Metrics;

namespace Warren.Management.Prometheus;

/// <summary>Metrics of channels, by the families of RabbitMQ.</summary>
internal static class ChannelMetrics
{
    /// <summary>channel_metrics.</summary>
    public static readonly Measured<ChannelSample>[] Own =
    [
        new(new Metric("channel_consumers", MetricType.Gauge, "Consumers on a channel"), static c => c.View.ConsumerCount),
        new(new Metric("channel_messages_unacked", MetricType.Gauge, "Delivered but not yet acknowledged messages"), static c => c.View.Unacknowledged),
        new(new Metric("channel_messages_unconfirmed", MetricType.Gauge, "Published but not yet confirmed messages"), static c => c.View.Unconfirmed),
        new(new Metric("channel_messages_uncommitted", MetricType.Gauge, "Messages received in a transaction but not yet committed"), static c => c.View.Uncommitted),
        new(new Metric("channel_acks_uncommitted", MetricType.Gauge, "Message acknowledgements in a transaction not yet committed"), static c => c.View.AcksUncommitted),
        new(new Metric("consumer_prefetch", MetricType.Gauge, "Limit of unacknowledged messages for each consumer"), static c => c.View.PrefetchCount),
        new(new Metric("channel_prefetch", MetricType.Gauge, "Total limit of unacknowledged messages for all consumers on a channel"), static c => c.View.GlobalPrefetchCount),
    ];

    /// <summary>channel_process_metrics.</summary>
    public static readonly Measured<ChannelSample>[] Work =
    [
        new(new Metric("channel_process_reductions_total", MetricType.Counter, "Total number of channel process reductions; none are counted"), static c => 0),
    ];

    /// <summary>channel_exchange_metrics, for each channel and exchange.</summary>
    public static readonly Measured<MessageCounts>[] Publishing =
    [
        new(new Metric("channel_messages_published_total", MetricType.Counter, "Total number of messages published into an exchange on a channel"), static c => c.Get(MessageCounter.Publish)),
        new(new Metric("channel_messages_unroutable_returned_total", MetricType.Counter, "Total number of messages published as mandatory into an exchange and returned to the publisher as unroutable"), static c => c.Get(MessageCounter.ReturnUnroutable)),
        new(new Metric("channel_messages_unroutable_dropped_total", MetricType.Counter, "Total number of messages published as non-mandatory into an exchange and dropped as unroutable"), static c => c.Get(MessageCounter.DropUnroutable)),
    ];

    /// <summary>channel_queue_metrics, for each channel and queue.</summary>
    public static readonly Measured<MessageCounts>[] Taking =
    [
        new(new Metric("channel_get_ack_total", MetricType.Counter, "Total number of messages fetched with basic.get in manual acknowledgement mode"), static c => c.Get(MessageCounter.Get)),
        new(new Metric("channel_get_total", MetricType.Counter, "Total number of messages fetched with basic.get in automatic acknowledgement mode"), static c => c.Get(MessageCounter.GetNoAck)),
        new(new Metric("channel_messages_delivered_ack_total", MetricType.Counter, "Total number of messages delivered to consumers in manual acknowledgement mode"), static c => c.Get(MessageCounter.Deliver)),
        new(new Metric("channel_messages_delivered_total", MetricType.Counter, "Total number of messages delivered to consumers in automatic acknowledgement mode"), static c => c.Get(MessageCounter.DeliverNoAck)),
        new(new Metric("channel_messages_redelivered_total", MetricType.Counter, "Total number of messages redelivered to consumers"), static c => c.Get(MessageCounter.Redeliver)),
        new(new Metric("channel_messages_acked_total", MetricType.Counter, "Total number of messages acknowledged by consumers"), static c => c.Get(MessageCounter.Ack)),
        new(new Metric("channel_get_empty_total", MetricType.Counter, "Total number of times basic.get operations fetched no message"), static c => c.Get(MessageCounter.GetEmpty)),
    ];
}
