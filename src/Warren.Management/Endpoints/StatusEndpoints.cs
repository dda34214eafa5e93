using System.Text.Json.Nodes;
using Warren.Management.Routing;
using Warren.Management.Security;
using Warren.Management.Views;

namespace Warren.Management.Endpoints;

/// <summary><c>/overview</c>, <c>/nodes</c>, <c>/reset</c> and <c>/config/effective</c>.</summary>
internal static class StatusEndpoints
{
    public static void Map(ApiRoutes routes)
    {
        routes.At("/overview").Get(Guard.Any, Overview).WhileStopped();
        routes.At("/nodes").Get(Guard.Monitor, Nodes).WhileStopped();
        routes.At("/nodes/{node}").Get(Guard.Monitor, Node).WhileStopped();
        routes.At("/nodes/{node}/memory").Get(Guard.Monitor, static r => Memory(r, isRelative: false)).WhileStopped();
        routes.At("/nodes/{node}/memory/relative").Get(Guard.Monitor, static r => Memory(r, isRelative: true)).WhileStopped();

        // Samples, rates and charts go; counters never go back, because a rate over that would be wrong.
        routes.At("/reset").Delete(Guard.Admin, Reset);
        routes.At("/reset/{node}").Delete(Guard.Admin, ResetNode);
        routes.At("/config/effective").Get(Guard.Admin, Configuration);
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
        request.RequireNode();
        JsonObject node = NodeView.Of(request.Context, request.Samples());
        if (request.QueryFlag("memory"))
        {
            node["memory"] = NodeView.Memory(request.Broker, isRelative: false)["memory"]?.DeepClone();
        }

        return ApiReply.Json(node);
    }

    private static ApiReply Memory(ApiRequest request, bool isRelative)
    {
        request.RequireNode();
        return ApiReply.Json(NodeView.Memory(request.Broker, isRelative));
    }

    private static ApiReply Reset(ApiRequest request)
    {
        request.Broker.Statistics.ForgetSamples();
        return ApiReply.NoContent;
    }

    private static ApiReply ResetNode(ApiRequest request)
    {
        request.RequireNode();
        return Reset(request);
    }

    private static ApiReply Configuration(ApiRequest request) => ApiReply.List(
        request,
        request.Context.Configuration(),
        new Listing.ItemListing<Hosting.SettingView>
        {
            Name = static s => s.Key,
            View = static s => new JsonObject
            {
                ["key"] = s.Key,
                ["value"] = s.Value,
                ["source"] = s.Source,
                ["reloads"] = s.Reloads,
            },
        });
}
