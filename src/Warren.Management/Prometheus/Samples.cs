using Warren.Core.Connections;
using Warren.Core.Metrics;
using Warren.Core.Queues;

namespace Warren.Management.Prometheus;

/// <summary>A queue at the moment of a scrape.</summary>
/// <param name="Queue">The queue; null: many together.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="Lengths">What it holds.</param>
/// <param name="Counts">What was counted.</param>
internal readonly record struct QueueSample(MessageQueue? Queue, string Labels, QueueCounts Lengths, MessageCounts Counts);

/// <summary>All clients of one protocol at the moment of a scrape.</summary>
/// <param name="Protocol">What they speak.</param>
/// <param name="Counts">What was counted since the start, of those that are gone as well.</param>
/// <param name="Unconfirmed">Publishes not confirmed yet.</param>
/// <param name="Publishers">Channels that have published.</param>
/// <param name="Consumers">Consumers there are.</param>
internal readonly record struct ProtocolSample(string Protocol, MessageCounts Counts, long Unconfirmed, long Publishers, long Consumers)
{
    /// <summary>The protocol under which what belongs to none is counted.</summary>
    public const string DefaultProtocol = "amqp091";

    private static readonly string[] Always = [DefaultProtocol, "mqtt310", "mqtt311", "mqtt50"];

    /// <summary>The protocols, those nobody speaks included.</summary>
    public static IReadOnlyList<ProtocolSample> All(NodeSample node)
    {
        IReadOnlyDictionary<string, MessageCounts> counts = node.Broker.Statistics.CountsByProtocol();
        ILookup<string, ChannelSample> channels = node.Channels.ToLookup(static c => c.Channel.Connection.ProtocolLabel, StringComparer.Ordinal);
        return [.. Always.Select(protocol => new ProtocolSample(
            protocol,
            counts.TryGetValue(protocol, out MessageCounts own) ? own : default,
            channels[protocol].Sum(static c => c.View.Unconfirmed),
            channels[protocol].Count(static c => c.Counts.Get(MessageCounter.Publish) > 0),
            channels[protocol].Sum(static c => c.View.ConsumerCount)))];
    }
}

/// <summary>A connection at the moment of a scrape.</summary>
/// <param name="Connection">The connection.</param>
/// <param name="View">How it stands.</param>
internal readonly record struct ConnectionSample(IClientConnection Connection, ConnectionView View);

/// <summary>A channel at the moment of a scrape.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="View">How it stands.</param>
/// <param name="Counts">What was counted.</param>
internal readonly record struct ChannelSample(IClientChannel Channel, ChannelView View, MessageCounts Counts);
