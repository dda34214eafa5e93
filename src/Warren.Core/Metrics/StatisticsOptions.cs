using Warren.Buffers.Options;

namespace Warren.Core.Metrics;

/// <summary>What is counted and how often it is looked at.</summary>
public sealed record StatisticsOptions
{
    /// <summary>Milliseconds between two samples.</summary>
    [ConfigKey("collect_statistics_interval", Min = 1000)]
    public int IntervalMs { get; init; } = 5000;
}
