using System.Text.Json.Nodes;
using Warren.Management.Routing;
using Warren.Management.Security;
using Warren.Management.Views;

namespace Warren.Management.Endpoints;

/// <summary><c>/overview</c>, <c>/nodes</c> and <c>/reset</c>.</summary>
internal static class StatusEndpoints
{
    public static void Map(ApiRoutes routes)
    {
        routes.At("/overview").Get(Guard.Any, Overview).WhileStopped();
        routes.At("/nodes").Get(Guard.Monitor, Nodes).WhileStopped();
        routes.At("/nodes/{node}").Get(Guard.Monitor, Node).WhileStopped();
        routes.At("/nodes/{node}/memory").Get(Guard.Monitor, static r => Memory(r, isRelative: false)).WhileStopped();
        routes.At("/nodes/{node}/memory/relative").Get(Guard.Monitor, static r => Memory(r, isRelative: true)).WhileStopped();

        // Counters never go back here, because a rate over a reset would be wrong; clients get the answer they expect.
        routes.At("/reset").Delete(Guard.Admin, static _ => ApiReply.NoContent);
        routes.At("/reset/{node}").Delete(Guard.Admin, Reset);
    }

    private static ApiReply Overview(ApiRequest request) =>
        ApiReply.Json(OverviewView.Of(request.Context, request.Samples(), Guards.IsMonitor(request.User)));

    private static ApiReply Nodes(ApiRequest request) =>
        ApiReply.List(
            request,
            [request.Context],
            new Listing.ItemListing<Hosting.ManagementContext>
            {
                Name = static c => c.NodeName,
                View = c => NodeView.Of(c, request.Samples()),
            });

    private static ApiReply Node(ApiRequest request)
    {
        RequireNode(request);
        JsonObject node = NodeView.Of(request.Context, request.Samples());
        if (request.QueryFlag("memory"))
        {
            node["memory"] = NodeView.Memory(request.Broker, isRelative: false)["memory"]?.DeepClone();
        }

        return ApiReply.Json(node);
    }

    private static ApiReply Memory(ApiRequest request, bool isRelative)
    {
        RequireNode(request);
        return ApiReply.Json(NodeView.Memory(request.Broker, isRelative));
    }

    private static ApiReply Reset(ApiRequest request)
    {
        RequireNode(request);
        return ApiReply.NoContent;
    }

    internal static void RequireNode(ApiRequest request)
    {
        if (request.Name("node") != request.Context.NodeName)
        {
            throw ApiError.NotFound();
        }
    }
}
