using Warren.Core.Policies;
using Warren.Management.Definitions;
using Warren.Management.Listing;
using Warren.Management.Routing;
using Warren.Management.Views;

namespace Warren.Management.Endpoints;

/// <summary><c>/policies</c> and <c>/operator-policies</c>.</summary>
internal static class PolicyEndpoints
{
    private static readonly ItemListing<Policy> Listing = new()
    {
        Name = static p => p.Name,
        VirtualHost = static p => p.VirtualHost,
        View = PolicyView.Of,
    };

    public static void Map(ApiRoutes routes)
    {
        Map(routes, "/policies", Guard.Policies, isOperators: false);
        Map(routes, "/operator-policies", Guard.Admin, isOperators: true);
    }

    private static void Map(ApiRoutes routes, string path, Guard guard, bool isOperators)
    {
        routes.At(path).Get(Guard.Any, r => ApiReply.List(r, r.Broker.Policies.All(isOperators).Where(p => r.MaySee(p.VirtualHost)), Listing));
        routes.At($"{path}/{{vhost}}").Get(
            Guard.VirtualHost, r => ApiReply.List(r, r.Broker.Policies.Of(r.VirtualHost.Name, isOperators), Listing));
        routes.At($"{path}/{{vhost}}/{{name}}")
            .Get(guard, r => ApiReply.Json(PolicyView.Of(
                r.Broker.Policies.Find(r.VirtualHost.Name, r.Name("name"), isOperators) ?? throw ApiError.NotFound())))
            .Put(guard, r => PutAsync(r, isOperators))
            .Delete(guard, r => Delete(r, isOperators));
    }

    private static async ValueTask<ApiReply> PutAsync(ApiRequest request, bool isOperators)
    {
        RefuseFixed(request, isOperators);
        string virtualHost = request.VirtualHost.Name;
        RequestBody body = await request.ReadBodyAsync();
        return ApiReply.Put(request.Broker.Policies.Put(PolicyChange.Read(virtualHost, request.Name("name"), body, isOperators), isOperators));
    }

    private static ApiReply Delete(ApiRequest request, bool isOperators)
    {
        RefuseFixed(request, isOperators);
        return ApiReply.Deleted(request.Broker.Policies.Remove(request.VirtualHost.Name, request.Name("name"), isOperators));
    }

    private static void RefuseFixed(ApiRequest request, bool isOperators)
    {
        if (isOperators && request.Context.Options.OperatorPoliciesAreFixed)
        {
            throw new ApiError(405, "method_not_allowed", "operator policy changes are disabled");
        }
    }
}
