using System.Text.Json.Nodes;
using Warren.Core.Security;
using Warren.Management.Routing;
using Warren.Management.Views;

namespace Warren.Management.Endpoints;

/// <summary><c>/auth/attempts</c> and <c>/auth/hash_password</c>.</summary>
internal static class AuthEndpoints
{
    public static void Map(ApiRoutes routes)
    {
        routes.At("/auth/attempts/{node}").Get(Guard.Monitor, Attempts).Delete(Guard.Admin, Reset);
        routes.At("/auth/attempts/{node}/source").Get(Guard.Monitor, Sources).Delete(Guard.Admin, Reset);
        routes.At("/auth/hash_password/{password}").Get(
            Guard.Admin, static r => ApiReply.Json(new JsonObject { ["ok"] = PasswordHash.Create(r.Name("password")) }));
    }

    private static ApiReply Attempts(ApiRequest request)
    {
        request.RequireNode();
        return ApiReply.Json(JsonArrays.Of(request.Broker.Authenticator.Attempts.ByProtocol().Select(static a => View(a.Key, a.Value))));
    }

    private static ApiReply Sources(ApiRequest request)
    {
        request.RequireNode();
        return ApiReply.Json(JsonArrays.Of(request.Broker.Authenticator.Attempts.BySource().Select(static a =>
        {
            JsonObject view = View(a.Source.Protocol, a.Counts);
            view["remote_address"] = a.Source.RemoteAddress;
            view["username"] = a.Source.UserName;
            return view;
        })));
    }

    private static JsonObject View(string protocol, LoginCounts counts) => new()
    {
        ["protocol"] = protocol,
        ["auth_attempts"] = counts.Total,
        ["auth_attempts_failed"] = counts.Failed,
        ["auth_attempts_succeeded"] = counts.Succeeded,
    };

    private static ApiReply Reset(ApiRequest request)
    {
        request.RequireNode();
        request.Broker.Authenticator.Attempts.Reset();
        return ApiReply.NoContent;
    }
}
