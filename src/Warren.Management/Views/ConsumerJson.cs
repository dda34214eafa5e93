using System.Text.Json.Nodes;
using Warren.Core.Connections;

namespace Warren.Management.Views;

/// <summary>A consumer as the HTTP API shows it.</summary>
internal static class ConsumerJson
{
    /// <summary>A consumer of a channel.</summary>
    public static JsonObject Of(ConsumerView consumer, IClientChannel channel, string node)
    {
        IClientConnection connection = channel.Connection;
        return new JsonObject
        {
            ["consumer_tag"] = consumer.Tag,
            ["queue"] = new JsonObject { ["name"] = consumer.Queue, ["vhost"] = connection.VirtualHost?.Name },
            ["ack_required"] = consumer.AckRequired,
            ["prefetch_count"] = consumer.PrefetchCount,
            ["exclusive"] = consumer.Exclusive,
            ["active"] = consumer.IsActive,
            ["activity_status"] = consumer.IsActive ? "up" : "waiting",
            ["arguments"] = FieldJson.Of(consumer.Arguments),
            ["consumer_timeout"] = consumer.TimeoutMs,
            ["channel_details"] = ChannelJson.DetailsOf(channel, node),
        };
    }
}
