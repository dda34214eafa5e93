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

        // Attempts are not told apart by their sources, as in RabbitMQ unless auth_attempts tracking is switched on.
        routes.At("/auth/attempts/{node}/source").Get(Guard.Monitor, NoSources).Delete(Guard.Admin, Reset);
        routes.At("/auth/hash_password/{password}").Get(
            Guard.Admin, static r => ApiReply.Json(new JsonObject { ["ok"] = PasswordHash.Create(r.Name("password")) }));
    }

    private static ApiReply Attempts(ApiRequest request)
    {
        RequireNode(request);
        return ApiReply.Json(JsonArrays.Of(request.Broker.Authenticator.Attempts.All.OrderBy(static a => a.Key, StringComparer.Ordinal)
            .Select(static a => new JsonObject
            {
                ["protocol"] = a.Key,
                ["auth_attempts"] = a.Value.Succeeded + a.Value.Failed,
                ["auth_attempts_failed"] = a.Value.Failed,
                ["auth_attempts_succeeded"] = a.Value.Succeeded,
            })));
    }

    private static ApiReply NoSources(ApiRequest request)
    {
        RequireNode(request);
        return ApiReply.Json(new JsonArray());
    }

    private static ApiReply Reset(ApiRequest request)
    {
        RequireNode(request);
        request.Broker.Authenticator.Attempts.Reset();
        return ApiReply.NoContent;
    }

    private static void RequireNode(ApiRequest request)
    {
        if (request.Name("node") != request.Context.NodeName)
        {
            throw ApiError.NotFound();
        }
    }
}
