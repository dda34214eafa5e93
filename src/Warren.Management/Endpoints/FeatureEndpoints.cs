using System.Text.Json.Nodes;
using Warren.Management.Hosting;
using Warren.Management.Listing;
using Warren.Management.Routing;

namespace Warren.Management.Endpoints;

/// <summary><c>/feature-flags</c>, <c>/deprecated-features</c>, <c>/extensions</c>, <c>/version</c> and <c>/rebalance</c>.</summary>
/// <remarks>Tools ask for the flags of RabbitMQ before they use what stands behind them; here all of it is always on.</remarks>
internal static class FeatureEndpoints
{
    private static readonly (string Name, string Description)[] Flags =
    [
        ("classic_mirrored_queue_version", "Support setting version for classic mirrored queues"),
        ("classic_queue_type_delivery_support", "Bug fix for classic queue deliveries using mixed versions"),
        ("detailed_queues_endpoint", "Add a detailed queues HTTP API endpoint. Reduce number of metrics in the default endpoint."),
        ("direct_exchange_routing_v2", "v2 direct exchange routing implementation"),
        ("drop_unroutable_metric", "Count unroutable publishes to be dropped in stats"),
        ("empty_basic_get_metric", "Count AMQP `basic.get` on empty queues in stats"),
        ("feature_flags_v2", "Feature flags subsystem V2"),
        ("implicit_default_bindings", "Default bindings are now implicit, instead of being stored in the database"),
        ("listener_records_in_ets", "Store listener records in ETS instead of Mnesia"),
        ("maintenance_mode_status", "Maintenance mode status"),
        ("message_containers", "Message containers"),
        ("quorum_queue", "Support queues of type `quorum`"),
        ("stream_filtering", "Support for stream filtering"),
        ("stream_queue", "Support queues of type `stream`"),
        ("tracking_records_in_ets", "Store tracking records in ETS instead of Mnesia"),
        ("user_limits", "Configure connection and channel limits for a user"),
        ("virtual_host_metadata", "Virtual host metadata (description, tags, etc)"),
    ];

    private static readonly (string Name, string Description)[] Deprecated =
    [
        ("global_qos", "`basic.qos` with `global` set"),
        ("queue_master_locator", "The argument, policy key and setting for the place of a queue's leader"),
        ("transient_nonexcl_queues", "Queues that are neither durable nor exclusive"),
    ];

    private static readonly ItemListing<(string Name, string Description)> FlagListing = new()
    {
        Name = static f => f.Name,
        View = static f => new JsonObject
        {
            ["name"] = f.Name,
            ["desc"] = f.Description,
            ["doc_url"] = "",
            ["state"] = "enabled",
            ["stability"] = "stable",
            ["provided_by"] = "rabbit",
        },
    };

    private static readonly ItemListing<(string Name, string Description)> DeprecatedListing = new()
    {
        Name = static f => f.Name,
        View = static f => new JsonObject
        {
            ["name"] = f.Name,
            ["desc"] = f.Description,
            ["deprecation_phase"] = "permitted_by_default",
            ["state"] = "permitted",
            ["doc_url"] = "",
            ["provided_by"] = "rabbit",
        },
    };

    public static void Map(ApiRoutes routes)
    {
        routes.At("/feature-flags").Get(Guard.Any, static r => ApiReply.List(r, Flags, FlagListing));
        routes.At("/feature-flags/{name}/enable").Put(Guard.Admin, static r => ValueTask.FromResult(Enable(r)));
        routes.At("/deprecated-features").Get(Guard.Any, static r => ApiReply.List(r, Deprecated, DeprecatedListing));
        routes.At("/deprecated-features/used").Get(Guard.Any, static r => ApiReply.List(r, Deprecated[..0], DeprecatedListing));
        routes.At("/extensions").Get(Guard.Any, static _ => ApiReply.Json(new JsonArray()));
        routes.At("/version").Get(Guard.Any, static _ => ApiReply.Json(JsonValue.Create(ManagementContext.RabbitVersion))).WhileStopped();

        // One node has nothing to move.
        routes.At("/rebalance/queues").Post(Guard.Admin, static _ => ValueTask.FromResult(ApiReply.NoContent));
    }

    private static ApiReply Enable(ApiRequest request) =>
        Array.Exists(Flags, f => f.Name == request.Name("name")) ? ApiReply.NoContent : throw ApiError.BadRequest("unsupported");
}
