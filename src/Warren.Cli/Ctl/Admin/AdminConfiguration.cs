namespace Warren.Cli.Ctl.Admin;

/// <summary>A section of <c>~/.rabbitmqadmin.conf</c>: <c>hostname</c>, <c>port</c>, <c>username</c> and so on.</summary>
internal static class AdminConfiguration
{
    private const string DefaultSection = "default";

    /// <summary>Reads a section of an INI file; a file or section nobody asked for may be missing.</summary>
    /// <param name="file">The file that was asked for; null for the usual one.</param>
    /// <param name="section">The section that was asked for; null for <c>[default]</c>.</param>
    /// <exception cref="AdminError">It was asked for and is not there.</exception>
    public static IReadOnlyDictionary<string, string> Read(string? file, string? section)
    {
        string path = file ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".rabbitmqadmin.conf");
        if (!File.Exists(path))
        {
            return file is null && section is null
                ? new Dictionary<string, string>(StringComparer.Ordinal)
                : throw new AdminError($"Could not read config file '{path}'");
        }

        IReadOnlyDictionary<string, string>? found = Parse(File.ReadLines(path), section ?? DefaultSection);
        return found ?? (section is null
            ? new Dictionary<string, string>(StringComparer.Ordinal)
            : throw new AdminError($"Could not read section '{section}' in config file '{path}'"));
    }

    /// <summary>The keys of one section, null when there is no such section.</summary>
    public static IReadOnlyDictionary<string, string>? Parse(IEnumerable<string> lines, string section)
    {
        Dictionary<string, string>? keys = null;
        bool isInside = false;
        foreach (string line in lines.Select(l => l.Trim()))
        {
            if (line.StartsWith('[') && line.EndsWith(']'))
            {
                isInside = line[1..^1] == section;
                keys ??= isInside ? new Dictionary<string, string>(StringComparer.Ordinal) : null;
            }
            else if (isInside && line.Length > 0 && line[0] is not ('#' or ';'))
            {
                string[] parts = line.Split(['=', ':'], 2);
                keys![parts[0].Trim()] = parts.Length > 1 ? parts[1].Trim() : "true";
            }
        }

        return keys;
    }
}
