using System.Text;
using System.Text.Json.Nodes;
using Warren.Cli.Ctl.Api;
using Warren.Cli.Ctl.Line;

namespace Warren.Cli.Ctl.Commands;

/// <summary>status and cluster_status.</summary>
internal static class StatusCommands
{
    private static readonly CtlOption Unit = new("unit", null, "bytes|mb|gb");

    /// <summary>The commands.</summary>
    public static IReadOnlyList<CtlCommand> All { get; } =
    [
        new("status", "", 0, 0, "Displays status of a node", StatusAsync) { Options = [Unit] },
        new("cluster_status", "", 0, 0, "Displays all the nodes in the cluster and their status", ClusterAsync),
        new("environment", "", 0, 0, "Displays the effective configuration", EnvironmentAsync),
        new("report", "", 0, 0, "Generates a server status report with all lists", ReportAsync),
    ];

    private static async Task StatusAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string unit = ByteUnits.Parse(session.Line.Value(Unit));
        NodeView view = await NodeView.ReadAsync(session, cancellationToken);
        MemoryView memory = MemoryView.Of(await session.Api.FindAsync($"{ManagementApi.Path("nodes", view.Name)}/memory", cancellationToken));
        int hosts = NodeView.IsRunning(view.Node) ? (await session.Api.ListAsync("api/vhosts?columns=name", cancellationToken)).Count : 0;
        session.Banner($"Status of node {view.Name} ...");
        session.Show(Text(view, memory, hosts, unit), Json(view, memory, hosts));
    }

    /// <summary>status for people.</summary>
    internal static string Text(NodeView view, MemoryView memory, int hosts, string unit)
    {
        JsonObject node = view.Node;
        JsonObject totals = view.Overview["object_totals"] as JsonObject ?? [];
        var text = new StringBuilder();
        Section(text, "Runtime",
            $"OS PID: {NodeView.Text(node, "os_pid")}",
            $"Uptime (seconds): {NodeView.Number(node, "uptime") / 1000}",
            $"Is under maintenance?: {(NodeView.Text(node, "being_drained") == "true" ? "true" : "false")}",
            $"RabbitMQ version: {NodeView.Text(view.Overview, "rabbitmq_version")}",
            $"Product: {NodeView.Text(view.Overview, "product_name")} {NodeView.Text(view.Overview, "product_version")}".TrimEnd(),
            $"Node name: {view.Name}",
            $"Runtime: {NodeView.Text(view.Overview, "erlang_full_version")}");
        Section(text, "Plugins", ["Enabled plugins:", "", .. Bullets(NodeView.Texts(node, "enabled_plugins"))]);
        Section(text, "Data directory", $"Node data directory: {NodeView.Text(node, "db_dir")}");
        Section(text, "Config files", [.. Bullets(NodeView.Texts(node, "config_files"))]);
        Section(text, "Log file(s)", [.. Bullets(NodeView.Texts(node, "log_files"))]);
        Section(text, "Alarms", view.Alarms.Count == 0 ? ["(none)"] : [.. view.Alarms.Select(a => $"{NodeView.AlarmName(a)} alarm on node {view.Name}")]);
        Section(text, "Memory",
            $"Total memory used: {ByteUnits.Text(NodeView.Number(node, "mem_used"), unit)} {unit}",
            $"Calculation strategy: {NodeView.Text(node, "mem_calculation_strategy")}",
            $"Memory high watermark setting: computed to: {ByteUnits.Text(NodeView.Number(node, "mem_limit"), unit)} {unit}",
            "",
            memory.Lines(unit, " ").TrimEnd('\n'));
        Section(text, "File Descriptors",
            $"Total: {NodeView.Number(node, "fd_used")}, limit: {NodeView.Number(node, "fd_total")}",
            $"Sockets: {NodeView.Number(node, "sockets_used")}, limit: {NodeView.Number(node, "sockets_total")}");
        Section(text, "Free Disk Space",
            $"Low free disk space watermark: {ByteUnits.Text(NodeView.Number(node, "disk_free_limit"), unit)} {unit}",
            $"Free disk space: {ByteUnits.Text(NodeView.Number(node, "disk_free"), unit)} {unit}");
        Section(text, "Totals",
            $"Connection count: {NodeView.Number(totals, "connections")}",
            $"Queue count: {NodeView.Number(totals, "queues")}",
            $"Virtual host count: {hosts}");
        Section(text, "Listeners", [.. view.Listeners.Select(l => l.ToString())]);
        return text.ToString().TrimEnd('\n') + "\n";
    }

    /// <summary>status for programs.</summary>
    internal static JsonObject Json(NodeView view, MemoryView memory, int hosts)
    {
        JsonObject node = view.Node;
        JsonObject totals = view.Overview["object_totals"] as JsonObject ?? [];
        var parts = new JsonObject();
        foreach ((string name, long bytes) in memory.Parts)
        {
            parts[name] = bytes;
        }

        parts["strategy"] = NodeView.Text(node, "mem_calculation_strategy");
        parts["total"] = new JsonObject { ["rss"] = memory.Total };
        return new JsonObject
        {
            ["active_plugins"] = Copy(node["enabled_plugins"]),
            ["alarms"] = new JsonArray([.. view.Alarms.Select(a => (JsonNode)a)]),
            ["config_files"] = Copy(node["config_files"]),
            ["crypto_lib_version"] = NodeView.Text(view.Overview, "crypto_lib_version"),
            ["data_directory"] = NodeView.Text(node, "db_dir"),
            ["disk_free"] = NodeView.Number(node, "disk_free"),
            ["disk_free_limit"] = NodeView.Number(node, "disk_free_limit"),
            ["enabled_plugin_file"] = "",
            ["erlang_version"] = NodeView.Text(view.Overview, "erlang_full_version"),
            ["file_descriptors"] = new JsonObject
            {
                ["sockets_limit"] = NodeView.Number(node, "sockets_total"),
                ["sockets_used"] = NodeView.Number(node, "sockets_used"),
                ["total_limit"] = NodeView.Number(node, "fd_total"),
                ["total_used"] = NodeView.Number(node, "fd_used"),
            },
            ["is_under_maintenance"] = NodeView.Text(node, "being_drained") == "true",
            ["listeners"] = new JsonArray([.. view.Listeners.Select(l => (JsonNode)l.ToJson())]),
            ["log_files"] = Copy(node["log_files"]),
            ["memory"] = parts,
            ["net_ticktime"] = NodeView.Number(node, "net_ticktime"),
            ["pid"] = long.TryParse(NodeView.Text(node, "os_pid"), out long pid) ? pid : 0,
            ["processes"] = new JsonObject { ["limit"] = NodeView.Number(node, "proc_total"), ["used"] = NodeView.Number(node, "proc_used") },
            ["product_name"] = NodeView.Text(view.Overview, "product_name"),
            ["product_version"] = NodeView.Text(view.Overview, "product_version"),
            ["rabbitmq_version"] = NodeView.Text(view.Overview, "rabbitmq_version"),
            ["release_series_support_status"] = NodeView.Text(view.Overview, "release_series_support_status"),
            ["run_queue"] = NodeView.Number(node, "run_queue"),
            ["totals"] = new JsonObject
            {
                ["connection_count"] = NodeView.Number(totals, "connections"),
                ["queue_count"] = NodeView.Number(totals, "queues"),
                ["virtual_host_count"] = hosts,
            },
            ["uptime"] = NodeView.Number(node, "uptime") / 1000,
            ["vm_memory_calculation_strategy"] = NodeView.Text(node, "mem_calculation_strategy"),
            ["vm_memory_high_watermark_limit"] = NodeView.Number(node, "mem_limit"),
        };
    }

    private static async Task ClusterAsync(CtlSession session, CancellationToken cancellationToken)
    {
        NodeView view = await NodeView.ReadAsync(session, cancellationToken);
        IReadOnlyList<JsonObject> nodes = await session.Api.ListAsync("api/nodes", cancellationToken);
        IReadOnlyList<JsonObject> flags = await session.Api.ListAsync("api/feature-flags", cancellationToken);
        string[] names = [.. nodes.Select(n => NodeView.Text(n, "name"))];
        string[] running = [.. nodes.Where(n => NodeView.Text(n, "running") == "true").Select(n => NodeView.Text(n, "name"))];
        string version = NodeView.Text(view.Overview, "rabbitmq_version");
        string runtime = NodeView.Text(view.Overview, "erlang_version");
        session.Banner($"Cluster status of node {view.Name} ...");
        var text = new StringBuilder();
        Section(text, "Basics", $"Cluster name: {NodeView.Text(view.Overview, "cluster_name")}");
        Section(text, "Disk Nodes", names);
        Section(text, "Running Nodes", running);
        Section(text, "Versions", [.. running.Select(n => $"{n}: RabbitMQ {version} on Erlang {runtime}")]);
        Section(text, "CPU Cores", [.. nodes.Select(n => $"Node: {NodeView.Text(n, "name")}, available CPU cores: {NodeView.Number(n, "processors")}")]);
        Section(text, "Maintenance status", [.. names.Select(n => $"Node: {n}, status: not under maintenance")]);
        Section(text, "Alarms", view.Alarms.Count == 0 ? ["(none)"] : [.. view.Alarms.Select(a => $"{NodeView.AlarmName(a)} alarm on node {view.Name}")]);
        Section(text, "Network Partitions", "(none)");
        Section(text, "Listeners", [.. view.Listeners.Select(l => $"Node: {l.Node}, {l.ToString().Replace("Interface", "interface", StringComparison.Ordinal)}")]);
        Section(text, "Feature flags", [.. flags.Select(f => $"Flag: {NodeView.Text(f, "name")}, state: {NodeView.Text(f, "state")}")]);
        session.Show(text.ToString().TrimEnd('\n') + "\n", new JsonObject
        {
            ["alarms"] = new JsonArray([.. view.Alarms.Select(a => (JsonNode)a)]),
            ["cluster_name"] = NodeView.Text(view.Overview, "cluster_name"),
            ["disk_nodes"] = new JsonArray([.. names.Select(n => (JsonNode)n)]),
            ["feature_flags"] = new JsonArray([.. flags.Select(f => f.DeepClone())]),
            ["listeners"] = new JsonObject(view.Listeners.GroupBy(l => l.Node, StringComparer.Ordinal)
                .Select(g => KeyValuePair.Create(g.Key, (JsonNode?)new JsonArray([.. g.Select(l => (JsonNode)l.ToJson())])))),
            ["maintenance_status"] = new JsonObject(names.Select(n => KeyValuePair.Create(n, (JsonNode?)"not under maintenance"))),
            ["partitions"] = new JsonObject(),
            ["ram_nodes"] = new JsonArray(),
            ["running_nodes"] = new JsonArray([.. running.Select(n => (JsonNode)n)]),
            ["versions"] = new JsonObject(running.Select(n => KeyValuePair.Create(n, (JsonNode?)new JsonObject
            {
                ["erlang_version"] = runtime,
                ["rabbitmq_name"] = "RabbitMQ",
                ["rabbitmq_version"] = version,
            }))),
        });
    }

    private static async Task EnvironmentAsync(CtlSession session, CancellationToken cancellationToken)
    {
        session.Banner($"Application environment of node {await session.NodeAsync(cancellationToken)} ...");
        JsonNode settings;
        try
        {
            settings = await session.Api.GetAsync("api/config/effective", cancellationToken) ?? new JsonObject();
        }
        catch (ApiError e) when (e.IsNotFound)
        {
            throw new CtlError(CtlExit.Unavailable, "this broker does not show its configuration over HTTP; on its machine: warren config show");
        }

        JsonObject all = settings as JsonObject ?? new JsonObject { ["settings"] = settings };
        session.Show(string.Concat(all.Select(s => $"{s.Key} = {Output.ErlangTerm.Cell(s.Value)}\n")), all);
    }

    private static async Task ReportAsync(CtlSession session, CancellationToken cancellationToken)
    {
        session.Banner($"Reporting server status of node {await session.NodeAsync(cancellationToken)} ...\n");
        string[] names = ["status", "cluster_status", "list_vhosts", "list_users", "list_connections", "list_channels", "list_queues",
            "list_exchanges", "list_bindings", "list_consumers", "list_permissions", "list_policies", "list_parameters", "list_global_parameters"];
        foreach (string name in names)
        {
            session.Banner("");
            await CommandTable.All.First(c => c.Name == name).RunAsync(session, cancellationToken);
        }
    }

    private static void Section(StringBuilder text, string title, params IReadOnlyList<string> lines)
    {
        text.Append(title).Append("\n\n");
        foreach (string line in lines)
        {
            text.Append(line).Append('\n');
        }

        text.Append('\n');
    }

    private static IEnumerable<string> Bullets(IReadOnlyList<string> items) => items.Count == 0 ? ["(none)"] : items.Select(i => $" * {i}");

    private static JsonArray Copy(JsonNode? items) => items is JsonArray array ? (JsonArray)array.DeepClone() : [];
}
