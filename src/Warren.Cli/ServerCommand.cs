using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Warren.Cli.Daemon;
using Warren.Management.Hosting;
using Warren.Server;
using Warren.Server.Configuration;
using Warren.Transport;

namespace Warren.Cli;

/// <summary><c>warren server</c>: runs a broker until it is told to stop.</summary>
internal sealed class ServerCommand
{
    private readonly TextWriter _output;
    private readonly TextWriter _error;

    public ServerCommand(TextWriter output, TextWriter error)
    {
        _output = output;
        _error = error;
    }

    /// <summary>The verb with its options.</summary>
    public Command Create()
    {
        var config = new Option<string?>("--config", "-c")
        {
            Description = $"Configuration file in the syntax of rabbitmq.conf (default {ConfigurationLoader.SystemPath} if it exists).",
            HelpName = "FILE",
        };
        var dataDirectory = new Option<string?>("--data-dir", "-d")
        {
            Description = "Where the broker keeps its data.",
            HelpName = "DIR",
        };
        var set = new Option<string[]>("--set", "-s")
        {
            Description = "Sets one configuration key; may be given many times and beats file and environment.",
            HelpName = "KEY=VALUE",
        };
        var pidFile = new Option<string?>("--pid-file")
        {
            Description = "Writes the process id there once clients can connect.",
            HelpName = "FILE",
        };
        var windowsService = new Option<string?>("--windows-service") { HelpName = "NAME", Hidden = true };
        var command = new Command("server", "Runs the broker (the default).") { config, dataDirectory, set, pidFile, windowsService };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(config),
            parsed.GetValue(dataDirectory),
            parsed.GetValue(set) ?? [],
            parsed.GetValue(pidFile),
            parsed.GetValue(windowsService),
            cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(
        string? config,
        string? dataDirectory,
        string[] assignments,
        string? pidFile,
        string? windowsService,
        CancellationToken cancellationToken)
    {
        if (windowsService is null || !OperatingSystem.IsWindows())
        {
            return await RunAsync(config, dataDirectory, assignments, pidFile, cancellationToken);
        }

        using var host = WindowsServiceHost.Connect(windowsService);
        return await RunAsync(config, dataDirectory, assignments, pidFile, host.Stop);
    }

    private async Task<int> RunAsync(
        string? config, string? dataDirectory, string[] assignments, string? pidFile, CancellationToken cancellationToken)
    {
        try
        {
            WarrenServer? running = null;
            var sources = new ConfigurationSources
            {
                File = config,
                Variables = Environment.GetEnvironmentVariables(),
                Assignments = assignments,
                DataDirectory = dataDirectory,
            };
            using var signals = new StopSignals(() => Reload(Volatile.Read(ref running), sources));
            LoadedConfiguration loaded = ConfigurationLoader.Load(sources);
            foreach (string warning in loaded.Warnings)
            {
                await _error.WriteLineAsync($"warren: warning: {warning}");
            }

            await using WarrenServer server = await WarrenServer.StartAsync(loaded.Options, cancellationToken);
            Volatile.Write(ref running, server);
            using PidFile? written = pidFile is null ? null : PidFile.Write(pidFile);
            using var systemd = SystemdNotifier.FromEnvironment(sources.Variables, TimeProvider.System);
            await AnnounceAsync(server, loaded.Files);
            systemd.Ready();
            await await Task.WhenAny(signals.WaitAsync(cancellationToken), server.Ended);
            systemd.Stopping();
            await server.StopAsync();
            return await server.Ended is { } failure
                ? await FailAsync((int)StartupFault.InputOutput, $"the disk has failed: {failure.Message}")
                : ExitCode.Ok;
        }
        catch (ConfigurationError e)
        {
            return await FailAsync(ExitCode.Configuration, e.Message);
        }
        catch (StartupError e)
        {
            return await FailAsync((int)e.Fault, e.Message);
        }
        catch (PidFileError e)
        {
            return await FailAsync(ExitCode.CannotCreate, e.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return await FailAsync(ExitCode.Software, $"internal error, please report it: {e}");
        }
    }

    // Files and certificates may have changed; what cannot be used changes nothing.
    private static void Reload(WarrenServer? server, ConfigurationSources sources)
    {
        try
        {
            LoadedConfiguration loaded = ConfigurationLoader.Load(sources);
            server?.Warn(loaded.Warnings);
            server?.Reload(loaded.Options);
        }
        catch (ConfigurationError e)
        {
            server?.RefuseReload(e);
        }
    }

    private async Task AnnounceAsync(WarrenServer server, IReadOnlyList<string> files)
    {
        foreach (string file in files)
        {
            await _output.WriteLineAsync($"configuration {Path.GetFullPath(file)}");
        }

        await _output.WriteLineAsync($"data directory {server.DataDirectory}");
        foreach (Listener listener in server.Listeners)
        {
            await _output.WriteLineAsync($"listening for {listener.Protocol.Name}{(listener.IsTls ? "/ssl" : "")} on {listener.LocalEndPoint}");
        }

        foreach (HttpSite site in server.WebSocketSites.Concat(server.HttpSites))
        {
            await _output.WriteLineAsync($"listening for {site.Protocol} on {site.EndPoint}");
        }

        // From the start of the process, the runtime's own start included.
        using var self = Process.GetCurrentProcess();
        TimeSpan elapsed = TimeProvider.System.GetUtcNow() - new DateTimeOffset(self.StartTime);
        await _output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"ready in {elapsed.TotalMilliseconds:F0} ms"));
    }

    private async Task<int> FailAsync(int exitCode, string message)
    {
        await _error.WriteLineAsync($"warren: {message}");
        return exitCode;
    }
}
