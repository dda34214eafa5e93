using System.Globalization;
using Warren.Core.Metrics;

namespace Warren.Management.Prometheus;

/// <summary>message_size_metrics: how large the bodies of published messages are.</summary>
internal static class SizeHistogram
{
    private static readonly Metric Size = new("message_size_bytes", MetricType.Histogram, "Size of messages received from publishers");

    /// <summary>Writes the histogram of a protocol.</summary>
    public static void Write(MetricText text, string prefix, string protocol, in MessageSizes sizes)
    {
        text.Head(prefix, Size);
        long count = 0;
        for (int i = 0; i < MessageSizes.Limits.Count; i++)
        {
            count += sizes.InGroup(i);
            string limit = MessageSizes.Limits[i].ToString(CultureInfo.InvariantCulture);
            text.Value(prefix, Size, MetricText.Labels(("protocol", protocol), ("le", limit)), count, "_bucket");
        }

        count += sizes.InGroup(MessageSizes.Limits.Count);
        text.Value(prefix, Size, MetricText.Labels(("protocol", protocol), ("le", "+Inf")), count, "_bucket");
        text.Value(prefix, Size, MetricText.Labels(("protocol", protocol)), count, "_count");
        text.Value(prefix, Size, MetricText.Labels(("protocol", protocol)), sizes.TotalBytes, "_sum");
    }
}
