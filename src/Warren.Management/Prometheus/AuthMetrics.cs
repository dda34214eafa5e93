using Warren.Core.Security;

namespace Warren.Management.Prometheus;

/// <summary>Metrics of logins.</summary>
internal static class AuthMetrics
{
    private static readonly Measured<LoginCounts>[] Attempts = Named("");
    private static readonly Measured<LoginCounts>[] Detailed = Named("_detailed");

    /// <summary>auth_attempt_metrics.</summary>
    public static void WriteByProtocol(MetricText text, string prefix, LoginAttempts attempts)
    {
        IReadOnlyList<KeyValuePair<string, LoginCounts>> all = attempts.ByProtocol();
        foreach (Measured<LoginCounts> measured in Attempts)
        {
            text.Head(prefix, measured.Metric);
            foreach ((string protocol, LoginCounts counts) in all)
            {
                text.Value(prefix, measured.Metric, MetricText.Labels(("protocol", protocol)), measured.Value(counts));
            }
        }
    }

    /// <summary>auth_attempt_detailed_metrics.</summary>
    public static void WriteBySource(MetricText text, string prefix, LoginAttempts attempts)
    {
        IReadOnlyList<(LoginSource Source, LoginCounts Counts)> all = attempts.BySource();
        foreach (Measured<LoginCounts> measured in Detailed)
        {
            text.Head(prefix, measured.Metric);
            foreach ((LoginSource source, LoginCounts counts) in all)
            {
                string labels = MetricText.Labels(
                    ("protocol", source.Protocol), ("username", source.UserName), ("remote_address", source.RemoteAddress));
                text.Value(prefix, measured.Metric, labels, measured.Value(counts));
            }
        }
    }

    private static Measured<LoginCounts>[] Named(string kind) =>
    [
        new(new Metric($"auth_attempts{kind}_total", MetricType.Counter, "Total number of authentication attempts"), static c => c.Total),
        new(new Metric($"auth_attempts{kind}_succeeded_total", MetricType.Counter, "Total number of successful authentication attempts"), static c => c.Succeeded),
        new(new Metric($"auth_attempts{kind}_failed_total", MetricType.Counter, "Total number of failed authentication attempts"), static c => c.Failed),
    ];
}
