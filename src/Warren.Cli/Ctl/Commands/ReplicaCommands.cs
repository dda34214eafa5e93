using System.Globalization;
using System.Text.Json.Nodes;
using Warren.Cli.Ctl.Api;
using Warren.Cli.Ctl.Line;
using Warren.Cli.Ctl.Output;

namespace Warren.Cli.Ctl.Commands;

/// <summary>rabbitmq-queues: the replicas of queues, where one node has one of each and nothing can be moved.</summary>
internal static class ReplicaCommands
{
    private const CtlTools Tool = CtlTools.Queues;
    private const CtlTools Both = CtlTools.Queues | CtlTools.Streams;

    private static readonly CtlOption[] Patterns = [new("vhost-pattern", null, "pattern"), new("queue-pattern", null, "pattern"), new("membership", null, "kind"), new("errors-only")];

    /// <summary>The commands.</summary>
    public static IReadOnlyList<CtlCommand> All { get; } =
    [
        new("quorum_status", "<queue>", 1, 1, "Displays quorum status of a quorum queue", StatusAsync) { Tools = Tool },
        new("check_if_node_is_mirror_sync_critical", "", 0, 0, "Health check for mirrors of RabbitMQ 3 that are behind; there are none", MirrorAsync) { Tools = Tool },
        new("add_member", "<queue> <node>", 2, 2, "Adds a quorum queue member on a node", AddAsync) { Tools = Tool, Options = Patterns },
        new("delete_member", "<queue> <node>", 2, 2, "Removes a quorum queue member on a node", DeleteAsync) { Tools = Tool },
        new("grow", "<node> <all|even>", 2, 2, "Adds members on a node to all queues that have none there", GrowAsync) { Tools = Both, Options = Patterns },
        new("shrink", "<node>", 1, 1, "Removes the members on a node", ShrinkAsync) { Tools = Both, Options = Patterns },
        new("rebalance", "<all|classic|quorum|stream>", 1, 1, "Spreads leaders evenly over the nodes", RebalanceAsync) { Tools = Tool, Options = Patterns },
        new("transfer_leadership", "<queue> <node>", 2, 2, "Moves the leader of a queue to a node", TransferAsync) { Tools = Both },
        new("reclaim_quorum_memory", "<queue>", 1, 1, "Writes what a quorum queue holds in memory to disk", ReclaimAsync) { Tools = Tool },
        new("force_checkpoint", "", 0, 0, "Writes checkpoints of quorum queues", CheckpointAsync) { Tools = Tool, Options = Patterns },
        new("peek", "<queue> <position>", 2, 2, "Shows the message at a position of a queue", PeekAsync) { Tools = Tool },
    ];

    private static async Task StatusAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string queue = session.Arguments[0];
        session.Banner($"Status of quorum queue {queue} on node {await session.NodeAsync(cancellationToken)} ...");
        JsonObject found = await QuorumAsync(session, queue, "Cannot get quorum status of a classic queue", cancellationToken);
        string[] columns = ["Node Name", "Raft State", "Membership", "Last Log Index", "Last Written", "Last Applied", "Commit Index", "Snapshot Index", "Term", "Machine Version"];

        // No Raft behind it: one member, which leads, and no indexes.
        IReadOnlyList<JsonNode?>[] rows =
        [
            .. NodeView.Texts(found, "members").Select(member => (IReadOnlyList<JsonNode?>)
            [
                member, member == NodeView.Text(found, "leader") ? "leader" : "follower", "voter", .. Enumerable.Repeat<JsonNode?>(null, columns.Length - 3),
            ]),
        ];
        session.Show(new ResultTable(columns, rows));
    }

    private static async Task MirrorAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string node = await session.NodeAsync(cancellationToken);
        session.Banner($"Checking if node {node} is critical for data safety of any classic mirrored queues ...");
        session.Done($"Node {node} reported no classic mirrored queues without online in-sync mirrors");
    }

    private static async Task AddAsync(CtlSession session, CancellationToken cancellationToken)
    {
        (string queue, string node) = (session.Arguments[0], session.Arguments[1]);
        session.Banner($"Adding a replica for queue {queue} on node {node}...");
        JsonObject found = await QuorumAsync(session, queue, "Cannot add members to a classic queue", cancellationToken);
        if (!NodeView.Texts(found, "members").Contains(node))
        {
            throw NoNode(node);
        }

        session.Done($"queue {queue} has a member on node {node} already");
    }

    private static async Task DeleteAsync(CtlSession session, CancellationToken cancellationToken)
    {
        (string queue, string node) = (session.Arguments[0], session.Arguments[1]);
        session.Banner($"Removing a replica of queue {queue} on node {node}...");
        JsonObject found = await QuorumAsync(session, queue, "Cannot delete members from a classic queue", cancellationToken);
        throw NodeView.Texts(found, "members").Contains(node)
            ? new CtlError(CtlExit.Unavailable, $"the member on node {node} is the last of queue {queue}: delete the queue instead")
            : new CtlError(CtlExit.Unavailable, $"queue {queue} has no member on node {node}");
    }

    private static async Task GrowAsync(CtlSession session, CancellationToken cancellationToken)
    {
        (string node, string strategy) = (session.Arguments[0], session.Arguments[1]);
        if (strategy is not ("all" or "even"))
        {
            throw CtlError.Usage($"strategy '{strategy}' is not recognised.");
        }

        await RequireNodeAsync(session, node, cancellationToken);
        session.Banner($"Growing {strategy} quorum queues on {node}...");
        session.Show(new ResultTable(["vhost", "name", "size", "result"], []));
    }

    private static async Task ShrinkAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string node = session.Arguments[0];
        await RequireNodeAsync(session, node, cancellationToken);
        session.Banner($"Shrinking quorum queues on {node}...");
        var rows = new List<IReadOnlyList<JsonNode?>>();
        foreach (JsonObject queue in await session.Api.ListAsync("api/queues", cancellationToken))
        {
            if (NodeView.Text(queue, "type") == "quorum")
            {
                rows.Add([NodeView.Text(queue, "vhost"), NodeView.Text(queue, "name"), 1, "error: last_node"]);
            }
        }

        session.Show(new ResultTable(["vhost", "name", "size", "result"], rows));
    }

    private static async Task RebalanceAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string kind = session.Arguments[0];
        if (kind is not ("all" or "classic" or "quorum" or "stream"))
        {
            throw CtlError.Usage($"type '{kind}' is not recognised: all, classic, quorum or stream is needed.");
        }

        session.Banner($"Rebalancing the leaders of {kind} queues");
        string node = await session.NodeAsync(cancellationToken);
        await session.Api.PostAsync("api/rebalance/queues", new JsonObject(), cancellationToken);
        IReadOnlyList<JsonObject> queues = await session.Api.ListAsync("api/queues", cancellationToken);
        session.Show(new ResultTable(
            ["Node name", "Number of quorum queues", "Number of replicated classic queues"],
            [[node, queues.Count(q => NodeView.Text(q, "type") == "quorum"), 0]]));
    }

    private static async Task TransferAsync(CtlSession session, CancellationToken cancellationToken)
    {
        (string queue, string node) = (session.Arguments[0], session.Arguments[1]);
        await FindAsync(session, queue, cancellationToken);
        await RequireNodeAsync(session, node, cancellationToken);
        session.Done($"queue {queue} has its leader on node {node}");
    }

    private static async Task ReclaimAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string queue = session.Arguments[0];
        session.Banner($"Will flush Raft WAL of queue {queue} ...");
        await QuorumAsync(session, queue, "This operation is not supported for classic queues", cancellationToken);
        session.Done(); // everything is written as it comes
    }

    private static async Task CheckpointAsync(CtlSession session, CancellationToken cancellationToken)
    {
        session.Banner($"Forcing checkpoint for all matching quorum queues on node {await session.NodeAsync(cancellationToken)}...");
        session.Show(new ResultTable(["vhost", "name", "result"], [])); // the log makes its own
    }

    // Positions begin with 1, those of the API with 0.
    private static async Task PeekAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string queue = session.Arguments[0];
        if (!long.TryParse(session.Arguments[1], NumberStyles.None, CultureInfo.InvariantCulture, out long position) || position < 1)
        {
            throw CtlError.Usage("position value must be a positive integer");
        }

        session.Banner($"Peeking at queue {queue} at position {position}...");
        await FindAsync(session, queue, cancellationToken);
        string path = string.Create(
            CultureInfo.InvariantCulture,
            $"{ManagementApi.Path("queues", session.VirtualHost, queue)}/messages?page_size=1&position={position - 1}");
        JsonObject page = await session.Api.GetAsync(path, cancellationToken) as JsonObject ?? [];
        if (page["messages"] is not JsonArray { Count: > 0 } messages || messages[0] is not JsonObject message)
        {
            throw new CtlError(CtlExit.Unavailable, $"Target queue has no message at position {position}");
        }

        session.Show(new ResultTable(["keys", "values"], [.. message.Select(m => (IReadOnlyList<JsonNode?>)[m.Key, m.Value?.DeepClone()])]));
    }

    private static async Task<JsonObject> QuorumAsync(CtlSession session, string queue, string refusal, CancellationToken cancellationToken)
    {
        JsonObject found = await FindAsync(session, queue, cancellationToken);
        return NodeView.Text(found, "type") == "quorum" ? found : throw new CtlError(CtlExit.Unavailable, refusal);
    }

    private static async Task<JsonObject> FindAsync(CtlSession session, string queue, CancellationToken cancellationToken) =>
        await session.Api.FindAsync(ManagementApi.Path("queues", session.VirtualHost, queue), cancellationToken)
        ?? throw new CtlError(CtlExit.Unavailable, $"queue '{queue}' in vhost '{session.VirtualHost}' not found");

    private static async Task RequireNodeAsync(CtlSession session, string node, CancellationToken cancellationToken)
    {
        if (node != await session.NodeAsync(cancellationToken))
        {
            throw NoNode(node);
        }
    }

    private static CtlError NoNode(string node) => new(CtlExit.Unavailable, $"node {node} is not running: this broker has one node");
}
