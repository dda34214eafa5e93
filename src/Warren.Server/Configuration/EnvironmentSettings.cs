using System.Collections;

namespace Warren.Server.Configuration;

/// <summary>Settings from environment variables.</summary>
/// <remarks>
/// <c>WARREN_</c> and a key in upper case with two underscores for each dot: <c>WARREN_LISTENERS__TCP__DEFAULT=5673</c>.
/// A key of our own may leave its <c>warren.</c> away: <c>WARREN_DATA_DIR</c>. The variables of RabbitMQ and its images are
/// taken where they have a meaning here; see <see cref="RabbitEnvironment"/>.
/// </remarks>
public static class EnvironmentSettings
{
    /// <summary>The variable that names the configuration file; it is no setting.</summary>
    public const string ConfigFileVariable = "WARREN_CONFIG_FILE";

    /// <summary>The variable that names the warren program for scripts and tests; it is no setting.</summary>
    public const string ExecutableVariable = "WARREN_EXE";

    private const string Prefix = "WARREN_";

    /// <summary>Settings in the order of the variables' names.</summary>
    /// <param name="variables">As <see cref="Environment.GetEnvironmentVariables()"/> returns them.</param>
    /// <param name="fromFiles">What the files say: some variables of RabbitMQ count only where they say nothing.</param>
    /// <exception cref="ConfigurationError">A file a variable names cannot be read.</exception>
    public static IReadOnlyList<ConfigSetting> Read(IDictionary variables, IReadOnlyList<ConfigSetting> fromFiles)
    {
        ArgumentNullException.ThrowIfNull(variables);
        ArgumentNullException.ThrowIfNull(fromFiles);
        var settings = new List<ConfigSetting>();
        OptionTable? table = null;
        foreach (DictionaryEntry variable in variables)
        {
            if (variable is not { Key: string name, Value: string value })
            {
                continue;
            }

            if (name.StartsWith(RabbitEnvironment.Prefix, StringComparison.Ordinal))
            {
                settings.AddRange(RabbitEnvironment.Read(name, value, variables, fromFiles));
            }
            else if (name.StartsWith(Prefix, StringComparison.Ordinal)
                && name.Length > Prefix.Length
                && name is not (ConfigFileVariable or ExecutableVariable))
            {
                table ??= new OptionTable(new WarrenServerOptions());
                settings.Add(new ConfigSetting(KeyOf(name, table), value, name, Forgiving: true));
            }
        }

        // RABBITMQ_ sorts before WARREN_, so that our own name wins when both are set.
        settings.Sort(static (a, b) => string.CompareOrdinal(a.Origin, b.Origin));
        return settings;
    }

    private static string KeyOf(string name, OptionTable table)
    {
        string key = name[Prefix.Length..].ToLowerInvariant().Replace("__", ".", StringComparison.Ordinal);
        string own = "warren." + key;
        return !table.Knows(key) && table.Knows(own) ? own : key;
    }
}
