using System.Text.Json.Nodes;
using Warren.Core.Security;

namespace Warren.Management.Views;

/// <summary>Users and what they may do, as the HTTP API and definitions show them.</summary>
internal static class UserView
{
    /// <summary>A user with its password hash, which only administrators see.</summary>
    public static JsonObject Of(User user) => new()
    {
        ["name"] = user.Name,
        ["password_hash"] = user.PasswordHash,
        ["hashing_algorithm"] = user.HashingAlgorithm,
        ["tags"] = JsonArrays.Of(user.Tags),
        ["limits"] = Limits(user),
    };

    /// <summary>A user's limits.</summary>
    public static JsonObject Limits(User user)
    {
        var limits = new JsonObject();
        foreach ((string name, long limit) in user.Limits.Values)
        {
            limits[name] = limit;
        }

        return limits;
    }

    /// <summary>What a user may do in a virtual host.</summary>
    public static JsonObject Of(string user, string virtualHost, UserPermissions permissions) => new()
    {
        ["user"] = user,
        ["vhost"] = virtualHost,
        ["configure"] = permissions.Configure,
        ["write"] = permissions.Write,
        ["read"] = permissions.Read,
    };

    /// <summary>Which routing keys a user may use.</summary>
    public static JsonObject Of(string user, string virtualHost, string exchange, TopicPermissions permissions) => new()
    {
        ["user"] = user,
        ["vhost"] = virtualHost,
        ["exchange"] = exchange,
        ["write"] = permissions.Write,
        ["read"] = permissions.Read,
    };
}
