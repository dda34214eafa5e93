using System.Text.Json;
using System.Text.Json.Nodes;
using Warren.Core.Security;
using Warren.Management.Definitions;
using Warren.Management.Listing;
using Warren.Management.Routing;
using Warren.Management.Views;

namespace Warren.Management.Endpoints;

/// <summary><c>/users</c>.</summary>
internal static class UserEndpoints
{
    /// <summary>The tag of users that only the broker's own machine may change.</summary>
    public const string Protected = "protected";

    private static readonly ItemListing<User> Listing = new() { Name = static u => u.Name, View = UserView.Of };

    public static void Map(ApiRoutes routes)
    {
        routes.At("/users").Get(Guard.Admin, static r => ApiReply.List(r, r.Broker.Users.Users, Listing));
        routes.At("/users/without-permissions").Get(Guard.Admin, WithoutPermissions);
        routes.At("/users/bulk-delete").Post(Guard.Admin, BulkDeleteAsync);
        routes.At("/users/{user}")
            .Get(Guard.Admin, static r => ApiReply.Json(UserView.Of(Require(r))))
            .Put(Guard.Admin, PutAsync)
            .Delete(Guard.Admin, Delete);
        routes.At("/users/{user}/permissions").Get(Guard.Admin, Permissions);
        routes.At("/users/{user}/topic-permissions").Get(Guard.Admin, TopicPermissions);
    }

    internal static User Require(ApiRequest request) => request.Broker.Users.Find(request.Name("user")) ?? throw ApiError.NotFound();

    private static ApiReply WithoutPermissions(ApiRequest request)
    {
        var permitted = request.Broker.Users.Permissions.Select(static p => p.Key.User).ToHashSet(StringComparer.Ordinal);
        return ApiReply.List(request, request.Broker.Users.Users.Where(u => !permitted.Contains(u.Name)), Listing);
    }

    private static async ValueTask<ApiReply> PutAsync(ApiRequest request)
    {
        RequestBody body = await request.ReadBodyAsync();
        string name = request.Name("user");
        User? existing = request.Broker.Users.Find(name);
        RefuseProtected(existing);
        request.Broker.Users.Put(UserChange.Read(name, body, existing));
        return ApiReply.Put(existing is null);
    }

    private static ApiReply Delete(ApiRequest request)
    {
        RefuseProtected(Require(request));
        return ApiReply.Deleted(request.Broker.Users.Remove(request.Name("user")));
    }

    private static async ValueTask<ApiReply> BulkDeleteAsync(ApiRequest request)
    {
        JsonElement users = (await request.ReadBodyAsync()).Require("users");
        if (users.ValueKind != JsonValueKind.Array || users.EnumerateArray().Any(static u => u.ValueKind != JsonValueKind.String))
        {
            throw ApiError.BadRequest("users is a list of names");
        }

        string[] names = [.. users.EnumerateArray().Select(static u => u.GetString()!)];
        foreach (string name in names)
        {
            RefuseProtected(request.Broker.Users.Find(name));
        }

        foreach (string name in names)
        {
            request.Broker.Users.Remove(name);
        }

        return ApiReply.NoContent;
    }

    private static ApiReply Permissions(ApiRequest request)
    {
        User user = Require(request);
        IEnumerable<JsonObject> own = request.Broker.Users.Permissions.Where(p => p.Key.User == user.Name)
            .OrderBy(static p => p.Key.VirtualHost, StringComparer.Ordinal)
            .Select(static p => UserView.Of(p.Key.User, p.Key.VirtualHost, p.Value));
        return ApiReply.Json(JsonArrays.Of(own));
    }

    private static ApiReply TopicPermissions(ApiRequest request)
    {
        User user = Require(request);
        IEnumerable<JsonObject> own = request.Broker.Users.TopicPermissions.Where(p => p.Key.User == user.Name)
            .OrderBy(static p => p.Key.VirtualHost, StringComparer.Ordinal)
            .Select(static p => UserView.Of(p.Key.User, p.Key.VirtualHost, p.Key.Exchange, p.Value));
        return ApiReply.Json(JsonArrays.Of(own));
    }

    private static void RefuseProtected(User? user)
    {
        if (user?.HasTag(Protected) == true)
        {
            throw ApiError.BadRequest($"user '{user.Name}' is protected and cannot be changed over HTTP");
        }
    }
}
