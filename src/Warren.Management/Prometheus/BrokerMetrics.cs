using Warren.Core.DeadLettering;

namespace Warren.Management.Prometheus;

/// <summary>What should stay at 0, or should not grow, in a broker that is well.</summary>
internal static class BrokerMetrics
{
    private const string Prefix = "warren_";

    private static readonly Metric Letters = new(
        "dead_letters_total", MetricType.Counter, "Dead letters by what has become of them; postponed ones are tried again");

    private static readonly Metric Faults = new(
        "scheduled_faults_total", MetricType.Counter, "Scheduled calls that have failed; the log names them");

    private static readonly Metric Damage = new("storage_damage", MetricType.Gauge, "Damage found in the data directory since the start");

    /// <summary>Writes them.</summary>
    public static void Write(MetricText text, NodeSample sample)
    {
        DeadLetterCounts letters = sample.Broker.DeadLetterCounts;
        text.Head(Prefix, Letters);
        text.Value(Prefix, Letters, MetricText.Labels(("outcome", "forwarded")), letters.Forwarded);
        text.Value(Prefix, Letters, MetricText.Labels(("outcome", "dropped")), letters.Dropped);
        text.Value(Prefix, Letters, MetricText.Labels(("outcome", "postponed")), letters.Postponed);
        text.Value(Prefix, Letters, MetricText.Labels(("outcome", "damaged")), letters.Damaged);
        text.Single(Prefix, Faults, sample.Broker.Scheduler.Faults);
        text.Single(Prefix, Damage, sample.Broker.StorageDamageCount);
    }
}
