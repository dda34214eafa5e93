using Warren.Cli.Ctl.Line;

namespace Warren.Cli.Ctl.Admin;

/// <summary>rabbitmqadmin's options: other letters than rabbitmqctl has.</summary>
internal static class AdminOptions
{
    public static readonly CtlOption Config = new("config", 'c', "file");
    public static readonly CtlOption Section = new("node", 'N', "section");
    public static readonly CtlOption Host = new("host", 'H', "host");
    public static readonly CtlOption Port = new("port", 'P', "port");
    public static readonly CtlOption PathPrefix = new("path-prefix", null, "path");
    public static readonly CtlOption VirtualHost = new("vhost", 'V', "vhost");
    public static readonly CtlOption User = new("username", 'u', "user");
    public static readonly CtlOption Password = new("password", 'p', "password");
    public static readonly CtlOption BaseUri = new("base-uri", 'U', "uri");
    public static readonly CtlOption Quiet = new("quiet", 'q');
    public static readonly CtlOption Ssl = new("ssl", 's');
    public static readonly CtlOption Insecure = new("ssl-insecure", 'k');
    public static readonly CtlOption CaCertificate = new("ssl-ca-cert-file", null, "file");
    public static readonly CtlOption Timeout = new("request-timeout", 't', "seconds");
    public static readonly CtlOption Format = new("format", 'f', "raw_json|pretty_json|long|kvp|tsv|table|bash");
    public static readonly CtlOption Sort = new("sort", 'S', "column");
    public static readonly CtlOption SortReverse = new("sort-reverse", 'R');
    public static readonly CtlOption Depth = new("depth", 'd', "depth");
    public static readonly CtlOption Help = new("help", 'h');
    public static readonly CtlOption Version = new("version");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<CtlOption> All { get; } =
    [
        Config, Section, Host, Port, PathPrefix, VirtualHost, User, Password, BaseUri, Quiet, Ssl, Insecure, CaCertificate, Timeout, Format,
        Sort, SortReverse, Depth, Help, Version,
    ];

    /// <summary>Takes a line apart; what is no option keeps its order.</summary>
    /// <exception cref="AdminError">An option is unknown or lacks its value.</exception>
    public static ParsedLine Parse(IReadOnlyList<string> words)
    {
        var arguments = new List<string>();
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int i = 0; i < words.Count; i++)
        {
            string word = words[i];
            if (word.Length < 2 || word[0] != '-')
            {
                arguments.Add(word);
                continue;
            }

            bool isLong = word[1] == '-';
            int equals = isLong ? word.IndexOf('=', StringComparison.Ordinal) : -1;
            string name = isLong ? (equals < 0 ? word[2..] : word[2..equals]) : word[1..2];
            CtlOption option = All.FirstOrDefault(o => isLong ? o.Name == name : o.Short == name[0])
                ?? throw new AdminError($"no such option: {word}", isUsage: true);

            // -uguest means -u guest
            string? value = equals >= 0 ? word[(equals + 1)..] : !isLong && word.Length > 2 ? word[2..] : null;
            if (!option.IsFlag && value is null)
            {
                value = i + 1 < words.Count ? words[++i] : throw new AdminError($"{word} option requires an argument", isUsage: true);
            }

            options[option.Name] = value ?? "true";
        }

        return new ParsedLine(arguments.Count > 0 ? arguments[0] : null, null, [.. arguments.Skip(1)], options);
    }
}
