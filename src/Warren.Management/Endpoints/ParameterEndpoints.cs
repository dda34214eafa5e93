using System.Text.Json;
using System.Text.Json.Nodes;
using Warren.Core;
using Warren.Core.Parameters;
using Warren.Management.Definitions;
using Warren.Management.Hosting;
using Warren.Management.Listing;
using Warren.Management.Routing;
using Warren.Management.Security;
using Warren.Management.Views;

namespace Warren.Management.Endpoints;

/// <summary><c>/parameters</c>, <c>/global-parameters</c> and <c>/cluster-name</c>.</summary>
internal static class ParameterEndpoints
{
    private static readonly ItemListing<JsonObject> Listing = new()
    {
        Name = static p => (string)p["name"]!,
        VirtualHost = static p => (string)p["vhost"]!,
        View = static p => p,
    };

    private static readonly ItemListing<GlobalParameter> GlobalListing = new() { Name = static p => p.Name, View = static p => PasswordMask.Apply(PolicyView.Of(p)) };

    public static void Map(ApiRoutes routes)
    {
        routes.At("/parameters").Get(Guard.Policies, static r => List(r, null));
        routes.At("/parameters/{component}").Get(Guard.Policies, static r => List(r, null));
        routes.At("/parameters/{component}/{vhost}").Get(Guard.Policies, static r => List(r, r.VirtualHost));
        routes.At("/parameters/{component}/{vhost}/{name}").Get(Guard.Policies, Get).Put(Guard.Policies, PutAsync).Delete(Guard.Policies, Delete);
        routes.At("/global-parameters").Get(Guard.GlobalParameters, static r => ApiReply.List(r, r.Broker.Parameters.Globals, GlobalListing));
        routes.At("/global-parameters/{name}")
            .Get(Guard.GlobalParameters, GetGlobal)
            .Put(Guard.GlobalParameters, PutGlobalAsync)
            .Delete(Guard.GlobalParameters, DeleteGlobal);
        routes.At("/cluster-name")
            .Get(Guard.Any, static r => ApiReply.Json(new JsonObject { ["name"] = r.Context.ClusterName }))
            .Put(Guard.Admin, PutClusterNameAsync);
    }

    private static ApiReply List(ApiRequest request, VirtualHost? only)
    {
        string? component = request.FindName("component");
        return ApiReply.List(
            request,
            PolicyView.AllParameters(request.Broker).Where(p =>
                (component is null || (string?)p["component"] == component)
                && (only is null || (string?)p["vhost"] == only.Name)
                && request.MaySee((string)p["vhost"]!)).Select(PasswordMask.Apply),
            Listing);
    }

    private static ApiReply Get(ApiRequest request)
    {
        (string virtualHost, string component, string name) = NamesOf(request);
        if (component == PolicyView.OperatorPolicyComponent && request.Broker.Policies.Find(virtualHost, name, isOperators: true) is { } policy)
        {
            return ApiReply.Json(PolicyView.AsParameter(policy));
        }

        return ApiReply.Json(PasswordMask.Apply(
            PolicyView.Of(request.Broker.Parameters.Find(virtualHost, component, name) ?? throw ApiError.NotFound())));
    }

    private static async ValueTask<ApiReply> PutAsync(ApiRequest request)
    {
        (string virtualHost, string component, string name) = NamesOf(request);
        RefuseUnlessAdministrator(request, component is ParameterComponents.VirtualHostLimits or PolicyView.OperatorPolicyComponent);
        RequestBody body = await request.ReadBodyAsync();
        return ApiReply.Put(request.Broker.Parameters.Put(PolicyChange.ReadParameter(virtualHost, component, name, body, takesForeign: false)));
    }

    private static ApiReply Delete(ApiRequest request)
    {
        (string virtualHost, string component, string name) = NamesOf(request);
        RefuseUnlessAdministrator(request, component is ParameterComponents.VirtualHostLimits or PolicyView.OperatorPolicyComponent);
        return ApiReply.Deleted(request.Broker.Parameters.Remove(virtualHost, component, name));
    }

    private static (string VirtualHost, string Component, string Name) NamesOf(ApiRequest request) =>
        (request.VirtualHost.Name, request.Name("component"), request.Name("name"));

    private static ApiReply GetGlobal(ApiRequest request) =>
        ApiReply.Json(PasswordMask.Apply(
            PolicyView.Of(request.Broker.Parameters.FindGlobal(request.Name("name")) ?? throw ApiError.NotFound())));

    private static async ValueTask<ApiReply> PutGlobalAsync(ApiRequest request)
    {
        RefuseUnlessAdministrator(request, request.Name("name") == ManagementContext.ClusterNameParameter);
        JsonElement value = (await request.ReadBodyAsync()).Require("value");
        return ApiReply.Put(request.Broker.Parameters.PutGlobal(new GlobalParameter(request.Name("name"), value.Clone())));
    }

    private static ApiReply DeleteGlobal(ApiRequest request)
    {
        RefuseUnlessAdministrator(request, request.Name("name") == ManagementContext.ClusterNameParameter);
        return ApiReply.Deleted(request.Broker.Parameters.RemoveGlobal(request.Name("name")));
    }

    // What has a resource of its own for administrators must not have a back door for policymakers here.
    private static void RefuseUnlessAdministrator(ApiRequest request, bool isAdministratorsOwn)
    {
        if (isAdministratorsOwn)
        {
            Guards.Check(Guard.Admin, request.User, request.Broker, virtualHost: null);
        }
    }

    private static async ValueTask<ApiReply> PutClusterNameAsync(ApiRequest request)
    {
        RequestBody body = await request.ReadBodyAsync();
        if (body.RequireText("name").Length == 0)
        {
            throw ApiError.BadRequest("a cluster's name is not empty");
        }

        request.Broker.Parameters.PutGlobal(new GlobalParameter(ManagementContext.ClusterNameParameter, body.Require("name").Clone()));
        return ApiReply.NoContent;
    }
}
