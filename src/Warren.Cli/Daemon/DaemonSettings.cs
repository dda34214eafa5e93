namespace Warren.Cli.Daemon;

/// <summary>What a service is installed with.</summary>
/// <param name="Name">Its name to the service manager.</param>
/// <param name="Executable">The program, absolute.</param>
/// <param name="Config">The configuration file, absolute; null: where a server looks itself.</param>
/// <param name="DataDirectory">The data directory, absolute; null: as configured.</param>
/// <param name="User">Who runs it; null: as the service manager does.</param>
/// <param name="StartsAtBoot">Whether the machine's start starts it.</param>
internal sealed record DaemonSettings(
    string Name, string Executable, string? Config, string? DataDirectory, string? User, bool StartsAtBoot)
{
    /// <summary>The words after the program.</summary>
    public IEnumerable<string> Arguments =>
    [
        "server",
        .. Config is null ? Array.Empty<string>() : ["--config", Config],
        .. DataDirectory is null ? Array.Empty<string>() : ["--data-dir", DataDirectory],
    ];
}
