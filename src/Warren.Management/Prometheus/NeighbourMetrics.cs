using Warren.Core.Metrics;
using Warren.Core.Queues;
using Warren.Management.Views;

namespace Warren.Management.Prometheus;

/// <summary>Metrics of what went between two objects: the families with the labels of both.</summary>
internal static class NeighbourMetrics
{
    private static readonly Metric Published =
        new("queue_exchange_messages_published_total", MetricType.Counter, "Total number of messages published into a queue through an exchange");

    /// <summary>channel_exchange_metrics or channel_queue_metrics.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="prefix">First part of the names.</param>
    /// <param name="family">What is measured.</param>
    /// <param name="channels">Of these channels.</param>
    /// <param name="label">What the neighbour is: <c>exchange</c> or <c>queue</c>.</param>
    /// <param name="neighbours">The neighbours of a channel.</param>
    /// <param name="cancellationToken">Ends when the reader has gone.</param>
    public static async Task WriteChannelsAsync(
        MetricText text,
        string prefix,
        Measured<MessageCounts>[] family,
        List<ChannelSample> channels,
        string label,
        Func<ChannelSample, NeighbourTable?> neighbours,
        CancellationToken cancellationToken)
    {
        foreach (Measured<MessageCounts> measured in family)
        {
            text.Head(prefix, measured.Metric);
            foreach (ChannelSample channel in channels)
            {
                string name = ChannelJson.NameOf(channel.Channel);
                string virtualHost = channel.Channel.Connection.VirtualHost?.Name ?? "";
                foreach (Neighbour neighbour in neighbours(channel)?.All ?? [])
                {
                    string labels = MetricText.Labels(("channel", name), ("vhost", virtualHost), (label, neighbour.Name));
                    text.Value(prefix, measured.Metric, labels, measured.Value(neighbour.Counts));
                    await text.FlushAsync(isEnd: false, cancellationToken);
                }
            }
        }
    }

    /// <summary>queue_exchange_metrics.</summary>
    public static async Task WriteQueuesAsync(
        MetricText text, string prefix, IEnumerable<MessageQueue> queues, CancellationToken cancellationToken)
    {
        text.Head(prefix, Published);
        foreach (MessageQueue queue in queues)
        {
            foreach (Neighbour exchange in queue.Incoming?.All ?? [])
            {
                string labels = MetricText.Labels(
                    ("queue_vhost", queue.VirtualHostName), ("queue", queue.Name),
                    ("exchange_vhost", queue.VirtualHostName), ("exchange", exchange.Name));
                text.Value(prefix, Published, labels, exchange.Counts.Get(MessageCounter.Publish));
                await text.FlushAsync(isEnd: false, cancellationToken);
            }
        }
    }
}
