using System.Text.Json;
using System.Text.Json.Nodes;
using Warren.Core;
using Warren.Core.Parameters;
using Warren.Core.Security;
using Warren.Management.Listing;
using Warren.Management.Routing;
using Warren.Management.Security;
using Warren.Management.Views;

namespace Warren.Management.Endpoints;

/// <summary><c>/vhost-limits</c> and <c>/user-limits</c>.</summary>
internal static class LimitEndpoints
{
    private static readonly ItemListing<Parameter> OfVirtualHosts = new()
    {
        Name = static p => p.VirtualHost,
        View = static p => new JsonObject { ["vhost"] = p.VirtualHost, ["value"] = JsonNodes.Of(p.Value) },
    };

    private static readonly ItemListing<User> OfUsers = new()
    {
        Name = static u => u.Name,
        View = static u => new JsonObject { ["user"] = u.Name, ["value"] = UserView.Limits(u) },
    };

    public static void Map(ApiRoutes routes)
    {
        routes.At("/vhost-limits").Get(Guard.Any, static r => ApiReply.List(r, LimitsOf(r).Where(p => r.MaySee(p.VirtualHost)), OfVirtualHosts));
        routes.At("/vhost-limits/{vhost}").Get(
            Guard.VirtualHostVisible, static r => ApiReply.List(r, LimitsOf(r).Where(p => p.VirtualHost == r.VirtualHost.Name), OfVirtualHosts));
        routes.At("/vhost-limits/{vhost}/{name}")
            .Put(Guard.Admin, static async r => SetOfVirtualHost(r, RequireLimit(await r.ReadBodyAsync())))
            .Delete(Guard.Admin, static r => SetOfVirtualHost(r, null));
        routes.At("/user-limits").Get(Guard.Any, static r => ApiReply.List(r, UsersWithLimits(r), OfUsers));
        routes.At("/user-limits/{user}").Get(Guard.Any, GetOfUser);
        routes.At("/user-limits/{user}/{name}")
            .Put(Guard.Admin, static async r => SetOfUser(r, RequireLimit(await r.ReadBodyAsync())))
            .Delete(Guard.Admin, static r => SetOfUser(r, null));
    }

    private static IEnumerable<Parameter> LimitsOf(ApiRequest request) => request.Broker.Parameters.All
        .Where(static p => p.Component == ParameterComponents.VirtualHostLimits && p.Value is { ValueKind: JsonValueKind.Object }
            && p.Value.EnumerateObject().Any());

    private static ApiReply SetOfVirtualHost(ApiRequest request, long? limit)
    {
        VirtualHost virtualHost = request.VirtualHost;
        string name = request.Name("name");
        if (!ParameterComponents.LimitNames.Contains(name, StringComparer.Ordinal))
        {
            throw ApiError.ValidationFailed($"Unrecognised terms [{{<<\"{name}\">>,{limit}}}] in limits");
        }

        ParameterStore store = request.Broker.Parameters;
        Parameter? existing = store.Find(virtualHost.Name, ParameterComponents.VirtualHostLimits, ParameterComponents.LimitsName);
        JsonObject limits = existing is { Value.ValueKind: JsonValueKind.Object } ? JsonObject.Create(existing.Value.Clone())! : [];
        limits.Remove(name);
        if (limit is { } value)
        {
            limits[name] = value;
        }

        if (limits.Count == 0)
        {
            store.Remove(virtualHost.Name, ParameterComponents.VirtualHostLimits, ParameterComponents.LimitsName);
            return ApiReply.NoContent;
        }

        using JsonDocument written = JsonDocument.Parse(limits.ToJsonString());
        store.Put(new Parameter(
            virtualHost.Name, ParameterComponents.VirtualHostLimits, ParameterComponents.LimitsName, written.RootElement.Clone()));
        return ApiReply.NoContent;
    }

    private static IEnumerable<User> UsersWithLimits(ApiRequest request) => request.Broker.Users.Users
        .Where(u => u.Limits.Values.Count > 0 && (Guards.IsAdministrator(request.User) || u.Name == request.User.Name));

    private static ApiReply GetOfUser(ApiRequest request)
    {
        string name = request.Name("user");
        if (!Guards.IsAdministrator(request.User) && name != request.User.Name)
        {
            throw ApiError.NotAuthorised("User not authorised to access object");
        }

        User user = UserEndpoints.Require(request);
        return ApiReply.List(request, UsersWithLimits(request).Where(u => u.Name == user.Name), OfUsers);
    }

    private static ApiReply SetOfUser(ApiRequest request, long? limit)
    {
        User user = UserEndpoints.Require(request);
        string name = request.Name("name");
        if (!UserLimits.IsName(name))
        {
            throw ApiError.ValidationFailed($"Unrecognised terms [{{<<\"{name}\">>,{limit}}}] in user limits");
        }

        request.Broker.Users.Put(user with { Limits = user.Limits.With(name, limit) });
        return ApiReply.NoContent;
    }

    private static long RequireLimit(RequestBody body) => body.Number("value") ?? throw ApiError.KeyMissing("value");
}
