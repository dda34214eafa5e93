using System.Text.Json.Nodes;
using Warren.Cli.Ctl.Api;
using Warren.Cli.Ctl.Line;
using Warren.Cli.Ctl.Lists;

namespace Warren.Cli.Ctl.Commands;

/// <summary>list_queues, list_exchanges and the other lists whose columns one may choose.</summary>
internal static class ObjectLists
{
    private static readonly CtlOption[] QueueFilters = [new("online"), new("offline"), new("local")];

    /// <summary>The commands.</summary>
    public static IReadOnlyList<CtlCommand> All { get; } =
    [
        List("list_queues", "Lists queues and their properties", ColumnSets.Queues, "queues",
            v => $"Timeout: 60.0 seconds ...\nListing queues for vhost {v} ...") with { Options = QueueFilters },
        List("list_exchanges", "Lists exchanges", ColumnSets.Exchanges, "exchanges", v => $"Listing exchanges for vhost {v} ..."),
        List("list_bindings", "Lists all bindings on a vhost", ColumnSets.Bindings, "bindings", v => $"Listing bindings for vhost {v}..."),
        List("list_consumers", "Lists all consumers for a vhost", ColumnSets.Consumers, "consumers", v => $"Listing consumers in vhost {v} ..."),
        ListAll("list_connections", "Lists client connections for the node", ColumnSets.Connections, "connections", "Listing connections ..."),
        ListAll("list_mqtt_connections", "Lists MQTT connections on the target node", ColumnSets.MqttConnections, "connections",
            "Listing MQTT connections ...", static c => c["protocol"]?.ToString().Contains("MQTT", StringComparison.Ordinal) ?? false),
        ListAll("list_channels", "Lists all channels in the node", ColumnSets.Channels, "channels", "Listing channels ..."),
        ListAll("list_vhosts", "Lists virtual hosts", ColumnSets.VirtualHosts, "vhosts", "Listing vhosts ..."),
        ListAll("list_feature_flags", "Lists feature flags", ColumnSets.FeatureFlags, "feature-flags", "Listing feature flags ..."),
    ];

    // The objects of one virtual host.
    private static CtlCommand List(string name, string summary, ColumnSet set, string resource, Func<string, string> banner) =>
        new(name, "[<column> ...]", 0, int.MaxValue, summary, async (session, cancellationToken) =>
        {
            IReadOnlyList<Column> columns = set.Choose(session.Arguments);
            session.Banner(banner(session.VirtualHost));
            IReadOnlyList<JsonObject> items;
            try
            {
                items = await session.Api.ListAsync(
                    $"{ManagementApi.Path(resource, session.VirtualHost)}?columns={Sources(columns)}", cancellationToken);
            }
            catch (ApiError e) when (e.IsNotFound)
            {
                // A virtual host that is not there has no queues: RabbitMQ ends with 0 too.
                items = [];
            }

            session.Show(ColumnSet.Read(columns, items.Where(i => IsWanted(session.Line, i))));
        });

    // The objects of the whole broker.
    private static CtlCommand ListAll(string name, string summary, ColumnSet set, string resource, string banner, Func<JsonObject, bool>? isMeant = null) =>
        new(name, "[<column> ...]", 0, int.MaxValue, summary, async (session, cancellationToken) =>
        {
            IReadOnlyList<Column> columns = set.Choose(session.Arguments);
            session.Banner(banner);
            IReadOnlyList<JsonObject> items = await session.Api.ListAsync(ManagementApi.Path(resource), cancellationToken);
            session.Show(ColumnSet.Read(columns, isMeant is null ? items : items.Where(isMeant)));
        });

    // The node is part of made-up process names, the state of the filters.
    private static string Sources(IReadOnlyList<Column> columns) =>
        string.Join(',', columns.Select(c => c.Source).Append("node").Append("state").Distinct(StringComparer.Ordinal));

    private static bool IsWanted(ParsedLine line, JsonObject item)
    {
        bool isDown = item["state"]?.ToString() is "down" or "stopped" or "minority";
        return line.Has(QueueFilters[1]) ? isDown : !line.Has(QueueFilters[0]) || !isDown;
    }
}
