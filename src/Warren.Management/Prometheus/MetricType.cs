namespace Warren.Management.Prometheus;

/// <summary>The type of a metric in Prometheus' text format.</summary>
internal enum MetricType
{
    /// <summary>Only grows.</summary>
    Counter,

    /// <summary>Goes up and down.</summary>
    Gauge,

    /// <summary>How many are not above each of several limits.</summary>
    Histogram,

    /// <summary>Neither, or a constant.</summary>
    Untyped,
}

/// <summary>A metric without its prefix.</summary>
/// <param name="Name">Its name, such as <c>queue_messages_ready</c>.</param>
/// <param name="Type">Its type.</param>
/// <param name="Help">What it means.</param>
internal sealed record Metric(string Name, MetricType Type, string Help);

/// <summary>A metric and where its value comes from.</summary>
/// <typeparam name="TSource">What is measured.</typeparam>
/// <param name="Metric">The metric.</param>
/// <param name="Value">Its value.</param>
internal sealed record Measured<TSource>(Metric Metric, Func<TSource, double> Value);
