using System.Text.Json.Nodes;
using Warren.Core.Security;
using Warren.Management.Definitions;
using Warren.Management.Listing;
using Warren.Management.Routing;
using Warren.Management.Views;

namespace Warren.Management.Endpoints;

/// <summary><c>/permissions</c> and <c>/topic-permissions</c>.</summary>
internal static class PermissionEndpoints
{
    private static readonly ItemListing<KeyValuePair<(string User, string VirtualHost), UserPermissions>> Listing = new()
    {
        Name = static p => p.Key.User,
        VirtualHost = static p => p.Key.VirtualHost,
        View = static p => UserView.Of(p.Key.User, p.Key.VirtualHost, p.Value),
    };

    private static readonly ItemListing<KeyValuePair<(string User, string VirtualHost, string Exchange), TopicPermissions>> TopicListing = new()
    {
        Name = static p => p.Key.User,
        VirtualHost = static p => p.Key.VirtualHost,
        View = static p => UserView.Of(p.Key.User, p.Key.VirtualHost, p.Key.Exchange, p.Value),
    };

    public static void Map(ApiRoutes routes)
    {
        routes.At("/permissions").Get(Guard.Admin, static r => ApiReply.List(r, r.Broker.Users.Permissions, Listing));
        routes.At("/permissions/{vhost}/{user}").Get(Guard.Admin, Get).Put(Guard.Admin, PutAsync).Delete(Guard.Admin, Delete);
        routes.At("/vhosts/{vhost}/permissions").Get(Guard.Admin, OfVirtualHost);
        routes.At("/topic-permissions").Get(Guard.Admin, static r => ApiReply.List(r, r.Broker.Users.TopicPermissions, TopicListing));
        routes.At("/topic-permissions/{vhost}/{user}").Get(Guard.Admin, GetTopics).Put(Guard.Admin, PutTopicsAsync).Delete(Guard.Admin, DeleteTopics);
        routes.At("/topic-permissions/{vhost}/{user}/{exchange}").Get(Guard.Admin, GetTopics).Delete(Guard.Admin, DeleteTopics);
        routes.At("/vhosts/{vhost}/topic-permissions").Get(Guard.Admin, TopicsOfVirtualHost);
    }

    private static ApiReply OfVirtualHost(ApiRequest request)
    {
        string name = request.VirtualHost.Name;
        return ApiReply.List(request, request.Broker.Users.Permissions.Where(p => p.Key.VirtualHost == name), Listing);
    }

    private static ApiReply TopicsOfVirtualHost(ApiRequest request)
    {
        string name = request.VirtualHost.Name;
        return ApiReply.List(request, request.Broker.Users.TopicPermissions.Where(p => p.Key.VirtualHost == name), TopicListing);
    }

    private static ApiReply Get(ApiRequest request)
    {
        (string virtualHost, string user) = (request.Name("vhost"), request.Name("user"));
        return request.Broker.Users.FindPermissions(user, virtualHost) is { } permissions
            ? ApiReply.Json(UserView.Of(user, virtualHost, permissions))
            : throw ApiError.NotFound();
    }

    private static async ValueTask<ApiReply> PutAsync(ApiRequest request)
    {
        UserPermissions permissions = UserChange.Permissions(await request.ReadBodyAsync());
        (string virtualHost, string user) = RequireBoth(request);
        bool isNew = request.Broker.Users.FindPermissions(user, virtualHost) is null;
        request.Broker.Users.SetPermissions(user, virtualHost, permissions.Configure, permissions.Write, permissions.Read);
        return ApiReply.Put(isNew);
    }

    private static ApiReply Delete(ApiRequest request) =>
        ApiReply.Deleted(request.Broker.Users.ClearPermissions(request.Name("user"), request.Name("vhost")));

    private static ApiReply GetTopics(ApiRequest request)
    {
        JsonObject[] found = [.. Topics(request).Select(static p => UserView.Of(p.Key.User, p.Key.VirtualHost, p.Key.Exchange, p.Value))];
        return found.Length == 0 ? throw ApiError.NotFound() : ApiReply.Json(JsonArrays.Of(found));
    }

    private static async ValueTask<ApiReply> PutTopicsAsync(ApiRequest request)
    {
        RequestBody body = await request.ReadBodyAsync();
        TopicPermissions permissions = UserChange.TopicPermissions(body);
        string exchange = body.RequireText("exchange");
        (string virtualHost, string user) = RequireBoth(request);
        bool isNew = request.Broker.Users.FindTopicPermissions(user, virtualHost, exchange) is null;
        request.Broker.Users.SetTopicPermissions(user, virtualHost, exchange, permissions.Write, permissions.Read);
        return ApiReply.Put(isNew);
    }

    private static ApiReply DeleteTopics(ApiRequest request)
    {
        bool found = false;
        foreach (((string user, string virtualHost, string exchange), _) in Topics(request).ToArray())
        {
            found |= request.Broker.Users.ClearTopicPermissions(user, virtualHost, exchange);
        }

        return ApiReply.Deleted(found);
    }

    private static IEnumerable<KeyValuePair<(string User, string VirtualHost, string Exchange), TopicPermissions>> Topics(ApiRequest request)
    {
        (string virtualHost, string user) = (request.Name("vhost"), request.Name("user"));
        string? exchange = request.FindName("exchange");
        return request.Broker.Users.TopicPermissions.Where(
            p => p.Key.VirtualHost == virtualHost && p.Key.User == user && (exchange is null || p.Key.Exchange == exchange));
    }

    private static (string VirtualHost, string User) RequireBoth(ApiRequest request)
    {
        (string virtualHost, string user) = (request.Name("vhost"), request.Name("user"));
        if (request.Broker.FindVirtualHost(virtualHost) is null)
        {
            throw ApiError.BadRequest("no_such_vhost", virtualHost);
        }

        return request.Broker.Users.Find(user) is null ? throw ApiError.BadRequest("no_such_user", user) : (virtualHost, user);
    }
}
