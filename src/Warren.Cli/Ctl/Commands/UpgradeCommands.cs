using System.Text.Json.Nodes;
using Warren.Cli.Ctl.Line;

namespace Warren.Cli.Ctl.Commands;

/// <summary>rabbitmq-upgrade, beside drain and revive: waiting for other nodes, of which there are none.</summary>
internal static class UpgradeCommands
{
    /// <summary>The commands.</summary>
    public static IReadOnlyList<CtlCommand> All { get; } =
    [
        new("await_online_quorum_plus_one", "", 0, 0, "Waits until every quorum queue could do without this node", QuorumAsync)
        {
            Tools = CtlTools.Upgrade,
            TimeoutSeconds = 120,
        },
        new("has_reached_target_cluster_size", "", 0, 0, "Tells whether all nodes have joined", SizeAsync) { Tools = CtlTools.Upgrade | CtlTools.Diagnostics },
        new("post_upgrade", "", 0, 0, "Does what is left to do after an upgrade", AfterAsync) { Tools = CtlTools.Upgrade },
    ];

    private static async Task QuorumAsync(CtlSession session, CancellationToken cancellationToken)
    {
        session.Banner("Will wait for a quorum + 1 of nodes to be online for all quorum queues and streams ...");
        await session.Api.GetAsync("api/health/checks/node-is-quorum-critical", cancellationToken);
        session.Done();
    }

    private static async Task SizeAsync(CtlSession session, CancellationToken cancellationToken)
    {
        await session.Api.GetAsync("api/health/checks/reached-target-cluster-size", cancellationToken);
        session.Done("true");
    }

    private static async Task AfterAsync(CtlSession session, CancellationToken cancellationToken)
    {
        session.Banner("Executing post upgrade tasks...");
        await session.Api.PostAsync("api/rebalance/queues", new JsonObject(), cancellationToken);
        session.Done();
    }
}
