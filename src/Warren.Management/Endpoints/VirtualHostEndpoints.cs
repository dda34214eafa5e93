using System.Text.Json.Nodes;
using Warren.Core;
using Warren.Core.VirtualHosts;
using Warren.Management.Definitions;
using Warren.Management.Listing;
using Warren.Management.Routing;
using Warren.Management.Views;

namespace Warren.Management.Endpoints;

/// <summary><c>/vhosts</c>.</summary>
internal static class VirtualHostEndpoints
{
    public static void Map(ApiRoutes routes)
    {
        routes.At("/vhosts").Get(Guard.Any, List);
        routes.At("/vhosts/{vhost}")
            .Get(Guard.Admin, static r => ApiReply.Json(View(r, r.VirtualHost, r.Samples())))
            .Put(Guard.Admin, PutAsync)
            .Delete(Guard.Admin, Delete);
        routes.At("/vhosts/{vhost}/start/{node}").Post(Guard.Admin, static r => ValueTask.FromResult(Start(r)));
        routes.At("/vhosts/{vhost}/deletion/protection")
            .Post(Guard.Admin, static r => ValueTask.FromResult(Protect(r, true)))
            .Delete(Guard.Admin, static r => Protect(r, false));
    }

    private static ApiReply List(ApiRequest request)
    {
        SampleQuery samples = request.Samples();
        var listing = new ItemListing<VirtualHost> { Name = static v => v.Name, View = v => View(request, v, samples) };
        return ApiReply.List(request, request.Broker.VirtualHosts.Where(v => request.MaySee(v.Name)), listing);
    }

    private static JsonObject View(ApiRequest request, VirtualHost virtualHost, SampleQuery samples) =>
        VirtualHostView.Of(request.Broker, virtualHost, request.Context.NodeName, samples);

    private static async ValueTask<ApiReply> PutAsync(ApiRequest request)
    {
        RequestBody body = await request.ReadBodyAsync();
        string name = request.Name("vhost");
        VirtualHostSettings existing = request.Broker.FindVirtualHost(name)?.Settings ?? VirtualHostSettings.Default;
        bool created = request.Broker.PutVirtualHost(name, VirtualHostChange.Read(body, existing));
        if (created && !request.User.IsBuiltIn)
        {
            // Who makes it over HTTP can use it at once, as in RabbitMQ.
            request.Broker.Users.SetPermissions(request.User.Name, name, ".*", ".*", ".*");
        }

        return ApiReply.Put(created);
    }

    private static ApiReply Delete(ApiRequest request)
    {
        VirtualHost virtualHost = request.VirtualHost;
        return virtualHost.Settings.ProtectedFromDeletion
            ? throw new ApiError(
                412,
                "precondition_failed",
                $"Refusing to delete virtual host '{virtualHost.Name}' because it is protected from deletion")
            : ApiReply.Deleted(request.Broker.DeleteVirtualHost(virtualHost.Name));
    }

    private static ApiReply Protect(ApiRequest request, bool isProtected)
    {
        VirtualHost virtualHost = request.VirtualHost;
        request.Broker.PutVirtualHost(virtualHost.Name, virtualHost.Settings with { ProtectedFromDeletion = isProtected });
        return ApiReply.NoContent;
    }

    // It runs as long as the broker does.
    private static ApiReply Start(ApiRequest request) =>
        request.Name("node") == request.Context.NodeName && request.VirtualHost is not null ? ApiReply.NoContent : throw ApiError.NotFound();
}
