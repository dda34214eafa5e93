using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Warren.Cli.Daemon;

namespace Warren.Cli;

/// <summary><c>warren service</c>: hands the server to systemd or to the Windows service control manager.</summary>
internal sealed class ServiceCommand
{
    private readonly TextWriter _output;
    private readonly TextWriter _error;

    public ServiceCommand(TextWriter output, TextWriter error)
    {
        _output = output;
        _error = error;
    }

    /// <summary>The verb with its own verbs.</summary>
    public Command Create() => new("service", "Runs the broker as a service of this machine.")
    {
        CreateInstall(),
        CreatePlain("start", "Starts the service.", DaemonVerb.Start),
        CreatePlain("stop", "Stops the service.", DaemonVerb.Stop),
        CreatePlain("status", "Says how the service is.", DaemonVerb.Status),
        CreatePlain("remove", "Stops the service and removes it; its data stays.", DaemonVerb.Remove),
    };

    private static Option<string> NameOption() => new("--name")
    {
        Description = "The service's name.",
        HelpName = "NAME",
        DefaultValueFactory = static _ => OperatingSystem.IsWindows() ? "Warren" : "warren",
    };

    private static Option<string> UnitDirectoryOption() => new("--unit-dir")
    {
        Description = "Where systemd's unit file is.",
        HelpName = "DIR",
        DefaultValueFactory = static _ => "/etc/systemd/system",
    };

    private Command CreateInstall()
    {
        Option<string> name = NameOption();
        Option<string> unitDirectory = UnitDirectoryOption();
        var config = new Option<string?>("--config", "-c") { Description = "Configuration file.", HelpName = "FILE" };
        var dataDirectory = new Option<string?>("--data-dir", "-d") { Description = "Where the broker keeps its data.", HelpName = "DIR" };
        var user = new Option<string?>("--user") { Description = "Who runs it (systemd).", HelpName = "USER" };
        var start = new Option<string>("--start")
        {
            Description = "When it starts: auto (with the machine) or demand.",
            DefaultValueFactory = static _ => "auto",
        };
        start.AcceptOnlyFromAmong("auto", "demand");
        var dryRun = new Option<bool>("--dry-run") { Description = "Prints what would be done, and does nothing." };
        var command = new Command("install", "Installs the service.") { name, config, dataDirectory, user, start, unitDirectory, dryRun };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            DaemonVerb.Install,
            new DaemonSettings(
                parsed.GetValue(name)!,
                Environment.ProcessPath!,
                Absolute(parsed.GetValue(config)),
                Absolute(parsed.GetValue(dataDirectory)),
                parsed.GetValue(user),
                parsed.GetValue(start) == "auto"),
            parsed.GetValue(unitDirectory)!,
            parsed.GetValue(dryRun),
            cancellationToken));
        return command;
    }

    private Command CreatePlain(string verb, string description, DaemonVerb what)
    {
        Option<string> name = NameOption();
        Option<string> unitDirectory = UnitDirectoryOption();
        var command = new Command(verb, description) { name, unitDirectory };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            what,
            new DaemonSettings(parsed.GetValue(name)!, Environment.ProcessPath!, null, null, null, true),
            parsed.GetValue(unitDirectory)!,
            dryRun: false,
            cancellationToken));
        return command;
    }

    private static string? Absolute(string? path) => path is null ? null : Path.GetFullPath(path);

    private async Task<int> RunAsync(
        DaemonVerb verb, DaemonSettings settings, string unitDirectory, bool dryRun, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsMacOS())
        {
            await _error.WriteLineAsync("warren: services are installed on Linux (systemd) and Windows; here launchd runs \"warren server\"");
            return ExitCode.Usage;
        }

        // The name becomes part of a path and of commands.
        if (settings.Name.Length is 0 or > 80 || !settings.Name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            await _error.WriteLineAsync("warren: a service's name has letters, digits, '-', '_' and '.' only");
            return ExitCode.Usage;
        }

        string unit = Path.Combine(unitDirectory, settings.Name + ".service");
        IReadOnlyList<DaemonStep> steps = OperatingSystem.IsWindows()
            ? DaemonSteps.Windows(verb, settings)
            : DaemonSteps.Systemd(verb, settings.Name, settings.StartsAtBoot);
        if (dryRun)
        {
            await _output.WriteAsync(OperatingSystem.IsWindows() ? "" : $"# {unit}\n{SystemdUnit.Write(settings)}\n");
            foreach (DaemonStep step in steps)
            {
                await _output.WriteLineAsync($"{step.Program} {string.Join(' ', step.Arguments)}");
            }

            return ExitCode.Ok;
        }

        try
        {
            if (verb == DaemonVerb.Install && !OperatingSystem.IsWindows())
            {
                await File.WriteAllTextAsync(unit, SystemdUnit.Write(settings), cancellationToken);
            }

            foreach (DaemonStep step in steps)
            {
                int exitCode = await RunAsync(step, cancellationToken);
                if (exitCode != 0 && verb != DaemonVerb.Remove)
                {
                    return exitCode;
                }

                if (verb == DaemonVerb.Remove && !OperatingSystem.IsWindows())
                {
                    File.Delete(unit);
                }
            }

            return ExitCode.Ok;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Win32Exception)
        {
            await _error.WriteLineAsync($"warren: {e.Message}");
            return ExitCode.CannotCreate;
        }
    }

    private static async Task<int> RunAsync(DaemonStep step, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(step.Program, step.Arguments) { UseShellExecute = false })
            ?? throw new Win32Exception(string.Create(CultureInfo.InvariantCulture, $"{step.Program} cannot be started"));
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode;
    }
}
