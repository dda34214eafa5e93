using System.Text.Json.Nodes;
using Warren.Core;
using Warren.Core.Connections;
using Warren.Core.Exchanges;
using Warren.Core.Metrics;
using Warren.Core.Queues;

namespace Warren.Management.Views;

/// <summary>The lists <c>incoming</c>, <c>outgoing</c>, <c>publishes</c> and <c>deliveries</c>: what went between two objects.</summary>
internal static class NeighbourView
{
    /// <summary>What came into a queue, by exchange; exchanges that are gone are not shown.</summary>
    public static JsonArray IncomingOf(MessageQueue queue, VirtualHost virtualHost, SampleQuery samples) => JsonArrays.Of(
        from exchange in queue.Incoming?.All ?? []
        where virtualHost.FindExchange(exchange.Name) is not null
        select Of(exchange, MessageStats.Published, samples, "exchange", NameOf(exchange.Name, virtualHost.Name)));

    /// <summary>What was taken from a queue, by channel.</summary>
    public static JsonArray DeliveriesOf(MessageQueue queue, Broker broker, string node, SampleQuery samples) => JsonArrays.Of(
        from channel in ChannelsIn(queue.VirtualHostName, broker)
        let taken = channel.Deliveries?.Find(queue.Name)
        where taken is not null && taken.Counts.Sum != 0
        select Of(taken, MessageStats.Taken, samples, "channel_details", ChannelJson.DetailsOf(channel, node)));

    /// <summary>What was published to an exchange, by channel.</summary>
    public static JsonArray IncomingOf(Exchange exchange, VirtualHost virtualHost, Broker broker, string node, SampleQuery samples) =>
        JsonArrays.Of(
            from channel in ChannelsIn(virtualHost.Name, broker)
            let sent = channel.Publishes?.Find(exchange.Name)
            where sent is not null
            select Of(sent, MessageStats.Sent, samples, "channel_details", ChannelJson.DetailsOf(channel, node)));

    /// <summary>What went from an exchange, by queue.</summary>
    public static JsonArray OutgoingOf(Exchange exchange, VirtualHost virtualHost, SampleQuery samples) => JsonArrays.Of(
        from queue in virtualHost.Queues
        let came = queue.Incoming?.Find(exchange.Name)
        where came is not null
        select Of(came, MessageStats.Published, samples, "queue", NameOf(queue.Name, virtualHost.Name)));

    /// <summary>What a channel published, by exchange.</summary>
    public static JsonArray PublishesOf(IClientChannel channel, SampleQuery samples) => JsonArrays.Of(
        from exchange in channel.Publishes?.All ?? []
        select Of(exchange, MessageStats.Sent, samples, "exchange", NameOf(exchange.Name, channel.Connection.VirtualHost?.Name)));

    /// <summary>What a channel took, by queue.</summary>
    public static JsonArray DeliveriesOf(IClientChannel channel, SampleQuery samples) => JsonArrays.Of(
        from queue in channel.Deliveries?.All ?? []
        where queue.Counts.Sum != 0
        select Of(queue, MessageStats.Taken, samples, "queue", NameOf(queue.Name, channel.Connection.VirtualHost?.Name)));

    private static IEnumerable<IClientChannel> ChannelsIn(string virtualHost, Broker broker) =>
        broker.Connections.All.Where(c => c.VirtualHost?.Name == virtualHost).SelectMany(static c => c.ListChannels());

    private static JsonObject NameOf(string name, string? virtualHost) => new() { ["name"] = name, ["vhost"] = virtualHost };

    private static JsonObject Of(
        Neighbour neighbour, (string Name, int[] Series)[] names, SampleQuery samples, string key, JsonObject other)
    {
        MessageCounts counts = neighbour.Counts;
        return new JsonObject
        {
            ["stats"] = MessageStats.Of(names, counts, neighbour.History.Samples, samples),
            [key] = other,
        };
    }
}
