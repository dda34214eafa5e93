using System.Text.Json.Nodes;
using Warren.Core.Connections;

namespace Warren.Management.Views;

/// <summary>A channel as the HTTP API shows it.</summary>
internal static class ChannelJson
{
    /// <summary>Its name: that of the connection and its number.</summary>
    public static string NameOf(IClientChannel channel) => $"{channel.Connection.Name} ({channel.Number})";

    /// <summary>A channel in other objects.</summary>
    public static JsonObject DetailsOf(IClientChannel channel, string node)
    {
        IClientConnection connection = channel.Connection;
        (string host, int port) = PeerNames.HostAndPort(connection.View().Peer);
        return new JsonObject
        {
            ["name"] = NameOf(channel),
            ["number"] = channel.Number,
            ["connection_name"] = connection.Name,
            ["node"] = node,
            ["peer_host"] = host,
            ["peer_port"] = port,
            ["user"] = connection.User?.Name,
        };
    }

    /// <summary>Everything a list shows of a channel.</summary>
    public static JsonObject Of(IClientChannel channel, string node, SampleQuery samples)
    {
        ChannelView view = channel.View();
        IClientConnection connection = channel.Connection;
        var json = new JsonObject
        {
            ["name"] = NameOf(channel),
            ["number"] = channel.Number,
            ["node"] = node,
            ["vhost"] = connection.VirtualHost?.Name,
            ["user"] = connection.User?.Name,
            ["user_who_performed_action"] = connection.User?.Name,
            ["state"] = view.State,
            ["confirm"] = view.Confirm,
            ["transactional"] = view.Transactional,
            ["consumer_count"] = view.ConsumerCount,
            ["prefetch_count"] = view.PrefetchCount,
            ["global_prefetch_count"] = view.GlobalPrefetchCount,
            ["messages_unacknowledged"] = view.Unacknowledged,
            ["messages_unconfirmed"] = view.Unconfirmed,
            ["messages_uncommitted"] = view.Uncommitted,
            ["acks_uncommitted"] = view.AcksUncommitted,
            ["pending_raft_commands"] = 0,
            ["garbage_collection"] = new JsonObject(),
            ["connection_details"] = PeerNames.Of(connection),
        };
        Details.AddStill(json, "reductions", 0, samples.DataRates, samples.NowMs);
        MessageStats.Add(json, MessageStats.OfChannel, channel.Counts, channel.History, samples);
        return json;
    }
}
