using Warren.Core.Metrics;

namespace Warren.Management.Prometheus;

/// <summary>Metrics of exchanges.</summary>
internal static class ExchangeMetrics
{
    /// <summary>exchange_metrics.</summary>
    public static readonly Measured<MessageCounts>[] Published =
    [
        new(new Metric("exchange_messages_published_total", MetricType.Counter, "Total number of messages published into an exchange"), static e => e.Get(MessageCounter.PublishIn)),
    ];
}
