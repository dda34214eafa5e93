using System.Globalization;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Warren.Cli.Ctl.Api;
using Warren.Cli.Ctl.Line;

namespace Warren.Cli.Ctl.Commands;

/// <summary>rabbitmq-diagnostics: checks that end with 0 or 69, and what the broker tells about itself.</summary>
internal static class HealthCommands
{
    private static readonly CtlOption Address = new("address", null, "address");
    private static readonly CtlOption Unit = new("unit", null, "bytes|mb|gb");

    /// <summary>The commands.</summary>
    public static IReadOnlyList<CtlCommand> All { get; } =
    [
        new("ping", "", 0, 0, "Checks that the node answers", PingAsync),
        new("check_running", "", 0, 0, "Health check that exits with an error if the broker is not running", RunningAsync),
        new("is_running", "", 0, 0, "Tells whether the broker is running", TellRunningAsync),
        new("is_booting", "", 0, 0, "Tells whether the broker is still starting", BootingAsync),
        new("node_health_check", "", 0, 0, "Does nothing any more, as in RabbitMQ", NoCheckAsync),
        new("check_local_alarms", "", 0, 0, "Health check that exits with an error if there are alarms on the node",
            (s, c) => AlarmsAsync(s, "any local resource alarms", "no local alarms", isCheck: true, c)),
        new("check_alarms", "", 0, 0, "Health check that exits with an error if there are alarms",
            (s, c) => AlarmsAsync(s, "any local resource alarms", "no alarms, local or clusterwide", isCheck: true, c)),
        new("alarms", "", 0, 0, "Lists resource alarms",
            (s, c) => AlarmsAsync(s, "any known resource alarms", "no alarms, local or clusterwide", isCheck: false, c)),
        new("check_port_connectivity", "", 0, 0, "Connects to every listener's port", ConnectivityAsync) { Options = [Address] },
        new("check_port_listener", "<port>", 1, 1, "Health check that exits with an error if no listener uses the port", PortAsync),
        new("check_protocol_listener", "<protocol>", 1, 1, "Health check that exits with an error if no listener has the protocol", ProtocolAsync),
        new("check_virtual_hosts", "", 0, 0, "Health check that exits with an error if a virtual host is down", HostsAsync),
        new("check_if_node_is_quorum_critical", "", 0, 0, "Health check for quorum queues that would lose their majority", QuorumAsync)
        {
            Tools = CtlTools.Ctl | CtlTools.Diagnostics | CtlTools.Queues,
        },
        new("check_if_any_deprecated_features_are_used", "", 0, 0, "Reports on deprecated features in use", DeprecatedAsync),
        new("listeners", "", 0, 0, "Lists active connection listeners", ListenersAsync),
        new("server_version", "", 0, 0, "Displays the version of the server", VersionAsync),
        new("erlang_version", "", 0, 0, "Displays the runtime of the server", RuntimeAsync),
        new("memory_breakdown", "", 0, 0, "Provides a memory usage breakdown", MemoryAsync) { Options = [Unit] },
        new("log_location", "", 0, 0, "Shows log file location(s)", LogLocationAsync),
    ];

    private static async Task PingAsync(CtlSession session, CancellationToken cancellationToken)
    {
        session.Banner($"Will ping {session.Line.Value(GlobalOptions.Node) ?? session.Api.Address.Url.Authority}. This only checks if the management API answers.");
        try
        {
            await session.Api.GetAsync("api/whoami", cancellationToken);
        }
        catch (ApiError)
        {
            // Refused is answered: the process runs.
            session.Done("Ping succeeded");
            return;
        }

        session.Done("Ping succeeded");
    }

    // Who may not look at nodes learns at least that it answers.
    private static async Task<bool> IsRunningAsync(CtlSession session, string node, CancellationToken cancellationToken)
    {
        try
        {
            return await session.Api.FindAsync(ManagementApi.Path("nodes", node), cancellationToken) is not { } found || NodeView.IsRunning(found);
        }
        catch (ApiError e) when (e.Status == System.Net.HttpStatusCode.Unauthorized)
        {
            return true;
        }
    }

    private static async Task RunningAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string node = await session.NodeAsync(cancellationToken);
        session.Banner($"Checking if RabbitMQ is running on node {node} ...");
        if (!await IsRunningAsync(session, node, cancellationToken))
        {
            throw new CtlError(CtlExit.Unavailable, $"RabbitMQ on node {node} is not running or has not fully booted yet (check with is_booting)");
        }

        session.Done($"RabbitMQ on node {node} is fully booted and running");
    }

    private static async Task TellRunningAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string node = await session.NodeAsync(cancellationToken);
        session.Banner($"Asking node {node} for its status ...");
        session.Done(await IsRunningAsync(session, node, cancellationToken)
            ? $"RabbitMQ on node {node} is fully booted and running"
            : $"RabbitMQ on node {node} is not running or has not fully booted yet (check with is_booting)");
    }

    // It listens for management only when everything else has started.
    private static async Task BootingAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string node = await session.NodeAsync(cancellationToken);
        session.Banner($"Asking node {node} for its status ...");
        session.Done($"RabbitMQ on node {node} is fully booted (check with is_running), stopped or has not started booting yet");
    }

    private static async Task NoCheckAsync(CtlSession session, CancellationToken cancellationToken)
    {
        await session.Streams.Error.WriteLineAsync("This command does nothing, use check_running, check_local_alarms or check_port_connectivity.");
        session.Done("ok");
    }

    private static async Task AlarmsAsync(CtlSession session, string what, string none, bool isCheck, CancellationToken cancellationToken)
    {
        NodeView view = await NodeView.ReadAsync(session, cancellationToken);
        session.Banner($"Asking node {view.Name} to report {what} ...");
        if (view.Alarms.Count == 0)
        {
            session.Done($"Node {view.Name} reported {none}");
            return;
        }

        string list = string.Join('\n', view.Alarms.Select(a => $"{NodeView.AlarmName(a)} alarm on node {view.Name}"));
        if (isCheck)
        {
            throw new CtlError(CtlExit.Unavailable, $"Alarm(s) in effect on node {view.Name}:\n{list}");
        }

        session.Done($"Node {view.Name} reported the following alarms:\n{list}");
    }

    private static async Task ConnectivityAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string node = await session.NodeAsync(cancellationToken);
        session.Banner($"Testing TCP connections to all active listeners on node {node} ...");
        IReadOnlyList<ListenerView> listeners = ListenerView.Of(await session.OverviewAsync(cancellationToken));
        var refused = new List<string>();
        foreach (ListenerView listener in listeners)
        {
            string host = session.Line.Value(Address) ?? HostOf(listener, session.Api.Address.Url.Host);
            try
            {
                using var socket = new TcpClient();
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(TimeSpan.FromSeconds(10));
                await socket.ConnectAsync(host, listener.Port, limit.Token);
            }
            catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                refused.Add($"{host}:{listener.Port} ({listener.Protocol})");
            }
        }

        if (refused.Count > 0)
        {
            throw new CtlError(CtlExit.Unavailable, $"Connection to ports of the following listeners on node {node} failed:\n{string.Join('\n', refused)}");
        }

        session.Done($"Successfully connected to ports {Ports(listeners)} on node {node}.");
    }

    // Every address means the one we came by; another is where that listener can be found.
    private static string HostOf(ListenerView listener, string host)
    {
        string address = listener.Interface.Trim('[', ']');
        return address is "" or "::" or "0.0.0.0" ? host : address;
    }

    private static async Task PortAsync(CtlSession session, CancellationToken cancellationToken)
    {
        if (!int.TryParse(session.Arguments[0], NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port is < 1 or > 65535)
        {
            throw new CtlError(CtlExit.BadArgument, $"'{session.Arguments[0]}' is no port");
        }

        string node = await session.NodeAsync(cancellationToken);
        session.Banner($"Asking node {node} if there's an active listener on port {port} ...");
        IReadOnlyList<ListenerView> listeners = ListenerView.Of(await session.OverviewAsync(cancellationToken));
        if (!listeners.Any(l => l.Port == port))
        {
            throw new CtlError(
                CtlExit.Unavailable,
                $"No listener for port {port} is active on node {node}. Found listeners that use the following ports: {Ports(listeners)}")
            { IsBare = true };
        }

        session.Done($"A listener for port {port} is running on node {node}.");
    }

    private static async Task ProtocolAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string asked = session.Arguments[0];
        string node = await session.NodeAsync(cancellationToken);
        session.Banner($"Asking node {node} if there's an active listener for protocol {asked} ...");
        IReadOnlyList<ListenerView> listeners = ListenerView.Of(await session.OverviewAsync(cancellationToken));
        string protocol = Canonical(asked);
        if (!listeners.Any(l => l.Protocol == protocol))
        {
            string found = string.Join(", ", listeners.Select(l => l.Protocol).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
            throw new CtlError(
                CtlExit.Unavailable, $"No listener for protocol {asked} is active on node {node}. Found listeners for the following protocols: {found}");
        }

        session.Done($"A listener for protocol {asked} is running on node {node}.");
    }

    private static string Canonical(string protocol) => protocol.ToLowerInvariant() switch
    {
        "amqp091" or "amqp0.9.1" or "amqp0-9-1" or "amqp10" or "amqp1.0" or "amqp1-0" => "amqp",
        "amqps" => "amqp/ssl",
        "mqtts" => "mqtt/ssl",
        "stomps" => "stomp/ssl",
        "web-mqtt" or "web_mqtt" => "http/web-mqtt",
        "web-stomp" or "web_stomp" => "http/web-stomp",
        "prometheus" => "http/prometheus",
        { } other => other,
    };

    private static async Task HostsAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string node = await session.NodeAsync(cancellationToken);
        session.Banner($"Checking if all vhosts are running on node {node} ...");
        string[] down =
        [
            .. (await session.Api.ListAsync("api/vhosts", cancellationToken))
                .Where(h => h["cluster_state"] is JsonObject states && states.Any(s => s.Value?.ToString() is not "running"))
                .Select(h => NodeView.Text(h, "name")),
        ];
        if (down.Length > 0)
        {
            throw new CtlError(CtlExit.Unavailable, $"Some virtual hosts on node {node} are down:\n{string.Join('\n', down)}");
        }

        session.Done($"Node {node} reported all vhosts as running");
    }

    private static async Task QuorumAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string node = await session.NodeAsync(cancellationToken);
        session.Banner($"Checking if node {node} is critical for quorum of any quorum queues ...");
        try
        {
            await session.Api.GetAsync("api/health/checks/node-is-quorum-critical", cancellationToken);
        }
        catch (ApiError e)
        {
            throw new CtlError(CtlExit.Unavailable, e.Message);
        }

        session.Done($"Node {node} reported no quorum queues that would lose their majority without it");
    }

    private static async Task DeprecatedAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string node = await session.NodeAsync(cancellationToken);
        session.Banner($"Checking if any deprecated features are used on node {node} ...");
        session.Done($"Node {node} reported no deprecated features in use");
    }

    private static async Task ListenersAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string node = await session.NodeAsync(cancellationToken);
        session.Banner($"Asking node {node} to report its protocol listeners ...");
        IReadOnlyList<ListenerView> listeners = ListenerView.Of(await session.OverviewAsync(cancellationToken));
        session.Show(
            string.Concat(listeners.Select(l => $"{l}\n")),
            new JsonObject { ["result"] = "ok", ["node"] = node, ["listeners"] = new JsonArray([.. listeners.Select(l => (JsonNode)l.ToJson())]) });
    }

    private static async Task VersionAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string node = await session.NodeAsync(cancellationToken);
        session.Banner($"Asking node {node} for its RabbitMQ version...");
        string version = NodeView.Text(await session.OverviewAsync(cancellationToken), "rabbitmq_version");
        session.Show(version, new JsonObject { ["result"] = "ok", ["value"] = version });
    }

    private static async Task RuntimeAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string node = await session.NodeAsync(cancellationToken);
        session.Banner($"Asking node {node} for its Erlang/OTP version...");
        string version = NodeView.Text(await session.OverviewAsync(cancellationToken), "erlang_version");
        session.Show(version, new JsonObject { ["result"] = "ok", ["value"] = version });
    }

    private static async Task MemoryAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string unit = ByteUnits.Parse(session.Line.Value(Unit));
        string node = await session.NodeAsync(cancellationToken);
        session.Banner($"Reporting memory breakdown on node {node}...");
        MemoryView memory = MemoryView.Of(await session.Api.FindAsync($"{ManagementApi.Path("nodes", node)}/memory", cancellationToken));
        session.Show(memory.Lines(unit, ""), memory.ToJson());
    }

    private static async Task LogLocationAsync(CtlSession session, CancellationToken cancellationToken)
    {
        NodeView view = await NodeView.ReadAsync(session, cancellationToken);
        IReadOnlyList<string> files = NodeView.Texts(view.Node, "log_files");
        session.Show(string.Join('\n', files), new JsonObject { ["log_files"] = new JsonArray([.. files.Select(f => (JsonNode)f)]) });
    }

    private static string Ports(IEnumerable<ListenerView> listeners) =>
        string.Join(", ", listeners.Select(l => l.Port).Distinct().Order());
}
