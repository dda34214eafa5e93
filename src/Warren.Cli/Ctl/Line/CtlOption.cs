namespace Warren.Cli.Ctl.Line;

/// <summary>One option of a command or of all commands.</summary>
/// <param name="Name">The long name without its dashes.</param>
/// <param name="Short">The one-letter form, null without one.</param>
/// <param name="ValueName">What the value is called in the usage; null for an option that is only there or not.</param>
internal sealed record CtlOption(string Name, char? Short = null, string? ValueName = null)
{
    /// <summary>Whether it stands alone.</summary>
    public bool IsFlag => ValueName is null;

    /// <summary>As the usage line shows it.</summary>
    public string Usage => ValueName is null ? $"[--{Name}]" : $"[--{Name} <{ValueName}>]";
}
