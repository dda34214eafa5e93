using System.Collections;

namespace Warren.Server.Configuration;

/// <summary>The environment variables of RabbitMQ and of its container images that mean something here.</summary>
/// <remarks>
/// Those that name files are read by <see cref="ConfigurationFiles"/>; those that tune Erlang or name a node are passed
/// over in silence, because they stand in everybody's scripts.
/// </remarks>
internal static class RabbitEnvironment
{
    public const string Prefix = "RABBITMQ_";

    private const string FileSuffix = "_FILE";

    private static readonly Dictionary<string, string> Keys = new(StringComparer.Ordinal)
    {
        ["RABBITMQ_DEFAULT_USER"] = "default_user",
        ["RABBITMQ_DEFAULT_PASS"] = "default_pass",
        ["RABBITMQ_DEFAULT_VHOST"] = "default_vhost",
        ["RABBITMQ_LOG_BASE"] = "log.dir",
        ["RABBITMQ_MNESIA_DIR"] = "warren.data_dir",
        ["RABBITMQ_VM_MEMORY_HIGH_WATERMARK"] = "vm_memory_high_watermark",
    };

    // Of older images: what a container was given instead of a file.
    private static readonly Dictionary<string, string> TlsKeys = new(StringComparer.Ordinal)
    {
        ["RABBITMQ_SSL_CACERTFILE"] = "ssl_options.cacertfile",
        ["RABBITMQ_SSL_CERTFILE"] = "ssl_options.certfile",
        ["RABBITMQ_SSL_KEYFILE"] = "ssl_options.keyfile",
        ["RABBITMQ_SSL_VERIFY"] = "ssl_options.verify",
        ["RABBITMQ_SSL_DEPTH"] = "ssl_options.depth",
        ["RABBITMQ_SSL_FAIL_IF_NO_PEER_CERT"] = "ssl_options.fail_if_no_peer_cert",
    };

    /// <summary>The settings of one variable.</summary>
    public static IEnumerable<ConfigSetting> Read(
        string name, string value, IDictionary variables, IReadOnlyList<ConfigSetting> fromFiles)
    {
        if (value.Length == 0)
        {
            return [];
        }

        if (Keys.TryGetValue(name, out string? key) || TlsKeys.TryGetValue(name, out key))
        {
            return name == "RABBITMQ_SSL_CERTFILE" && !Sets(fromFiles, "listeners.ssl")
                ? [Setting(key, value, name), Setting("listeners.ssl.default", "5671", name)]
                : [Setting(key, value, name)];
        }

        if (name.EndsWith(FileSuffix, StringComparison.Ordinal) && Keys.TryGetValue(name[..^FileSuffix.Length], out key))
        {
            return [Setting(key, ConfigFile.ReadText(value).TrimEnd('\r', '\n'), name)];
        }

        return name switch
        {
            "RABBITMQ_NODE_PORT" or "RABBITMQ_NODE_IP_ADDRESS" => Listener(name, variables, fromFiles),
            "RABBITMQ_MNESIA_BASE" => [Setting("warren.data_dir", Path.Combine(value, "warren"), name)],
            "RABBITMQ_LOGS" => Logs(name, value),
            "RABBITMQ_LOG" => Levels(name, value),
            _ => [],
        };
    }

    private static ConfigSetting Setting(string key, string value, string origin) => new(key, value, origin);

    private static bool Sets(IReadOnlyList<ConfigSetting> settings, string prefix) =>
        settings.Any(s => s.Key.StartsWith(prefix, StringComparison.Ordinal));

    // Both together make one address, and only where no listener is configured.
    private static IEnumerable<ConfigSetting> Listener(string name, IDictionary variables, IReadOnlyList<ConfigSetting> fromFiles)
    {
        string port = variables["RABBITMQ_NODE_PORT"] is string { Length: > 0 } p ? p : "5672";
        string? address = variables["RABBITMQ_NODE_IP_ADDRESS"] as string;
        string value = string.IsNullOrEmpty(address) || address == "auto"
            ? port
            : address.Contains(':', StringComparison.Ordinal) ? $"[{address}]:{port}" : $"{address}:{port}";
        return Sets(fromFiles, "listeners.tcp") ? [] : [Setting("listeners.tcp.default", value, name)];
    }

    // "-" is standard output; anything else is a file.
    private static IEnumerable<ConfigSetting> Logs(string name, string value) => value is "-" or "-stderr"
        ? [Setting("log.console", "true", name), Setting("log.file", "false", name)]
        : [Setting("log.file", value, name)];

    // debug | debug,connection=error,+json
    private static IEnumerable<ConfigSetting> Levels(string name, string value)
    {
        foreach (string part in value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (part == "+json")
            {
                yield return Setting("log.console.formatter", "json", name);
                yield return Setting("log.file.formatter", "json", name);
            }
            else if (equals > 0)
            {
                yield return Setting($"log.{part[..equals]}.level", part[(equals + 1)..], name);
            }
            else if (part[0] is not ('+' or '-'))
            {
                yield return Setting("log.level", part, name);
            }
        }
    }
}
