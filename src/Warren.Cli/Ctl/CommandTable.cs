using Warren.Cli.Ctl.Commands;
using Warren.Cli.Ctl.Line;
using Warren.Server.Configuration;

namespace Warren.Cli.Ctl;

/// <summary>All commands of all programs.</summary>
internal static class CommandTable
{
    /// <summary>The commands, by group.</summary>
    public static IReadOnlyList<CtlCommand> All { get; } =
    [
        .. StatusCommands.All, .. LifecycleCommands.All, .. NodeCommands.All, .. ObjectLists.All, .. RightsLists.All, .. UserCommands.All, .. RightsCommands.All,
        .. VirtualHostCommands.All, .. PolicyCommands.All, .. ParameterCommands.All, .. LimitCommands.All, .. QueueCommands.All,
        .. ConnectionCommands.All, .. DefinitionCommands.All, .. HealthCommands.All, .. InspectionCommands.All, .. ReplicaCommands.All, .. StreamCommands.All, .. UpgradeCommands.All,
        .. ObjectCommands.All, .. ClusterCommands.All, .. PluginCommands.All, .. MetaCommands.All,
    ];

    /// <summary>The commands of one program.</summary>
    public static IReadOnlyList<CtlCommand> For(CtlTools tools) => [.. All.Where(c => (c.Tools & tools) != CtlTools.None)];

    /// <summary>What to say about a command that is not there.</summary>
    public static CtlError Unknown(string word, CtlTools tools)
    {
        string guess = Suggestions.Nearest(word, For(tools).Select(c => c.Name)) is { } near ? $"\nDid you mean '{near}'?" : "";
        return new CtlError(CtlExit.Usage, $"\nCommand '{word}' not found.{guess}\n") { IsBare = true };
    }
}
