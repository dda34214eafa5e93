using Warren.Core.Metrics;

namespace Warren.Management.Prometheus;

/// <summary>Counters of everything since the start; they only grow, whatever is closed.</summary>
internal static class GlobalMetrics
{
    /// <summary>With the label protocol.</summary>
    public static readonly Measured<ProtocolSample>[] ByProtocol =
    [
        new(new Metric("global_messages_received_total", MetricType.Counter, "Total number of messages received from publishers"), static s => s.Counts.Get(MessageCounter.Publish)),
        new(new Metric("global_messages_received_confirm_total", MetricType.Counter, "Total number of messages received from publishers using confirms"), static s => s.Counts.Get(MessageCounter.Confirm) + s.Unconfirmed),
        new(new Metric("global_messages_unroutable_dropped_total", MetricType.Counter, "Total number of messages published as non-mandatory into an exchange and dropped as unroutable"), static s => s.Counts.Get(MessageCounter.DropUnroutable)),
        new(new Metric("global_messages_unroutable_returned_total", MetricType.Counter, "Total number of messages published as mandatory into an exchange and returned to the publisher as unroutable"), static s => s.Counts.Get(MessageCounter.ReturnUnroutable)),
        new(new Metric("global_messages_confirmed_total", MetricType.Counter, "Total number of messages confirmed to publishers"), static s => s.Counts.Get(MessageCounter.Confirm)),
        new(new Metric("global_publishers", MetricType.Gauge, "Publishers currently connected"), static s => s.Publishers),
        new(new Metric("global_consumers", MetricType.Gauge, "Consumers currently connected"), static s => s.Consumers),
    ];

    /// <summary>With the label protocol; not told apart by it.</summary>
    public static readonly Measured<NodeSample> Routed =
        new(new Metric("global_messages_routed_total", MetricType.Counter, "Total number of messages routed to queues"), static s => s.Routed);

    /// <summary>With the labels protocol and queue_type.</summary>
    public static readonly Measured<ProtocolSample>[] ByQueueType =
    [
        new(new Metric("global_messages_delivered_total", MetricType.Counter, "Total number of messages delivered to consumers"), static s => s.Counts.Get(MessageCounter.Deliver) + s.Counts.Get(MessageCounter.DeliverNoAck)
            + s.Counts.Get(MessageCounter.Get) + s.Counts.Get(MessageCounter.GetNoAck)),
        new(new Metric("global_messages_delivered_consume_manual_ack_total", MetricType.Counter, "Total number of messages delivered to consumers using basic.consume with manual acknowledgment"), static s => s.Counts.Get(MessageCounter.Deliver)),
        new(new Metric("global_messages_delivered_consume_auto_ack_total", MetricType.Counter, "Total number of messages delivered to consumers using basic.consume with automatic acknowledgment"), static s => s.Counts.Get(MessageCounter.DeliverNoAck)),
        new(new Metric("global_messages_delivered_get_manual_ack_total", MetricType.Counter, "Total number of messages delivered to consumers using basic.get with manual acknowledgment"), static s => s.Counts.Get(MessageCounter.Get)),
        new(new Metric("global_messages_delivered_get_auto_ack_total", MetricType.Counter, "Total number of messages delivered to consumers using basic.get with automatic acknowledgment"), static s => s.Counts.Get(MessageCounter.GetNoAck)),
        new(new Metric("global_messages_get_empty_total", MetricType.Counter, "Total number of times basic.get operations fetched no message"), static s => s.Counts.Get(MessageCounter.GetEmpty)),
        new(new Metric("global_messages_redelivered_total", MetricType.Counter, "Total number of messages redelivered to consumers"), static s => s.Counts.Get(MessageCounter.Redeliver)),
        new(new Metric("global_messages_acknowledged_total", MetricType.Counter, "Total number of message acknowledgements received from consumers"), static s => s.Counts.Get(MessageCounter.Ack)),
    ];

    /// <summary>channel_exchange_metrics and channel_queue_metrics of all channels there ever were.</summary>
    public static readonly Measured<NodeSample>[] OfChannels =
    [
        new(new Metric("channel_messages_published_total", MetricType.Counter, "Total number of messages published into an exchange on a channel"), static s => s.Totals[(int)MessageCounter.Publish]),
        new(new Metric("channel_messages_confirmed_total", MetricType.Counter, "Total number of messages published into an exchange and confirmed on the channel"), static s => s.Totals[(int)MessageCounter.Confirm]),
        new(new Metric("channel_messages_unroutable_returned_total", MetricType.Counter, "Total number of messages published as mandatory into an exchange and returned to the publisher as unroutable"), static s => s.Totals[(int)MessageCounter.ReturnUnroutable]),
        new(new Metric("channel_messages_unroutable_dropped_total", MetricType.Counter, "Total number of messages published as non-mandatory into an exchange and dropped as unroutable"), static s => s.Totals[(int)MessageCounter.DropUnroutable]),
        new(new Metric("channel_get_ack_total", MetricType.Counter, "Total number of messages fetched with basic.get in manual acknowledgement mode"), static s => s.Totals[(int)MessageCounter.Get]),
        new(new Metric("channel_get_total", MetricType.Counter, "Total number of messages fetched with basic.get in automatic acknowledgement mode"), static s => s.Totals[(int)MessageCounter.GetNoAck]),
        new(new Metric("channel_messages_delivered_ack_total", MetricType.Counter, "Total number of messages delivered to consumers in manual acknowledgement mode"), static s => s.Totals[(int)MessageCounter.Deliver]),
        new(new Metric("channel_messages_delivered_total", MetricType.Counter, "Total number of messages delivered to consumers in automatic acknowledgement mode"), static s => s.Totals[(int)MessageCounter.DeliverNoAck]),
        new(new Metric("channel_messages_redelivered_total", MetricType.Counter, "Total number of messages redelivered to consumers"), static s => s.Totals[(int)MessageCounter.Redeliver]),
        new(new Metric("channel_messages_acked_total", MetricType.Counter, "Total number of messages acknowledged by consumers"), static s => s.Totals[(int)MessageCounter.Ack]),
        new(new Metric("channel_get_empty_total", MetricType.Counter, "Total number of times basic.get operations fetched no message"), static s => s.Totals[(int)MessageCounter.GetEmpty]),
        new(new Metric("queue_messages_published_total", MetricType.Counter, "Total number of messages published to queues"), static s => s.Routed),
        new(new Metric("connection_incoming_bytes_total", MetricType.Counter, "Total number of bytes received on a connection"), static s => s.Totals[Series.ReceivedOctets]),
        new(new Metric("connection_outgoing_bytes_total", MetricType.Counter, "Total number of bytes sent on a connection"), static s => s.Totals[Series.SentOctets]),
    ];
}
