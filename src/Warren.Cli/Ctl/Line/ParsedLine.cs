using System.Globalization;

namespace Warren.Cli.Ctl.Line;

/// <summary>A command line taken apart.</summary>
/// <param name="Word">The command as it was written; null when there is none.</param>
/// <param name="Command">The command of that name; null when it is unknown.</param>
/// <param name="Arguments">What follows it and is no option.</param>
/// <param name="Options">The options by long name; a flag's value is <c>true</c>.</param>
internal sealed record ParsedLine(
    string? Word, CtlCommand? Command, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Options)
{
    /// <summary>Whether an option is there.</summary>
    public bool Has(CtlOption option) => Options.ContainsKey(option.Name);

    /// <summary>The value of an option, null when it is not there.</summary>
    public string? Value(CtlOption option) => Options.GetValueOrDefault(option.Name);

    /// <summary>The value of an option as a whole number.</summary>
    /// <exception cref="CtlError">It is not one.</exception>
    public int? Number(CtlOption option)
    {
        if (Value(option) is not { } text)
        {
            return null;
        }

        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw CtlError.Usage($"Invalid value '{text}' of option --{option.Name}: a whole number is needed");
    }

    /// <summary>The virtual host, <c>/</c> when nobody says.</summary>
    public string VirtualHost => Value(GlobalOptions.VirtualHost) ?? "/";
}
