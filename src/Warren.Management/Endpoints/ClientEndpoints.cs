using System.Text.Json.Nodes;
using Warren.Core.Connections;
using Warren.Management.Listing;
using Warren.Management.Routing;
using Warren.Management.Security;
using Warren.Management.Views;

namespace Warren.Management.Endpoints;

/// <summary><c>/connections</c>, <c>/channels</c> and <c>/consumers</c>.</summary>
internal static class ClientEndpoints
{
    private const string UsualReason = "Closed via management plugin";

    public static void Map(ApiRoutes routes)
    {
        routes.At("/connections").Get(Guard.Any, static r => Connections(r, r.VisibleConnections()));
        routes.At("/connections/{name}").Get(Guard.Any, ShowConnection).Delete(Guard.Any, Close);
        routes.At("/connections/{name}/channels").Get(Guard.Any, static r => Channels(r, [Require(r, mayWatch: true)]));
        routes.At("/connections/username/{user}")
            .Get(Guard.Any, static r => Connections(r, OfUser(r, mayWatch: true)))
            .Delete(Guard.Any, CloseOfUser);
        routes.At("/channels").Get(Guard.Any, static r => Channels(r, r.VisibleConnections()));
        routes.At("/channels/{name}").Get(Guard.Any, ShowChannel);
        routes.At("/consumers").Get(Guard.Any, static r => Consumers(r, r.VisibleConnections()));
        routes.At("/consumers/{vhost}").Get(Guard.VirtualHostVisible, static r => Consumers(r, InVirtualHost(r)));
        routes.At("/vhosts/{vhost}/connections").Get(Guard.VirtualHostVisible, static r => Connections(r, InVirtualHost(r)));
        routes.At("/vhosts/{vhost}/channels").Get(Guard.VirtualHostVisible, static r => Channels(r, InVirtualHost(r)));
    }

    private static IEnumerable<IClientConnection> InVirtualHost(ApiRequest request)
    {
        string name = request.VirtualHost.Name;
        return request.VisibleConnections().Where(c => c.VirtualHost?.Name == name);
    }

    private static ApiReply Connections(ApiRequest request, IEnumerable<IClientConnection> connections)
    {
        SampleQuery samples = request.Samples();
        return ApiReply.List(
            request,
            connections,
            new ItemListing<IClientConnection>
            {
                Name = static c => c.Name,
                VirtualHost = static c => c.VirtualHost?.Name ?? "",
                View = c => ConnectionJson.Of(c, request.Context.NodeName, samples),
                SortKeys = new Dictionary<string, Func<IClientConnection, SortKey>>(StringComparer.Ordinal)
                {
                    ["user"] = static c => SortKey.Of(c.User?.Name),
                    ["channels"] = static c => SortKey.Of(c.ChannelCount),
                },
            });
    }

    private static ApiReply Channels(ApiRequest request, IEnumerable<IClientConnection> connections)
    {
        SampleQuery samples = request.Samples();
        return ApiReply.List(
            request,
            connections.SelectMany(static c => c.ListChannels()),
            new ItemListing<IClientChannel>
            {
                Name = ChannelJson.NameOf,
                VirtualHost = static c => c.Connection.VirtualHost?.Name ?? "",
                View = c => ChannelJson.Of(c, request.Context.NodeName, samples),
            });
    }

    private static ApiReply Consumers(ApiRequest request, IEnumerable<IClientConnection> connections) =>
        ApiReply.List(
            request,
            connections.SelectMany(static c => c.ListChannels()).SelectMany(static h => h.ListConsumers().Select(c => (h, c))),
            new ItemListing<(IClientChannel Channel, ConsumerView Consumer)>
            {
                Name = static c => c.Consumer.Tag,
                VirtualHost = static c => c.Channel.Connection.VirtualHost?.Name ?? "",
                View = c => ConsumerJson.Of(c.Consumer, c.Channel, request.Context.NodeName),
            });

    private static ApiReply ShowConnection(ApiRequest request) =>
        ApiReply.Json(ConnectionJson.Of(Require(request, mayWatch: true), request.Context.NodeName, request.Samples()));

    private static ApiReply ShowChannel(ApiRequest request)
    {
        string name = request.Name("name");
        IClientChannel channel = request.VisibleConnections()
            .Where(c => name.StartsWith(c.Name, StringComparison.Ordinal))
            .SelectMany(static c => c.ListChannels())
            .FirstOrDefault(c => ChannelJson.NameOf(c) == name) ?? throw ApiError.NotFound();
        string node = request.Context.NodeName;
        SampleQuery samples = request.Samples();
        JsonObject json = ChannelJson.Of(channel, node, samples);
        json["consumer_details"] = JsonArrays.Of(channel.ListConsumers().Select(c => ConsumerJson.Of(c, channel, node)));
        json["publishes"] = NeighbourView.PublishesOf(channel, samples);
        json["deliveries"] = NeighbourView.DeliveriesOf(channel, samples);
        return ApiReply.Json(json);
    }

    private static ApiReply Close(ApiRequest request)
    {
        Require(request, mayWatch: false).CloseFor(ReasonOf(request));
        return ApiReply.NoContent;
    }

    private static ApiReply CloseOfUser(ApiRequest request)
    {
        foreach (IClientConnection connection in OfUser(request, mayWatch: false))
        {
            connection.CloseFor(ReasonOf(request));
        }

        return ApiReply.NoContent;
    }

    private static string ReasonOf(ApiRequest request) =>
        request.Http.Request.Headers["X-Reason"] is [{ Length: > 0 } reason] ? reason : UsualReason;

    private static IClientConnection Require(ApiRequest request, bool mayWatch)
    {
        string name = request.Name("name");
        IClientConnection connection =
            request.Broker.Connections.All.FirstOrDefault(c => c.Name == name && c.VirtualHost is not null) ?? throw ApiError.NotFound();
        CheckOwner(request, connection.User?.Name, mayWatch);
        return connection;
    }

    private static IEnumerable<IClientConnection> OfUser(ApiRequest request, bool mayWatch)
    {
        string user = request.Name("user");
        CheckOwner(request, user, mayWatch);
        return [.. request.Broker.Connections.All.Where(c => c.VirtualHost is not null && c.User?.Name == user)];
    }

    // Monitors watch all connections; closing those of others is for administrators.
    private static void CheckOwner(ApiRequest request, string? owner, bool mayWatch)
    {
        bool may = request.User.Name == owner || Guards.IsAdministrator(request.User) || (mayWatch && Guards.IsMonitor(request.User));
        if (!may)
        {
            throw ApiError.NotAuthorised("User not authorised to access object");
        }
    }
}
