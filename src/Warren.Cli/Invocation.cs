namespace Warren.Cli;

/// <summary>How this process was called: by which name, and for what.</summary>
/// <param name="Personality">The program.</param>
/// <param name="Arguments">What is left for it.</param>
internal sealed record Invocation(Personality Personality, string[] Arguments)
{
    private const string CommandLineFile = "/proc/self/cmdline";

    /// <summary>Reads the name of a link, or <c>ctl</c> with an optional program behind it.</summary>
    public static Invocation Of(string programName, string[] args)
    {
        Personality linked = ByName(Path.GetFileNameWithoutExtension(programName));
        return (linked, args) switch
        {
            (not Personality.Warren, _) => new(linked, args),
            (_, ["ctl", "admin", .. string[] rest]) => new(Personality.Admin, rest),
            (_, ["ctl", "plugins", .. string[] rest]) => new(Personality.Plugins, rest),
            (_, ["ctl", "queues", .. string[] rest]) => new(Personality.Queues, rest),
            (_, ["ctl", "streams", .. string[] rest]) => new(Personality.Streams, rest),
            (_, ["ctl", "upgrade", .. string[] rest]) => new(Personality.Upgrade, rest),
            (_, ["ctl", "diagnostics" or "rabbitmqctl", .. string[] rest]) => new(Personality.Ctl, rest),
            (_, ["ctl", .. string[] rest]) => new(Personality.Everything, rest),
            _ => new(Personality.Warren, args),
        };
    }

    /// <summary>The name as it was typed: the runtime knows only the file a link leads to.</summary>
    public static string ProgramName()
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                return File.ReadAllText(CommandLineFile).Split('\0', 2)[0];
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return Environment.ProcessPath ?? "warren";
            }
        }

        return Environment.ProcessPath ?? "warren";
    }

    private static Personality ByName(string name) => name switch
    {
        "rabbitmqctl" or "rabbitmq-diagnostics" or "lavinmqctl" => Personality.Ctl,
        "rabbitmq-queues" => Personality.Queues,
        "rabbitmq-streams" => Personality.Streams,
        "rabbitmq-upgrade" => Personality.Upgrade,
        "rabbitmq-plugins" => Personality.Plugins,
        "rabbitmqadmin" => Personality.Admin,
        _ => Personality.Warren,
    };
}
