using System.Reflection;
using Warren.Buffers.Options;

namespace Warren.Server.Configuration;

/// <summary>Every option of an options record and of the records it holds, by key.</summary>
/// <remarks>
/// Reads attributes by reflection, so it is made only when there is something to set: a start with defaults does not pay.
/// Not thread-safe. The options must be freshly made: their init-only properties are set in place.
/// </remarks>
public sealed class OptionTable
{
    private readonly List<Option> _options = [];

    /// <param name="options">A new record; properties of record types from Warren are searched too.</param>
    public OptionTable(object options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Collect(options, section: null);
    }

    /// <summary>The keys as documented, sorted; a free word is written <c>$name</c>.</summary>
    public IReadOnlyList<string> Keys => [.. _options.Select(o => o.Key).Order(StringComparer.Ordinal)];

    /// <summary>Whether a key is an option here.</summary>
    public bool Knows(string key) => Find(key) is not null;

    /// <summary>Sets options in the given order, later settings winning.</summary>
    /// <returns>Warnings: settings that have no effect.</returns>
    /// <exception cref="ConfigurationError">An unknown key or a bad value; one line for the first of them.</exception>
    public IReadOnlyList<string> Apply(IEnumerable<ConfigSetting> settings)
    {
        (IReadOnlyList<string> errors, IReadOnlyList<string> warnings) = Set(settings);
        if (errors.Count > 0)
        {
            string more = errors.Count == 1 ? "" : $" (and {errors.Count - 1} more)";
            throw new ConfigurationError(errors[0] + more);
        }

        return warnings;
    }

    /// <summary>Every option with its value and where that came from, sorted by key.</summary>
    public IReadOnlyList<EffectiveSetting> Describe() =>
        [.. _options.SelectMany(o => o.Describe()).OrderBy(s => s.Key, StringComparer.Ordinal)];

    /// <summary>Sets options as <see cref="Apply"/> does, and says everything that is wrong, one line each.</summary>
    public (IReadOnlyList<string> Errors, IReadOnlyList<string> Warnings) Set(IEnumerable<ConfigSetting> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var warnings = new List<string>();
        var errors = new List<string>();
        foreach (ConfigSetting setting in settings.Select(KeyAliases.Resolve))
        {
            if (InertKeys.IsAlwaysSo(setting.Key, setting.Value))
            {
                continue;
            }

            if (InertKeys.ReasonFor(setting.Key, setting.Value) is { } inert)
            {
                warnings.Add($"{setting.Origin}: {setting.Key} = {setting.Value} has no effect: {inert}");
            }
            else if (Find(setting.Key) is { } option)
            {
                if (option.Apply(setting) is { } expected)
                {
                    string value = option.IsSecret ? "..." : setting.Value;
                    errors.Add($"{setting.Origin}: {setting.Key} = {value}: expected {expected}");
                }
            }
            else if (InertKeys.ReasonFor(setting.Key) is { } reason)
            {
                warnings.Add($"{setting.Origin}: {setting.Key} has no effect: {reason}");
            }
            else
            {
                (setting.Forgiving ? warnings : errors).Add($"{setting.Origin}: unknown key {setting.Key}{Suggestion(setting.Key)}");
            }
        }

        return (errors, warnings);
    }

    // Whole keys first: log.console.level is not the level of a category "console".
    private Option? Find(string key) =>
        _options.Find(o => !o.Key.Contains('$', StringComparison.Ordinal) && o.Matches(key)) ?? _options.Find(o => o.Matches(key));

    private string Suggestion(string key)
    {
        IEnumerable<string> known = Keys.Concat(InertKeys.WholeKeys());
        return Suggestions.Nearest(key, known) is { } nearest ? $", did you mean {nearest}?" : "";
    }

    private void Collect(object owner, ConfigSectionAttribute? section)
    {
        foreach (PropertyInfo property in owner.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetCustomAttribute<ConfigKeyAttribute>() is { } declared)
            {
                if ((section is null ? declared : section.Rename(declared)) is { } attribute)
                {
                    _options.Add(new Option(owner, property, attribute));
                }
            }
            else if (IsOptionsRecord(property.PropertyType) && property.GetValue(owner) is { } part)
            {
                Collect(part, property.GetCustomAttribute<ConfigSectionAttribute>() ?? section);
            }
        }
    }

    private static bool IsOptionsRecord(Type type) =>
        type.IsClass && type.Name.EndsWith("Options", StringComparison.Ordinal)
        && type.Namespace?.StartsWith("Warren.", StringComparison.Ordinal) == true;
}
