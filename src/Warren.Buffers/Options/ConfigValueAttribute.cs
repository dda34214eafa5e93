namespace Warren.Buffers.Options;

/// <summary>How a value of an enum is written in the configuration.</summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class ConfigValueAttribute : Attribute
{
    /// <param name="text">The word.</param>
    /// <param name="aliases">Other words for the same.</param>
    public ConfigValueAttribute(string text, params string[] aliases)
    {
        Text = text;
        Aliases = aliases;
    }

    /// <summary>The word.</summary>
    public string Text { get; }

    /// <summary>Other words for the same.</summary>
    public string[] Aliases { get; }
}
