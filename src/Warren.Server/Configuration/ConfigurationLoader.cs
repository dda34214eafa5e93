using System.Collections;
using Warren.Server.Configuration.Erlang;

namespace Warren.Server.Configuration;

/// <summary>Brings together what was configured: defaults, then files, then the environment, then the command line.</summary>
public static class ConfigurationLoader
{
    /// <summary>Where a file is looked for first when none is named.</summary>
    public static string SystemPath { get; } = Path.Combine(ConfigurationFiles.SystemDirectories[0], "warren.conf");

    /// <summary>Options a server is started with.</summary>
    /// <param name="file">The configuration file. Null: the one the environment names, else the system's if it exists.</param>
    /// <param name="variables">Environment variables, as <see cref="Environment.GetEnvironmentVariables()"/> returns them.</param>
    /// <param name="assignments">The <c>key=value</c> of each <c>--set</c>.</param>
    /// <exception cref="ConfigurationError">Something cannot be used.</exception>
    public static LoadedConfiguration Load(string? file, IDictionary variables, IEnumerable<string> assignments) =>
        Load(new ConfigurationSources { File = file, Variables = variables, Assignments = [.. assignments] });

    /// <summary>Options a server is started with.</summary>
    /// <exception cref="ConfigurationError">Something cannot be used.</exception>
    public static LoadedConfiguration Load(ConfigurationSources sources)
    {
        (IReadOnlyList<string> files, List<ConfigSetting> settings) = Collect(sources);
        var options = new WarrenServerOptions { DataDirectory = sources.DataDirectory };

        // Making the table costs several milliseconds of start-up, which a start without settings need not pay.
        if (settings.Count == 0)
        {
            return new LoadedConfiguration(options, files, []);
        }

        var table = new OptionTable(options);
        IReadOnlyList<string> warnings = table.Apply(settings);
        return new LoadedConfiguration(options with { Describe = table.Describe, ConfigurationFiles = files }, files, warnings);
    }

    /// <summary>Every key with its value and where that came from, and what has no effect.</summary>
    /// <exception cref="ConfigurationError">Something cannot be used.</exception>
    public static (IReadOnlyList<EffectiveSetting> Settings, IReadOnlyList<string> Warnings) Describe(ConfigurationSources sources)
    {
        (_, List<ConfigSetting> settings) = Collect(sources);
        if (sources.DataDirectory is { } directory && settings.Count == 0)
        {
            settings.Add(new ConfigSetting("warren.data_dir", directory, "--data-dir"));
        }

        var table = new OptionTable(new WarrenServerOptions());
        IReadOnlyList<string> warnings = table.Apply(settings);
        return (table.Describe(), warnings);
    }

    /// <summary>Reads one file by itself and says everything that is wrong with it, one line each.</summary>
    /// <exception cref="ConfigurationError">The file cannot be read, or is not of its form.</exception>
    public static (IReadOnlyList<string> Errors, IReadOnlyList<string> Warnings) Check(string file, IDictionary variables)
    {
        ArgumentNullException.ThrowIfNull(variables);
        return new OptionTable(new WarrenServerOptions()).Set(ReadFile(file, variables));
    }

    private static (IReadOnlyList<string> Files, List<ConfigSetting> Settings) Collect(ConfigurationSources sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        IReadOnlyList<string> files = ConfigurationFiles.Find(
            sources.File, sources.Variables, ConfigurationFiles.SystemDirectories);
        var settings = new List<ConfigSetting>();
        foreach (string file in files)
        {
            settings.AddRange(ReadFile(file, sources.Variables));
        }

        settings.AddRange(EnvironmentSettings.Read(sources.Variables, settings));
        settings.AddRange(sources.Assignments.Select(ParseAssignment));
        if (sources.DataDirectory is { } directory && settings.Count > 0)
        {
            settings.Add(new ConfigSetting("warren.data_dir", directory, "--data-dir"));
        }

        return (files, settings);
    }

    private static IReadOnlyList<ConfigSetting> ReadFile(string path, IDictionary variables) =>
        ErlangConfigFile.IsErlang(path)
            ? ErlangConfigFile.Read(path)
            : ConfigFile.Read(path, name => variables[name] as string);

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
