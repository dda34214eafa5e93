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

/// <summary>A connection at the moment of a scrape.</summary>
/// <param name="Connection">The connection.</param>
/// <param name="View">How it stands.</param>
internal readonly record struct ConnectionSample(IClientConnection Connection, ConnectionView View);

/// <summary>A channel at the moment of a scrape.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="View">How it stands.</param>
/// <param name="Counts">What was counted.</param>
internal readonly record struct ChannelSample(IClientChannel Channel, ChannelView View, MessageCounts Counts);
