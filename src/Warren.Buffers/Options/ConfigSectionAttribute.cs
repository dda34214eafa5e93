namespace Warren.Buffers.Options;

/// <summary>Puts an options record a second time under keys of its own, on the property that holds it.</summary>
/// <remarks>Options of the record whose keys do not begin that way are not set there: they are the whole server's.</remarks>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ConfigSectionAttribute : Attribute
{
    /// <param name="declared">How the keys of the record begin where it is declared, with the dot.</param>
    /// <param name="section">How they begin here, with the dot.</param>
    public ConfigSectionAttribute(string declared, string section)
    {
        Declared = declared;
        Section = section;
    }

    /// <summary>How the keys of the record begin where it is declared.</summary>
    public string Declared { get; }

    /// <summary>How they begin here.</summary>
    public string Section { get; }

    /// <summary>The key of an option in this section; null: it is not in it.</summary>
    public ConfigKeyAttribute? Rename(ConfigKeyAttribute option)
    {
        ArgumentNullException.ThrowIfNull(option);
        return option.Key.StartsWith(Declared, StringComparison.Ordinal)
            ? new ConfigKeyAttribute(Section + option.Key[Declared.Length..])
            {
                Unit = option.Unit,
                Min = option.Min,
                Max = option.Max,
                Secret = option.Secret,
                Reloads = option.Reloads,
            }
            : null;
    }
}
