using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Warren.Cli.Ctl.Line;
using Warren.Cli.Ctl.Lists;
using Warren.Cli.Ctl.Output;

namespace Warren.Cli.Ctl.Commands;

/// <summary>rabbitmq-plugins: what is a plugin in RabbitMQ is built in here, so that enabling it only says so.</summary>
internal static class PluginCommands
{
    private static readonly CtlOption Verbose = new("verbose", 'v');
    private static readonly CtlOption Minimal = new("minimal", 'm');
    private static readonly CtlOption Explicit = new("enabled", 'E');
    private static readonly CtlOption Implicit = new("implicitly-enabled", 'e');
    private static readonly CtlOption[] Reach = [new("offline"), new("online"), new("all")];

    // RabbitMQ's names for what Warren has or will have without a plugin.
    private static readonly string[] BuiltIn =
    [
        "rabbitmq_auth_mechanism_ssl", "rabbitmq_consistent_hash_exchange", "rabbitmq_event_exchange", "rabbitmq_management",
        "rabbitmq_management_agent", "rabbitmq_mqtt", "rabbitmq_prometheus", "rabbitmq_random_exchange", "rabbitmq_recent_history_exchange",
        "rabbitmq_sharding", "rabbitmq_web_dispatch", "rabbitmq_web_mqtt",
    ];

    /// <summary>The commands.</summary>
    public static IReadOnlyList<CtlCommand> All { get; } =
    [
        new("list", "[<pattern>]", 0, 1, "Lists plugins and their state", ListAsync)
        {
            Tools = CtlTools.Plugins, Options = [Verbose, Minimal, Explicit, Implicit],
        },
        new("enable", "<plugin> [...]", 0, int.MaxValue, "Answers for features that are built in", EnableAsync)
        {
            Tools = CtlTools.Plugins, Options = Reach,
        },
        new("disable", "<plugin> [...]", 0, int.MaxValue, "Answers for features that are built in", DisableAsync)
        {
            Tools = CtlTools.Plugins, Options = Reach,
        },
        new("set", "<plugin> [...]", 0, int.MaxValue, "Answers for features that are built in", EnableAsync) { Tools = CtlTools.Plugins, Options = Reach },
        new("is_enabled", "<plugin> [...]", 1, int.MaxValue, "Exits with an error if a plugin is not enabled", IsEnabledAsync)
        {
            Tools = CtlTools.Plugins, Options = Reach,
        },
        new("directories", "", 0, 0, "Shows where plugins are kept", DirectoriesAsync) { Tools = CtlTools.Plugins, Options = Reach },
    ];

    private static async Task ListAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string pattern = session.Arguments.Count > 0 ? session.Arguments[0] : ".*";
        NodeView view = await NodeView.ReadAsync(session, cancellationToken);
        IReadOnlyList<string> enabled = NodeView.Texts(view.Node, "enabled_plugins");
        string version = NodeView.Text(view.Overview, "rabbitmq_version");
        bool onlyEnabled = session.Line.Has(Explicit) || session.Line.Has(Implicit);
        string[] names = [.. Matching(pattern, BuiltIn.Union(enabled, StringComparer.Ordinal)).Where(n => !onlyEnabled || enabled.Contains(n, StringComparer.Ordinal))];
        if (session.Format is not OutputFormat.Table)
        {
            session.Show(ColumnSet.Read(
                [Column.Key("name"), Column.Key("version"), Column.Key("enabled"), Column.Key("running")],
                names.Select(n => new JsonObject
                {
                    ["name"] = n,
                    ["version"] = version,
                    ["enabled"] = enabled.Contains(n, StringComparer.Ordinal) ? "enabled" : "not_enabled",
                    ["running"] = enabled.Contains(n, StringComparer.Ordinal),
                })));
            return;
        }

        session.Banner($"Listing plugins with pattern \"{pattern}\" ...");
        if (session.Line.Has(Minimal))
        {
            session.Write(string.Concat(names.Select(n => $"{n}\n")));
            return;
        }

        if (!session.IsSilent)
        {
            session.Write($" Configured: E = explicitly enabled; e = implicitly enabled\n | Status: * = running on {view.Name}\n |/\n");
        }

        int width = names.Select(n => n.Length).DefaultIfEmpty().Max();
        session.Write(string.Concat(names.Select(n => $"[{(enabled.Contains(n, StringComparer.Ordinal) ? "E*" : "  ")}] {n.PadRight(width)} {version}\n")));
    }

    private static Task EnableAsync(CtlSession session, CancellationToken cancellationToken)
    {
        RequireNames(session);
        session.Banner($"Enabling plugins on node {Node(session)}:\n{string.Join('\n', session.Arguments)}");
        RefuseUnknown(session);
        session.Done($"The following plugins have been configured:\n{string.Concat(BuiltIn.Select(n => $"  {n}\n"))}Plugin configuration unchanged: they are built in.");
        return Task.CompletedTask;
    }

    private static Task DisableAsync(CtlSession session, CancellationToken cancellationToken)
    {
        RequireNames(session);
        session.Banner($"Disabling plugins on node {Node(session)}:\n{string.Join('\n', session.Arguments)}");
        RefuseUnknown(session);
        session.Done("Plugin configuration unchanged: they are built in. A listener that is not wanted is switched off in the configuration file.");
        return Task.CompletedTask;
    }

    private static async Task IsEnabledAsync(CtlSession session, CancellationToken cancellationToken)
    {
        NodeView view = await NodeView.ReadAsync(session, cancellationToken);
        IReadOnlyList<string> enabled = NodeView.Texts(view.Node, "enabled_plugins");
        string asked = string.Join(", ", session.Arguments);
        string plugin = session.Arguments.Count == 1 ? "plugin" : "plugins";
        session.Banner($"Asking node {view.Name} if {plugin} {asked} {(session.Arguments.Count == 1 ? "is" : "are")} enabled...");
        string[] missing = [.. session.Arguments.Where(a => !enabled.Contains(a, StringComparer.Ordinal))];
        if (missing.Length > 0)
        {
            throw new CtlError(
                CtlExit.Unavailable,
                $"Plugin {string.Join(", ", missing)} is not enabled on node {view.Name}. Enabled plugins and dependencies: {string.Join(", ", enabled)}");
        }

        session.Done(session.Arguments.Count == 1 ? $"Plugin {asked} is enabled on node {view.Name}" : $"Plugins {asked} are enabled on node {view.Name}");
    }

    private static Task DirectoriesAsync(CtlSession session, CancellationToken cancellationToken)
    {
        session.Done("There are no plugin directories: everything is built in.");
        return Task.CompletedTask;
    }

    private static IEnumerable<string> Matching(string pattern, IEnumerable<string> names)
    {
        try
        {
            var regex = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
            return [.. names.Where(n => regex.IsMatch(n)).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new CtlError(CtlExit.BadArgument, $"'{pattern}' is no pattern: {e.Message}");
        }
    }

    private static void RequireNames(CtlSession session)
    {
        if (session.Arguments.Count == 0)
        {
            throw CtlError.Usage("not enough arguments.");
        }
    }

    private static void RefuseUnknown(CtlSession session)
    {
        string[] unknown = [.. session.Arguments.Where(a => !BuiltIn.Contains(a, StringComparer.Ordinal))];
        if (unknown.Length > 0)
        {
            throw new CtlError(CtlExit.Unexpected, $"The following plugins could not be found: {string.Join(", ", unknown)}");
        }
    }

    // Without asking anybody: images enable plugins before the first start.
    private static string Node(CtlSession session) => session.Line.Value(GlobalOptions.Node) ?? $"rabbit@{Environment.MachineName}";
}
