using Warren.Cli.Ctl.Line;

namespace Warren.Cli.Ctl.Commands;

/// <summary>Commands that make, change or leave a cluster: refused, as this broker forms none.</summary>
internal static class ClusterCommands
{
    /// <summary>The commands.</summary>
    public static IReadOnlyList<CtlCommand> All { get; } =
    [
        .. ((string[])["join_cluster", "forget_cluster_node", "rename_cluster_node", "update_cluster_nodes", "force_boot"]).Select(Refused),
        new("discover_peers", "", 0, 0, "Looks for other nodes", PeersAsync),
        new("list_unresponsive_queues", "[<column> ...]", 0, int.MaxValue, "Lists queues that do not answer; there are none", NoneAsync),
    ];

    private static CtlCommand Refused(string name) => new(name, "[...]", 0, int.MaxValue, "Needs a cluster, which there is not", (_, _) =>
        throw new CtlError(CtlExit.Unavailable, $"'{name}' needs a cluster: this broker has one node"))
    {
        Options = [new CtlOption("ram"), new CtlOption("disc"), new CtlOption("offline")],
    };

    private static Task PeersAsync(CtlSession session, CancellationToken cancellationToken)
    {
        session.Done("No peers discovered, the discovery backend is not used.");
        return Task.CompletedTask;
    }

    private static Task NoneAsync(CtlSession session, CancellationToken cancellationToken)
    {
        session.Banner($"Listing unresponsive queues for vhost {session.VirtualHost} ...");
        session.Show(new Output.ResultTable(session.Arguments.Count == 0 ? ["name"] : session.Arguments, []));
        return Task.CompletedTask;
    }
}
