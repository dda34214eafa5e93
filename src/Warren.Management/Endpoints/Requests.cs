using System.Text.Json;
using System.Text.Json.Nodes;
using Warren.Buffers.Fields;
using Warren.Core;
using Warren.Core.Alarms;
using Warren.Core.Connections;
using Warren.Core.Exchanges;
using Warren.Core.Queues;
using Warren.Management.Routing;
using Warren.Management.Security;
using Warren.Management.Views;

namespace Warren.Management.Endpoints;

/// <summary>What the endpoints of queues, exchanges and clients read from requests.</summary>
internal static class Requests
{
    private const string DefaultExchangePath = "amq.default";

    /// <summary>The samples asked for.</summary>
    /// <exception cref="ApiError">400: too many points.</exception>
    public static SampleQuery Samples(this ApiRequest request)
    {
        long now = request.Broker.Time.GetUtcNow().ToUnixTimeMilliseconds();
        return SampleQuery.Read(request.Query, now, out SampleQuery samples) is { } error
            ? throw ApiError.BadRequest(error)
            : samples;
    }

    /// <summary>Refuses to take more messages while the broker is short of memory or disk, as it does with clients.</summary>
    /// <exception cref="ApiError">503.</exception>
    public static void RefuseWhenShort(this ApiRequest request)
    {
        if (request.Broker.Alarms.Current is var alarms && alarms != AlarmKinds.None)
        {
            throw new ApiError(503, "service_unavailable", $"publishers are blocked: {ResourceAlarms.ReasonOf(alarms)}");
        }
    }

    /// <summary>The node of the path is this one.</summary>
    /// <exception cref="ApiError">404: it is another.</exception>
    public static void RequireNode(this ApiRequest request)
    {
        if (request.Name("node") != request.Context.NodeName)
        {
            throw ApiError.NotFound();
        }
    }

    /// <summary>The virtual host of the path, where something is to be made.</summary>
    /// <exception cref="ApiError">404 with the reason.</exception>
    public static VirtualHost VirtualHostToChange(this ApiRequest request) =>
        request.Broker.FindVirtualHost(request.Name("vhost")) ?? throw ApiError.NotFound("vhost_not_found");

    /// <summary>The queue of the path.</summary>
    /// <exception cref="ApiError">404.</exception>
    public static MessageQueue Queue(this ApiRequest request, string parameter = "name") =>
        request.VirtualHost.FindQueue(request.Name(parameter)) ?? throw ApiError.NotFound();

    /// <summary>The exchange of the path; the one without a name is called <c>amq.default</c> there.</summary>
    /// <exception cref="ApiError">404.</exception>
    public static Exchange Exchange(this ApiRequest request, string parameter = "name") =>
        request.VirtualHost.FindExchange(ExchangeName(request, parameter)) ?? throw ApiError.NotFound();

    /// <summary>The name of an exchange in the path.</summary>
    public static string ExchangeName(this ApiRequest request, string parameter = "name") =>
        request.Name(parameter) is var name && name == DefaultExchangePath ? "" : name;

    /// <summary>The connections a user may see: all, or the user's own.</summary>
    public static IEnumerable<IClientConnection> VisibleConnections(this ApiRequest request) =>
        request.Broker.Connections.All.Where(c => c.VirtualHost is not null
            && (request.VirtualHostFilter is not { } only || c.VirtualHost.Name == only)
            && (Guards.IsMonitor(request.User) || c.User?.Name == request.User.Name));

    /// <summary>An object of the body as a field table; nothing is an empty one.</summary>
    /// <exception cref="ApiError">400: it is no object.</exception>
    public static FieldTable Table(this RequestBody body, string name)
    {
        if (body.Find(name) is not { } value || value is { ValueKind: JsonValueKind.Array } && value.GetArrayLength() == 0)
        {
            return FieldTable.Empty;
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            throw ApiError.BadRequest("not_json_object", value.GetRawText());
        }

        try
        {
            return FieldJson.ToTable(JsonObject.Create(value)!);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
        {
            throw ApiError.BadRequest($"{name}: {e.Message}");
        }
    }
}
