using System.Globalization;
using System.Text.Json.Nodes;
using Warren.Cli.Ctl.Api;
using Warren.Cli.Ctl.Line;

namespace Warren.Cli.Ctl.Commands;

/// <summary>What operators do to a node that runs: its limits, its log, its listeners, stop, start and reset.</summary>
internal static class NodeCommands
{
    private const CtlTools Upgrade = CtlTools.Ctl | CtlTools.Diagnostics | CtlTools.Upgrade;

    /// <summary>The commands.</summary>
    public static IReadOnlyList<CtlCommand> All { get; } =
    [
        new("set_vm_memory_high_watermark", "<fraction> | absolute <value>", 1, 2, "Sets the memory threshold at which publishers are blocked", SetMemoryAsync),
        new("set_disk_free_limit", "<value> | mem_relative <fraction>", 1, 2, "Sets the free disk space at which publishers are blocked", SetDiskAsync),
        new("deactivate_free_disk_space_monitoring", "", 0, 0, "Sets the free disk space limit to nothing", (s, c) => WatchDiskAsync(s, isOn: false, c)),
        new("activate_free_disk_space_monitoring", "", 0, 0, "Sets the free disk space limit to RabbitMQ's default", (s, c) => WatchDiskAsync(s, isOn: true, c)),
        new("set_log_level", "[<category>] <level>", 1, 2, "Sets the log level of everything or of a category", SetLogLevelAsync),
        Verb("rotate_logs", "Begins new log files", "rotate-logs", n => $"Rotating logs for node {n} ..."),
        Verb("suspend_listeners", "Lets no new clients in", "suspend-listeners",
            n => $"Will suspend client connection listeners on node {n}. The node will no longer accept client connections!"),
        Verb("resume_listeners", "Lets clients in again", "resume-listeners",
            n => $"Will resume client connection listeners on node {n}. The node will now accept client connections"),
        Verb("drain", "Puts the node into maintenance mode: no clients", "drain",
            n => $"Will put node {n} into maintenance mode. The node will no longer serve any client traffic!") with { Tools = Upgrade },
        Verb("revive", "Ends maintenance mode", "revive",
            n => $"Will put node {n} back into regular operating mode. The node will again serve client traffic.") with { Tools = Upgrade },
        Verb("stop_app", "Stops the broker, but not its process", "stop-app", n => $"Stopping rabbit application on node {n} ..."),
        Verb("start_app", "Starts the broker again after stop_app", "start-app", n => $"Starting node {n} ..."),
        Verb("reset", "Forgets all definitions and messages; after stop_app", "reset", n => $"Resetting node {n} ..."),
        Verb("force_reset", "Forgets all definitions and messages; after stop_app", "reset", n => $"Forcefully resetting node {n} ..."),
    ];

    private static CtlCommand Verb(string name, string summary, string verb, Func<string, string> banner) =>
        new(name, "", 0, 0, summary, async (session, cancellationToken) =>
        {
            string node = await session.NodeAsync(cancellationToken);
            session.Banner(banner(node));
            await session.Api.PostAsync(PathOf(node, verb), new JsonObject(), cancellationToken);
            session.Done();
        });

    private static async Task SetMemoryAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string node = await session.NodeAsync(cancellationToken);
        JsonObject body;
        if (session.Arguments[0] == "absolute")
        {
            string size = session.Arguments.Count > 1 ? session.Arguments[1] : throw CtlError.Usage("not enough arguments.");
            session.Banner($"Setting memory threshold on {node} to {size} bytes ...");
            body = new JsonObject { ["absolute"] = size };
        }
        else
        {
            double share = session.Arguments.Count == 1 ? Fraction(session.Arguments[0]) : throw CtlError.Usage("too many arguments.");
            if (share > 1)
            {
                throw new CtlError(CtlExit.BadArgument, "The threshold should be a fraction between 0.0 and 1.0");
            }

            session.Banner($"Setting memory threshold on {node} to {session.Arguments[0]} ...");
            body = new JsonObject { ["relative"] = share };
        }

        await PutAsync(session, node, "memory-watermark", body, cancellationToken);
    }

    private static async Task SetDiskAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string node = await session.NodeAsync(cancellationToken);
        JsonObject body;
        if (session.Arguments[0] == "mem_relative")
        {
            string text = session.Arguments.Count > 1 ? session.Arguments[1] : throw CtlError.Usage("not enough arguments.");
            session.Banner($"Setting disk free limit on {node} to {text} times the total RAM ...");
            body = new JsonObject { ["mem_relative"] = Fraction(text) };
        }
        else
        {
            string size = session.Arguments.Count == 1 ? session.Arguments[0] : throw CtlError.Usage("too many arguments.");
            session.Banner($"Setting disk free limit on {node} to {size} bytes ...");
            body = new JsonObject { ["absolute"] = size };
        }

        await PutAsync(session, node, "disk-free-limit", body, cancellationToken);
    }

    private static async Task WatchDiskAsync(CtlSession session, bool isOn, CancellationToken cancellationToken)
    {
        string node = await session.NodeAsync(cancellationToken);
        session.Banner($"{(isOn ? "Activating" : "Deactivating")} free disk space monitoring on node {node} ...");
        await PutAsync(session, node, "disk-free-limit", new JsonObject { ["absolute"] = isOn ? "50MB" : "0" }, cancellationToken);
    }

    private static async Task SetLogLevelAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string node = await session.NodeAsync(cancellationToken);
        string level = session.Arguments[^1];
        var body = new JsonObject { ["level"] = level };
        if (session.Arguments.Count == 2)
        {
            body["category"] = session.Arguments[0];
            session.Banner($"Setting log level for category \"{session.Arguments[0]}\" to \"{level}\" on {node} ...");
        }
        else
        {
            session.Banner($"Setting log level to \"{level}\" on {node} ...");
        }

        await PutAsync(session, node, "log-level", body, cancellationToken);
    }

    // What the broker cannot read was a bad argument, not a bad command line.
    private static async Task PutAsync(CtlSession session, string node, string what, JsonObject body, CancellationToken cancellationToken)
    {
        try
        {
            await session.Api.PutAsync(PathOf(node, what), body, cancellationToken);
        }
        catch (ApiError e) when (e.Status == System.Net.HttpStatusCode.BadRequest)
        {
            throw new CtlError(CtlExit.BadArgument, e.Message);
        }

        session.Done();
    }

    private static double Fraction(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double share)
            ? share
            : throw new CtlError(CtlExit.BadArgument, $"'{text}' is no number");

    private static string PathOf(string node, string verb) => $"{ManagementApi.Path("nodes", node)}/{verb}";
}
