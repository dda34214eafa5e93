using System.Collections;

namespace Warren.Server.Configuration;

/// <summary>Brings together what was configured: defaults, then a file, then the environment, then the command line.</summary>
public static class ConfigurationLoader
{
    /// <summary>Options a server is started with.</summary>
    /// <param name="file">The configuration file. Null: the one <see cref="EnvironmentSettings.ConfigFileVariable"/>
    /// names, else the system's if it exists.</param>
    /// <param name="variables">Environment variables, as <see cref="Environment.GetEnvironmentVariables()"/> returns them.</param>
    /// <param name="assignments">The <c>key=value</c> of each <c>--set</c>.</param>
    /// <exception cref="ConfigurationError">Something cannot be used.</exception>
    public static LoadedConfiguration Load(string? file, IDictionary variables, IEnumerable<string> assignments)
    {
        ArgumentNullException.ThrowIfNull(variables);
        ArgumentNullException.ThrowIfNull(assignments);
        string? path = file ?? variables[EnvironmentSettings.ConfigFileVariable] as string ?? SystemFile();
        string[] given = [.. assignments];
        var options = new WarrenServerOptions();
        if (path is null && given.Length == 0 && !MayConfigure(variables))
        {
            return new LoadedConfiguration(options, null, []);
        }

        var table = new OptionTable(options);
        var settings = new List<ConfigSetting>();
        if (path is not null)
        {
            settings.AddRange(ConfigFile.Read(path, name => variables[name] as string));
        }

        settings.AddRange(EnvironmentSettings.Read(variables, table.Knows));
        settings.AddRange(given.Select(ParseAssignment));
        return new LoadedConfiguration(options, path, table.Apply(settings));
    }

    /// <summary>Where a file is looked for when none is named.</summary>
    public static string SystemPath { get; } = OperatingSystem.IsWindows()
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "Warren", "warren.conf")
        : "/etc/warren/warren.conf";

    private static string? SystemFile() => File.Exists(SystemPath) ? SystemPath : null;

    // Making the table costs several milliseconds of start-up, which a start without settings need not pay.
    private static bool MayConfigure(IDictionary variables) =>
        variables.Keys.OfType<string>().Any(static n =>
            n.StartsWith("WARREN_", StringComparison.Ordinal) || n.StartsWith("RABBITMQ_DEFAULT_", StringComparison.Ordinal));

    private static ConfigSetting ParseAssignment(string assignment)
    {
        int equals = assignment.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            throw new ConfigurationError($"--set {assignment}: expected key=value");
        }

        return new ConfigSetting(assignment[..equals].Trim(), assignment[(equals + 1)..].Trim(), "--set");
    }
}
