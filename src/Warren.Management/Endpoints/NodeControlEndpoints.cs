using System.Text.Json;
using Microsoft.Extensions.Logging;
using Warren.Core.Alarms;
using Warren.Management.Hosting;
using Warren.Management.Routing;

namespace Warren.Management.Endpoints;

/// <summary>What operators do to the node itself, below <c>/nodes/{node}</c>: limits, log, listeners, stop, start, reset.</summary>
/// <remarks>RabbitMQ's tools do this past its HTTP API; all of it is for administrators.</remarks>
internal static class NodeControlEndpoints
{
    private const int LongestCategory = 64;

    public static void Map(ApiRoutes routes)
    {
        routes.At("/nodes/{node}/memory-watermark").Put(Guard.Admin, SetMemoryAsync);
        routes.At("/nodes/{node}/disk-free-limit").Put(Guard.Admin, SetDiskAsync);
        routes.At("/nodes/{node}/log-level").Put(Guard.Admin, SetLogLevelAsync).WhileStopped();
        At(routes, "rotate-logs", static c => c.RotateLogsAsync()).WhileStopped();
        At(routes, "suspend-listeners", static c => c.SuspendListenersAsync());
        At(routes, "resume-listeners", static c => c.ResumeListenersAsync());
        At(routes, "drain", static c => c.DrainAsync());
        At(routes, "revive", static c => c.ReviveAsync());
        At(routes, "stop-app", static c => c.StopAsync()).WhileStopped();
        At(routes, "start-app", static c => c.StartAsync()).WhileStopped();
        routes.At("/nodes/{node}/reset").Post(Guard.Admin, ResetAsync).WhileStopped();
    }

    private static ApiResource At(ApiRoutes routes, string verb, Func<INodeControl, Task> change) =>
        routes.At($"/nodes/{{node}}/{verb}").Post(Guard.Admin, async request =>
        {
            await change(ControlOf(request));
            return ApiReply.NoContent;
        });

    // {"relative": 0.4} or {"absolute": "1GB"}
    private static ValueTask<ApiReply> SetMemoryAsync(ApiRequest request) =>
        SetLimitAsync(request, "relative", most: 1, request.Broker.Alarms.SetMemoryLimit);

    // {"mem_relative": 1.5} or {"absolute": "1GB"}
    private static ValueTask<ApiReply> SetDiskAsync(ApiRequest request) =>
        SetLimitAsync(request, "mem_relative", most: 1e6, request.Broker.Alarms.SetDiskLimit);

    private static async ValueTask<ApiReply> SetLimitAsync(ApiRequest request, string relative, double most, Action<long> set)
    {
        INodeControl control = ControlOf(request);
        RequestBody body = await request.ReadBodyAsync();
        set(Share(body, relative, most) is { } share
            ? (long)(share * AvailableMemory.Bytes())
            : Size(body, control) ?? throw ApiError.BadRequest($"{relative} or absolute is needed"));
        return ApiReply.NoContent;
    }

    // {"level": "debug"} or {"level": "debug", "category": "connection"}
    private static async ValueTask<ApiReply> SetLogLevelAsync(ApiRequest request)
    {
        INodeControl control = ControlOf(request);
        RequestBody body = await request.ReadBodyAsync();
        string name = body.RequireText("level");
        if (!control.TryReadLevel(name, out LogLevel? level))
        {
            throw ApiError.BadRequest($"level {name} is not supported");
        }

        string? category = body.Text("category");
        if (category is not null && (category.Length is 0 or > LongestCategory || !category.All(static c => char.IsAsciiLetterLower(c) || c == '_')))
        {
            throw ApiError.BadRequest($"category {category} is not supported");
        }

        return control.SetLogLevel(category, level.Value)
            ? ApiReply.NoContent
            : throw ApiError.BadRequest("this node has no log of its own, or too many categories with a level of their own");
    }

    // {"force": true} asks for what there would be no cluster to leave for: here it is the same.
    private static async ValueTask<ApiReply> ResetAsync(ApiRequest request)
    {
        INodeControl control = ControlOf(request);
        return await control.ResetAsync()
            ? ApiReply.NoContent
            : throw new ApiError(
                409,
                "conflict",
                $"Mnesia is still running on node {request.Context.NodeName}. Please stop the node with rabbitmqctl stop_app first.");
    }

    private static double? Share(RequestBody body, string name, double most)
    {
        if (body.Find(name) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double share) && share >= 0 && share <= most
            ? share
            : throw ApiError.BadRequest($"{name}: a number from 0 to {most} is expected, not {value.GetRawText()}");
    }

    // A number of bytes, or a text with a unit.
    private static long? Size(RequestBody body, INodeControl control)
    {
        if (body.Find("absolute") is not { } value)
        {
            return null;
        }

        string text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        return control.TryReadSize(text, out long bytes)
            ? bytes
            : throw ApiError.BadRequest($"Unable to parse: {text} is no size such as 1048576, 64MB or 64MiB");
    }

    private static INodeControl ControlOf(ApiRequest request)
    {
        request.RequireNode();
        return request.Context.Control ?? throw ApiError.BadRequest("nothing can be done to this node");
    }
}
