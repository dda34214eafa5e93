using System.Collections;

namespace Warren.Server.Configuration;

/// <summary>The configuration files of a start, in the order in which they are read: later ones win.</summary>
/// <remarks>
/// A file named on the command line or by WARREN_CONFIG_FILE or RABBITMQ_CONFIG_FILE is read, else the system's: Warren's
/// own directory, or where it has none RabbitMQ's. The system's comes with <c>conf.d/*.conf</c> and <c>advanced.config</c>
/// beside it. RABBITMQ_CONFIG_FILES and RABBITMQ_ADVANCED_CONFIG_FILE name more, wherever they are.
/// </remarks>
internal static class ConfigurationFiles
{
    private static readonly string[] Names = ["warren.conf", "rabbitmq.conf", "rabbitmq.config"];

    /// <summary>The directories of the system, the first that has a file counts.</summary>
    public static IReadOnlyList<string> SystemDirectories { get; } = OperatingSystem.IsWindows()
        ?
        [
            Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "Warren"),
            Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "RabbitMQ"),
        ]
        : ["/etc/warren", "/etc/rabbitmq"];

    /// <summary>All files to read.</summary>
    /// <exception cref="ConfigurationError">A directory cannot be listed.</exception>
    public static IReadOnlyList<string> Find(string? named, IDictionary variables, IReadOnlyList<string> systemDirectories)
    {
        var files = new List<string>();
        string? main = named ?? Variable(variables, EnvironmentSettings.ConfigFileVariable)
            ?? WithExtension(Variable(variables, "RABBITMQ_CONFIG_FILE"));
        string? advanced = Variable(variables, "RABBITMQ_ADVANCED_CONFIG_FILE");
        if (main is not null)
        {
            files.Add(main);
        }
        else if (systemDirectories.FirstOrDefault(HasFiles) is { } directory)
        {
            files.AddRange(Names.Select(n => Path.Combine(directory, n)).Where(File.Exists).Take(1));
            files.AddRange(Fragments(Path.Combine(directory, "conf.d")));
            string beside = Path.Combine(directory, "advanced.config");
            advanced ??= File.Exists(beside) ? beside : null;
        }

        if (named is null && Variable(variables, "RABBITMQ_CONFIG_FILES") is { } more)
        {
            files.AddRange(Fragments(more.EndsWith("*.conf", StringComparison.Ordinal) ? Path.GetDirectoryName(more)! : more));
        }

        if (named is null && WithExtension(advanced) is { } last)
        {
            files.Add(last);
        }

        return files;
    }

    // RabbitMQ takes both names with and without their extension.
    private static string? WithExtension(string? path)
    {
        if (path is null || File.Exists(path))
        {
            return path;
        }

        return File.Exists(path + ".conf") ? path + ".conf" : File.Exists(path + ".config") ? path + ".config" : path;
    }

    private static string? Variable(IDictionary variables, string name) =>
        variables[name] is string { Length: > 0 } value ? value : null;

    private static bool HasFiles(string directory) =>
        Names.Append("advanced.config").Any(n => File.Exists(Path.Combine(directory, n)))
        || Directory.Exists(Path.Combine(directory, "conf.d"));

    private static IEnumerable<string> Fragments(string directory)
    {
        try
        {
            return Directory.Exists(directory)
                ? Directory.GetFiles(directory, "*.conf").Order(StringComparer.Ordinal)
                : File.Exists(directory) ? [directory] : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationError($"cannot list the configuration files in {directory}: {e.Message}", e);
        }
    }
}
