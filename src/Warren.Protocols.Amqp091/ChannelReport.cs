using Warren.Core.Connections;
using Warren.Core.Metrics;

namespace Warren.Protocols.Amqp091;

/// <summary>A channel as operators see it.</summary>
/// <remarks>Any thread.</remarks>
internal sealed class ChannelReport(Channel channel) : IClientChannel
{
    public IClientConnection Connection => channel.Connection.Report;

    public int Number => channel.Number;

    /// <summary>What the channel takes: slots of unacknowledged deliveries, and consumers.</summary>
    public (int Unacked, int Consumers) Held => channel.Held;

    public MessageCounts Counts => channel.Statistics.Counts;

    public ObjectHistory History => channel.Statistics.History;

    public MessageSizes Sizes => channel.Statistics.Sizes;

    public NeighbourTable Publishes => channel.Statistics.Publishes;

    public NeighbourTable Deliveries => channel.Statistics.Deliveries;

    public ChannelView View() => channel.Connection.WhileStill(channel.View);

    public IReadOnlyList<ConsumerView> ListConsumers() => channel.Connection.WhileStill(channel.ListConsumers);
}
