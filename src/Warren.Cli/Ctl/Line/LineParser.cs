namespace Warren.Cli.Ctl.Line;

/// <summary>
/// Takes a command line apart by RabbitMQ's rules: options stand before or after the command and among its arguments,
/// <c>--name value</c>, <c>--name=value</c> or <c>-n value</c>; a negative number is an argument; <c>--</c> ends them.
/// </summary>
/// <remarks>System.CommandLine wants a command's options behind its name; scripts write them on either side.</remarks>
internal static class LineParser
{
    /// <summary>Parses a line for the commands that are known.</summary>
    /// <exception cref="CtlError">An unknown option, or one without its value.</exception>
    public static ParsedLine Parse(IReadOnlyList<string> words, IReadOnlyList<CtlCommand> commands)
    {
        string? word = FindCommandWord(words, commands);
        CtlCommand? command = word is null ? null : commands.FirstOrDefault(c => c.Name == word);
        IReadOnlyList<CtlOption> known = command is null
            ? [.. GlobalOptions.All, .. commands.SelectMany(c => c.Options)]
            : [.. command.Options, .. GlobalOptions.All];
        var arguments = new List<string>();
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        bool commandSeen = false;
        for (int i = 0; i < words.Count; i++)
        {
            string current = words[i];
            if (current == "--")
            {
                arguments.AddRange(words.Skip(i + 1));
                break;
            }

            if (!IsOption(current))
            {
                if (commandSeen)
                {
                    arguments.Add(current);
                }

                commandSeen = true;
                continue;
            }

            (CtlOption? option, string? value) = Match(current, known);
            if (option is null)
            {
                throw CtlError.Usage($"Invalid options for this command:\n\n{current}");
            }

            if (!option.IsFlag && value is null)
            {
                value = i + 1 < words.Count ? words[++i] : throw CtlError.Usage($"Option {current} needs a value");
            }

            options[option.Name] = value ?? "true";
        }

        return new ParsedLine(word, command, arguments, options);
    }

    private static string? FindCommandWord(IReadOnlyList<string> words, IReadOnlyList<CtlCommand> commands)
    {
        IReadOnlyList<CtlOption> known = [.. GlobalOptions.All, .. commands.SelectMany(c => c.Options)];
        for (int i = 0; i < words.Count; i++)
        {
            if (!IsOption(words[i]))
            {
                return words[i];
            }

            (CtlOption? option, string? value) = Match(words[i], known);
            if (option is { IsFlag: false } && value is null)
            {
                i++;
            }
        }

        return null;
    }

    // "-5" is a number, "-" stands for standard output.
    private static bool IsOption(string word) => word.Length > 1 && word[0] == '-' && !char.IsAsciiDigit(word[1]);

    private static (CtlOption? Option, string? Value) Match(string word, IReadOnlyList<CtlOption> known)
    {
        int equals = word.IndexOf('=', StringComparison.Ordinal);
        string name = equals < 0 ? word : word[..equals];
        string? value = equals < 0 ? null : word[(equals + 1)..];
        if (name.StartsWith("--", StringComparison.Ordinal))
        {
            string longName = name[2..].Replace('_', '-');
            return (known.FirstOrDefault(o => o.Name == longName && (!o.IsFlag || value is null)), value);
        }

        return name.Length == 2 ? (known.FirstOrDefault(o => o.Short == name[1]), value) : (null, null);
    }
}
