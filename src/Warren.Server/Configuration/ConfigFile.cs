using System.Text;

namespace Warren.Server.Configuration;

/// <summary>Reads the syntax of rabbitmq.conf: one <c>key = value</c> a line.</summary>
/// <remarks>
/// A <c>#</c> at the start of a line or after a blank begins a comment. Single quotes around a whole value keep what is
/// inside as it is. <c>$(NAME)</c> in an unquoted value stands for an environment variable. The same key twice: the last wins.
/// </remarks>
public static class ConfigFile
{
    // A configuration is written by hand; a file beyond this is not one.
    private const long LargestFile = 4 * 1024 * 1024;

    /// <summary>Reads a file.</summary>
    /// <exception cref="ConfigurationError">The file cannot be read, or a line is not of the form key = value.</exception>
    public static IReadOnlyList<ConfigSetting> Read(string path, Func<string, string?> variable) =>
        Parse(ReadText(path), path, variable);

    /// <summary>The text of a file that somebody may have written by hand.</summary>
    /// <exception cref="ConfigurationError">The file cannot be read.</exception>
    internal static string ReadText(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (file.Exists && file.Length > LargestFile)
            {
                throw new ConfigurationError($"{path}: a configuration file has at most {LargestFile} bytes");
            }

            return File.ReadAllText(path, Encoding.UTF8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationError($"cannot read the configuration file {path}: {e.Message}", e);
        }
    }

    /// <summary>Reads text.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="variable">Looks up an environment variable; null when it is not set.</param>
    /// <exception cref="ConfigurationError">A line is not of the form key = value.</exception>
    public static IReadOnlyList<ConfigSetting> Parse(string text, string name, Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(variable);
        var settings = new List<ConfigSetting>();
        int number = 0;
        foreach (ReadOnlySpan<char> raw in text.AsSpan().TrimStart('\uFEFF').EnumerateLines())
        {
            number++;
            ReadOnlySpan<char> line = raw.Trim();
            if (line.IsEmpty || line[0] == '#')
            {
                continue;
            }

            settings.Add(ParseLine(line, $"{name}:{number}", variable));
        }

        return settings;
    }

    private static ConfigSetting ParseLine(ReadOnlySpan<char> line, string origin, Func<string, string?> variable)
    {
        int equals = line.IndexOf('=');
        ReadOnlySpan<char> key = equals < 0 ? [] : line[..equals].TrimEnd();
        if (key.IsEmpty || key.ContainsAny(" \t#'\""))
        {
            throw new ConfigurationError($"{origin}: expected key = value, found '{FirstWord(line)}'");
        }

        return new ConfigSetting(key.ToString(), ParseValue(line[(equals + 1)..].TrimStart(), origin, variable), origin);
    }

    private static string ParseValue(ReadOnlySpan<char> value, string origin, Func<string, string?> variable)
    {
        if (value.StartsWith("'"))
        {
            int end = value[1..].IndexOf('\'');
            ReadOnlySpan<char> rest = end < 0 ? [] : value[(end + 2)..].TrimStart();
            if (end < 0 || (!rest.IsEmpty && rest[0] != '#'))
            {
                throw new ConfigurationError($"{origin}: a value in single quotes ends with a single quote and nothing else");
            }

            return value.Slice(1, end).ToString();
        }

        return Interpolate(WithoutComment(value).TrimEnd(), origin, variable);
    }

    private static ReadOnlySpan<char> WithoutComment(ReadOnlySpan<char> value)
    {
        for (int i = 0; i < value.Length; i++)
        {
            if (value[i] == '#' && (i == 0 || char.IsWhiteSpace(value[i - 1])))
            {
                return value[..i];
            }
        }

        return value;
    }

    private static string Interpolate(ReadOnlySpan<char> value, string origin, Func<string, string?> variable)
    {
        int start = value.IndexOf("$(");
        if (start < 0)
        {
            return value.ToString();
        }

        var result = new StringBuilder();
        while (start >= 0)
        {
            int length = value[start..].IndexOf(')');
            if (length < 0)
            {
                throw new ConfigurationError($"{origin}: $( without its closing bracket");
            }

            string name = value.Slice(start + 2, length - 2).ToString();
            result.Append(value[..start]);
            result.Append(variable(name)
                ?? throw new ConfigurationError($"{origin}: the environment variable {name} is not set"));
            value = value[(start + length + 1)..];
            start = value.IndexOf("$(");
        }

        return result.Append(value).ToString();
    }

    // Not the whole line: it may hold a password.
    private static string FirstWord(ReadOnlySpan<char> line)
    {
        int end = line.IndexOfAny(' ', '\t');
        ReadOnlySpan<char> word = end < 0 ? line : line[..end];
        return word.Length <= 60 ? word.ToString() : string.Concat(word[..60], "...");
    }
}
