namespace Warren.Cli.Daemon;

/// <summary>One program to run: its name and its words.</summary>
internal readonly record struct DaemonStep(string Program, IReadOnlyList<string> Arguments);

/// <summary>What is asked of a service manager.</summary>
internal enum DaemonVerb
{
    Install,
    Start,
    Stop,
    Remove,
    Status,
}

/// <summary>The programs that do what is asked: <c>systemctl</c> or <c>sc.exe</c>.</summary>
internal static class DaemonSteps
{
    /// <summary>With systemd; the unit file is written before the steps of an installation, and deleted before those of a removal
    /// but the first.</summary>
    public static IReadOnlyList<DaemonStep> Systemd(DaemonVerb verb, string name, bool startsAtBoot) => verb switch
    {
        DaemonVerb.Install => startsAtBoot
            ? [Step("systemctl", "daemon-reload"), Step("systemctl", "enable", name)]
            : [Step("systemctl", "daemon-reload")],
        DaemonVerb.Start => [Step("systemctl", "start", name)],
        DaemonVerb.Stop => [Step("systemctl", "stop", name)],
        DaemonVerb.Remove => [Step("systemctl", "disable", "--now", name), Step("systemctl", "daemon-reload")],
        _ => [Step("systemctl", "status", "--no-pager", name)],
    };

    /// <summary>On Windows.</summary>
    public static IReadOnlyList<DaemonStep> Windows(DaemonVerb verb, DaemonSettings settings) => verb switch
    {
        DaemonVerb.Install =>
        [
            Step(
                "sc.exe", "create", settings.Name, "binPath=", WindowsCommand(settings), "DisplayName=", settings.Name,
                "start=", settings.StartsAtBoot ? "auto" : "demand"),
            Step("sc.exe", "description", settings.Name, "Warren message broker"),
            Step("sc.exe", "failure", settings.Name, "reset=", "86400", "actions=", "restart/10000"),
        ],
        DaemonVerb.Start => [Step("sc.exe", "start", settings.Name)],
        DaemonVerb.Stop => [Step("sc.exe", "stop", settings.Name)],
        DaemonVerb.Remove => [Step("sc.exe", "stop", settings.Name), Step("sc.exe", "delete", settings.Name)],
        _ => [Step("sc.exe", "query", settings.Name)],
    };

    private static string WindowsCommand(DaemonSettings settings) => string.Join(
        ' ',
        new[] { settings.Executable }
            .Concat(settings.Arguments)
            .Concat(["--windows-service", settings.Name])
            .Select(word => word.Any(char.IsWhiteSpace) ? $"\"{word}\"" : word));

    private static DaemonStep Step(string program, params string[] arguments) => new(program, arguments);
}
