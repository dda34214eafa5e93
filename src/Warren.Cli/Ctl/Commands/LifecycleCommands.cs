using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Warren.Cli.Ctl.Api;
using Warren.Cli.Ctl.Line;

namespace Warren.Cli.Ctl.Commands;

/// <summary>Waiting for a broker and stopping one.</summary>
internal static class LifecycleCommands
{
    private const int DefaultWaitSeconds = 300;
    private static readonly CtlOption Pid = new("pid", 'P', "pid");
    private static readonly CtlOption Idempotent = new("idempotent");
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>The commands.</summary>
    public static IReadOnlyList<CtlCommand> All { get; } =
    [
        new("await_startup", "", 0, 0, "Waits for the broker to start", (s, c) => AwaitAsync(s, null, c)),
        new("await_online_nodes", "<count>", 1, 1, "Waits for <count> nodes to run", AwaitNodesAsync),
        new("wait", "[<pidfile>]", 0, 1, "Waits for the broker of a process to start", WaitAsync) { Options = [Pid] },
        new("stop", "[<pidfile>]", 0, 1, "Stops the broker and its process", StopAsync) { Options = [Idempotent] },
        new("shutdown", "", 0, 0, "Stops the broker and waits for its process to end", StopAsync) { Options = [new CtlOption("wait"), new CtlOption("no-wait")] },
    ];

    private static async Task WaitAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string? file = session.Arguments.Count > 0 ? session.Arguments[0] : null;
        int? pid = session.Line.Number(Pid);
        if ((file is null) == (pid is null))
        {
            throw CtlError.Usage("either a pid file or --pid is needed.");
        }

        session.Banner(file is null ? $"Waiting for pid {pid} to start ..." : $"Waiting for pid file '{file}' to appear");
        await AwaitAsync(session, () => pid ?? ReadPid(file!), cancellationToken);
    }

    // With a process, that one must live; the API answers when everything has started.
    private static async Task AwaitAsync(CtlSession session, Func<int?>? process, CancellationToken cancellationToken)
    {
        await UntilAsync(session, "the broker did not start", async () =>
        {
            if (process is not null && (process() is not { } pid || !ProcessSignals.IsRunning(pid)))
            {
                return false;
            }

            using ManagementApi api = session.OpenApi();
            return await IsServingAsync(api, cancellationToken);
        }, cancellationToken);
        session.Done();
    }

    // Who may not look at nodes has at least been answered.
    private static async Task<bool> IsServingAsync(ManagementApi api, CancellationToken cancellationToken)
    {
        JsonObject overview = await api.GetAsync("api/overview", cancellationToken) as JsonObject ?? [];
        string node = NodeView.Text(overview, "node");
        return await api.FindAsync(ManagementApi.Path("nodes", node), cancellationToken) is not { } found
            || NodeView.IsRunning(found);
    }

    private static async Task AwaitNodesAsync(CtlSession session, CancellationToken cancellationToken)
    {
        if (!int.TryParse(session.Arguments[0], NumberStyles.None, CultureInfo.InvariantCulture, out int count))
        {
            throw new CtlError(CtlExit.BadArgument, $"'{session.Arguments[0]}' is no number of nodes");
        }

        session.Banner($"Will wait for at least {count} nodes to join the cluster. Timeout: {TimeoutOf(session)} seconds.");
        await UntilAsync(session, $"there are fewer than {count} nodes", async () =>
        {
            IReadOnlyList<JsonObject> nodes = await session.Api.ListAsync("api/nodes", cancellationToken);
            return nodes.Count(n => NodeView.Text(n, "running") == "true") >= count;
        }, cancellationToken);
        session.Done();
    }

    private static async Task UntilAsync(CtlSession session, string failure, Func<Task<bool>> isThere, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        string reason = failure;
        while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(TimeoutOf(session)))
        {
            try
            {
                if (await isThere())
                {
                    return;
                }
            }
            catch (ApiError)
            {
                // It answers, if only to refuse us.
                return;
            }
            catch (CtlError e)
            {
                reason = e.Message;
            }

            await Task.Delay(Pause, cancellationToken);
        }

        throw new CtlError(CtlExit.TimeOut, $"{failure} within {TimeoutOf(session)} seconds: {reason}");
    }

    private static async Task StopAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string? file = session.Arguments.Count > 0 ? session.Arguments[0] : null;
        int pid;
        try
        {
            pid = await FindProcessAsync(session, cancellationToken);
        }
        catch (CtlError e) when (e.ExitCode == CtlExit.Unavailable && session.Line.Has(Idempotent))
        {
            session.Done("The node is not running.");
            return;
        }

        session.Banner($"Stopping and halting node {await session.NodeAsync(cancellationToken)} ...");
        if (file is not null && ReadPid(file) is { } named && named != pid)
        {
            throw new CtlError(CtlExit.BadArgument, $"the pid file {file} names process {named}, but process {pid} answers");
        }

        ProcessSignals.Terminate(pid);
        long start = Stopwatch.GetTimestamp();
        while (ProcessSignals.IsRunning(pid))
        {
            if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(TimeoutOf(session)))
            {
                throw new CtlError(CtlExit.TimeOut, $"process {pid} did not end");
            }

            await Task.Delay(Pause, cancellationToken);
        }

        session.Done();
    }

    // A port of this machine may lead into a container, where the same number is another process: the age tells.
    private static async Task<int> FindProcessAsync(CtlSession session, CancellationToken cancellationToken)
    {
        NodeView view = await NodeView.ReadAsync(session, cancellationToken);
        if (!session.Api.Address.Url.IsLoopback)
        {
            throw new CtlError(CtlExit.Usage, "a broker can be stopped from its own machine only");
        }

        if (!int.TryParse(NodeView.Text(view.Node, "os_pid"), NumberStyles.None, CultureInfo.InvariantCulture, out int pid)
            || !ProcessSignals.HasAge(pid, TimeSpan.FromMilliseconds(NodeView.Number(view.Node, "uptime"))))
        {
            throw new CtlError(CtlExit.Unexpected, $"node {view.Name} is not a process of this machine, perhaps it runs in a container");
        }

        return pid;
    }

    private static int? ReadPid(string file)
    {
        try
        {
            return int.TryParse(File.ReadAllText(file).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int pid) ? pid : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static int TimeoutOf(CtlSession session)
    {
        int seconds = session.Line.Value(GlobalOptions.Timeout) == "infinity" ? 0 : session.Line.Number(GlobalOptions.Timeout) ?? DefaultWaitSeconds;
        return seconds > 0 ? seconds : int.MaxValue;
    }
}
