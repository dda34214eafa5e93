using System.Collections;

namespace Warren.Server.Configuration;

/// <summary>Settings from environment variables.</summary>
/// <remarks>
/// <c>WARREN_</c> and a key in upper case with two underscores for each dot: <c>WARREN_LISTENERS__TCP__DEFAULT=5673</c>.
/// A key of our own may leave its <c>warren.</c> away: <c>WARREN_DATA_DIR</c>. RABBITMQ_DEFAULT_USER, _PASS and _VHOST
/// mean what they mean to RabbitMQ.
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
    /// <param name="isKnown">Whether a key is an option.</param>
    public static IReadOnlyList<ConfigSetting> Read(IDictionary variables, Func<string, bool> isKnown)
    {
        ArgumentNullException.ThrowIfNull(variables);
        ArgumentNullException.ThrowIfNull(isKnown);
        var settings = new List<ConfigSetting>();
        foreach (DictionaryEntry variable in variables)
        {
            if (variable is { Key: string name, Value: string value } && KeyOf(name, isKnown) is { } key)
            {
                settings.Add(new ConfigSetting(key, value, name, Forgiving: true));
            }
        }

        // RABBITMQ_ sorts before WARREN_, so that our own name wins when both are set.
        settings.Sort(static (a, b) => string.CompareOrdinal(a.Origin, b.Origin));
        return settings;
    }

    private static string? KeyOf(string name, Func<string, bool> isKnown)
    {
        switch (name)
        {
            case "RABBITMQ_DEFAULT_USER":
                return "default_user";
            case "RABBITMQ_DEFAULT_PASS":
                return "default_pass";
            case "RABBITMQ_DEFAULT_VHOST":
                return "default_vhost";
            case ConfigFileVariable or ExecutableVariable:
                return null;
        }

        if (!name.StartsWith(Prefix, StringComparison.Ordinal) || name.Length == Prefix.Length)
        {
            return null;
        }

        string key = name[Prefix.Length..].ToLowerInvariant().Replace("__", ".", StringComparison.Ordinal);
        string own = "warren." + key;
        return !isKnown(key) && isKnown(own) ? own : key;
    }
}
