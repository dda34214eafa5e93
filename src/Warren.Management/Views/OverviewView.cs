using System.Text.Json.Nodes;
using Warren.Core;
using Warren.Core.Exchanges;
using Warren.Core.Metrics;
using Warren.Management.Hosting;

namespace Warren.Management.Views;

/// <summary><c>/api/overview</c>.</summary>
internal static class OverviewView
{
    // In the order of Churn.
    private static readonly string[] ChurnNames =
    [
        "connection_created", "connection_closed", "channel_created", "channel_closed",
        "queue_declared", "queue_created", "queue_deleted",
    ];

    private static readonly (string Name, int Series)[] Lengths =
    [
        ("messages", Series.Messages),
        ("messages_ready", Series.Ready),
        ("messages_unacknowledged", Series.Unacknowledged),
    ];

    /// <summary>The overview.</summary>
    /// <param name="context">The broker.</param>
    /// <param name="samples">The samples asked for.</param>
    /// <param name="showsNode">Whether the user may see what concerns the node.</param>
    public static JsonObject Of(ManagementContext context, SampleQuery samples, bool showsNode)
    {
        Broker broker = context.Broker;
        JsonObject json = Described(context);
        long[] totals = broker.Statistics.Totals();
        ObjectTotals objects = ObjectTotals.Of(broker, totals);
        totals[Series.Ready] = objects.Ready;
        totals[Series.Unacknowledged] = objects.Unacknowledged;
        totals[Series.Messages] = objects.Ready + objects.Unacknowledged;
        SampleHistory history = broker.Statistics.History;
        json["message_stats"] = MessageStats.Of(MessageStats.OfBroker, totals, history, samples);
        json["churn_rates"] = ChurnOf(totals, history, samples);
        var lengths = new JsonObject();
        foreach ((string name, int series) in Lengths)
        {
            Details.Add(lengths, name, totals[series], history, [series], samples.Lengths, samples.NowMs);
        }

        json["queue_totals"] = lengths;
        json["object_totals"] = new JsonObject
        {
            ["channels"] = objects.Channels,
            ["connections"] = objects.Connections,
            ["consumers"] = objects.Consumers,
            ["exchanges"] = objects.Exchanges,
            ["queues"] = objects.Queues,
        };
        json["statistics_db_event_queue"] = 0;
        if (showsNode)
        {
            json["node"] = context.NodeName;
            json["listeners"] = ListenersOf(context);
            json["contexts"] = ContextsOf(context);
        }

        return json;
    }

    /// <summary>The exchange types that can be declared.</summary>
    public static JsonArray ExchangeTypeList() =>
    [
        .. ExchangeTypes.Names.Order(StringComparer.Ordinal).Select(static name => (JsonNode)new JsonObject
        {
            ["name"] = name,
            ["description"] = $"exchange type {name}",
            ["enabled"] = true,
        }),
    ];

    /// <summary>Creations and deletions so far.</summary>
    public static JsonObject ChurnOf(long[] totals, SampleHistory history, SampleQuery samples)
    {
        var churn = new JsonObject();
        for (int i = 0; i < ChurnNames.Length; i++)
        {
            int series = Series.Churn + i;
            Details.Add(churn, ChurnNames[i], totals[series], history, [series], samples.MessageRates, samples.NowMs);
        }

        return churn;
    }

    /// <summary>The web pages and interfaces served over HTTP.</summary>
    public static JsonArray ContextsOf(ManagementContext context) =>
    [
        .. context.Listeners().Where(l => l.Protocol.StartsWith("http", StringComparison.Ordinal)).Select(l => (JsonNode)new JsonObject
        {
            ["node"] = context.NodeName,
            ["description"] = l.Protocol.EndsWith("/prometheus", StringComparison.Ordinal) ? "Prometheus metrics" : "Management",
            ["path"] = "/",
            ["ip"] = l.EndPoint.Address.ToString(),
            ["port"] = l.EndPoint.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["ssl_opts"] = context.CertificateFor(l.Protocol) is { } shown ? new JsonObject { ["certfile"] = shown.File } : new JsonArray(),
        }),
    ];

    private static JsonArray ListenersOf(ManagementContext context) =>
    [
        .. context.Listeners().Select(l => (JsonNode)new JsonObject
        {
            ["node"] = context.NodeName,
            ["protocol"] = l.Protocol,
            ["ip_address"] = l.EndPoint.Address.ToString(),
            ["port"] = l.EndPoint.Port,
            ["socket_opts"] = new JsonObject(),
        }),
    ];

    private static JsonObject Described(ManagementContext context) => new()
    {
        ["management_version"] = ManagementContext.RabbitVersion,
        ["rates_mode"] = "basic",
        ["sample_retention_policies"] = new JsonObject
        {
            ["global"] = new JsonArray(600, 3600, 28800, 86400),
            ["basic"] = new JsonArray(600, 3600),
            ["detailed"] = new JsonArray((JsonNode)600),
        },
        ["exchange_types"] = ExchangeTypeList(),
        ["product_version"] = ManagementContext.ProductVersion,
        ["product_name"] = ProductNames.Product,
        ["rabbitmq_version"] = ManagementContext.RabbitVersion,
        ["cluster_name"] = context.ClusterName,
        ["cluster_tags"] = new JsonObject(),
        ["node_tags"] = new JsonObject(),
        ["erlang_version"] = ProductNames.RuntimeVersion,
        ["erlang_full_version"] = $".NET {ProductNames.RuntimeVersion}",
        ["crypto_lib_version"] = "",
        ["release_series_support_status"] = "supported",
        ["default_queue_type"] = context.Broker.Options.DefaultQueueType ?? "classic",
        ["is_op_policy_updating_enabled"] = true,
        ["require_definition_json_extension"] = false,
        ["disable_stats"] = false,
        ["enable_queue_totals"] = false,
    };
}
