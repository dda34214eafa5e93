using System.Globalization;
using System.Text;

namespace Warren.Server.Configuration.Mosquitto;

/// <summary>
/// Writes a configuration that does what a mosquitto.conf does. Each line of it is quoted in a comment, with the keys that
/// stand for it below, or with why there are none.
/// </summary>
/// <remarks>Not thread-safe. Mosquitto's syntax: a key, one blank, its value; <c>#</c> begins a comment at the start of a line only.</remarks>
public sealed class MosquittoImport
{
    private readonly StringBuilder _result = new();
    private readonly List<MosquittoListener> _listeners = [new()];
    private readonly Dictionary<string, string> _levels = new(StringComparer.Ordinal);
    private readonly string _name;
    private string? _bridge;
    private bool _saysAnonymous;
    private int _origins;

    private MosquittoImport(string name) => _name = name;

    /// <summary>Reads a file.</summary>
    /// <exception cref="ConfigurationError">It cannot be read.</exception>
    public static string Read(string path) => Convert(ConfigFile.ReadText(path), Path.GetFileName(path));

    /// <summary>Reads text.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="name">Its name, for comments.</param>
    public static string Convert(string text, string name)
    {
        ArgumentNullException.ThrowIfNull(text);
        var import = new MosquittoImport(name);
        int number = 0;
        foreach (ReadOnlySpan<char> raw in text.AsSpan().EnumerateLines())
        {
            number++;
            ReadOnlySpan<char> line = raw.Trim();
            if (!line.IsEmpty && line[0] != '#')
            {
                int blank = line.IndexOfAny(' ', '\t');
                string key = (blank < 0 ? line : line[..blank]).ToString();
                string value = blank < 0 ? "" : line[(blank + 1)..].Trim().ToString();
                import.Convert(key, value, number);
            }
        }

        import.WriteListeners();
        return import._result.ToString();
    }

    private void Convert(string key, string value, int line)
    {
        MosquittoListener listener = _listeners[^1];
        if (key is "connection")
        {
            _bridge = value;
        }

        // Everything after "connection" belongs to the bridge, until something that cannot.
        if (_bridge is not null && key is not ("listener" or "log_dest" or "log_type" or "include_dir"))
        {
            Leave(key, value, line, MosquittoKeys.BridgeReason);
            return;
        }

        _bridge = null;
        switch (key)
        {
            case "listener":
                AddListener(key, value, line);
                break;
            case "port":
                listener.Port = value;
                Quote(key, value, line, "below");
                break;
            case "bind_address":
                listener.Address = value;
                Quote(key, value, line, "below");
                break;
            case "protocol":
                listener.IsWebSocket = value == "websockets";
                Quote(key, value, line, "below");
                break;
            case "tls_version":
                listener.Tls.Add(("versions.1", value));
                Quote(key, value, line, "below");
                break;
            case "ciphers" or "ciphers_tls1.3":
                AddCiphers(listener, value);
                Quote(key, value, line, "below");
                break;
            case "require_certificate" when value == "true":
                listener.Tls.Add(("verify", "verify_peer"));
                listener.Tls.Add(("fail_if_no_peer_cert", "true"));
                Quote(key, value, line, "below");
                break;
            case "max_connections" or "global_max_connections":
                Write(key, value, line, ("mqtt.max_connections", value == "-1" ? "infinity" : value));
                break;
            case "use_identity_as_username" when value == "true":
                Write(key, value, line, ("mqtt.ssl_cert_login", "true"), ("ssl_cert_login_from", "common_name"));
                break;
            case "use_subject_as_username" when value == "true":
                Write(key, value, line, ("mqtt.ssl_cert_login", "true"), ("ssl_cert_login_from", "distinguished_name"));
                break;
            case "retain_available" when value == "false":
                Write(key, value, line, ("mqtt.retain_available", "false"));
                break;
            case "websockets_origin":
                Write(key, value, line, (string.Create(CultureInfo.InvariantCulture, $"web_mqtt.allow_origins.{++_origins}"), value));
                break;
            case "enable_proxy_protocol" when !listener.IsWebSocket:
                Write(key, value, line, ("mqtt.proxy_protocol", "true"));
                break;
            case "max_inflight_messages" when value == "0":
                Write(key, value, line, ("mqtt.prefetch", "65535")); // no limit but that of the identifiers
                break;
            case "allow_anonymous":
                _saysAnonymous = true;
                Write(key, value, line, ("mqtt.allow_anonymous", value), ("mqtt.anonymous_from_anywhere", value));
                break;
            case "persistent_client_expiration":
                WriteExpiration(key, value, line);
                break;
            case "log_dest":
                WriteLogDestination(key, value, line);
                break;
            case "log_type":
                WriteLogType(key, value, line);
                break;
            default:
                WriteOther(key, value, line, listener);
                break;
        }
    }

    private void WriteOther(string key, string value, int line, MosquittoListener listener)
    {
        if (MosquittoKeys.Renamed.TryGetValue(key, out string? renamed))
        {
            // Zero is Mosquitto's "no limit"; here the default stands for it.
            if (value == "0" && key is "message_size_limit" or "max_packet_size")
            {
                Leave(key, value, line, $"the default of {renamed} is the limit");
                return;
            }

            Write(key, value, line, (renamed, value));
        }
        else if (MosquittoKeys.Tls.TryGetValue(key, out string? tls))
        {
            listener.Tls.Add((tls, value));
            Quote(key, value, line, "below");
        }
        else if (MosquittoKeys.Reasons.TryGetValue(key, out string? reason))
        {
            Leave(key, value, line, reason);
        }
        else if (value == "false" && key is "require_certificate" or "use_identity_as_username" or "use_subject_as_username"
            || (value == "true" && key is "retain_available"))
        {
            Leave(key, value, line, "it is so by default");
        }
        else
        {
            string place = key.StartsWith("bridge_", StringComparison.Ordinal) ? MosquittoKeys.BridgeReason : "not a key of Mosquitto that is known here";
            Leave(key, value, line, place);
        }
    }

    // "listener 0 /path" is a Unix socket.
    private void AddListener(string key, string value, int line)
    {
        string[] parts = value.Split(' ', 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (parts is ["0", ..] or [])
        {
            Leave(key, value, line, "clients connect over TCP");
            _listeners.Add(new MosquittoListener { Port = "" });
            return;
        }

        Quote(key, value, line, "below");
        _listeners.Add(new MosquittoListener { Port = parts[0], Address = parts.Length == 2 ? parts[1] : null });
    }

    private static void AddCiphers(MosquittoListener listener, string value)
    {
        int number = listener.Tls.Count(t => t.Key.StartsWith("ciphers.", StringComparison.Ordinal));
        foreach (string cipher in value.Split(':', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            listener.Tls.Add((string.Create(CultureInfo.InvariantCulture, $"ciphers.{++number}"), cipher));
        }
    }

    private void WriteListeners()
    {
        bool hasListener = _listeners.Exists(l => l.Port is { Length: > 0 });
        _result.Append("\n# Listeners\n");
        if (!hasListener)
        {
            _result.Append("# Mosquitto without a listener serves this machine only, and there everybody.\n");
            if (!_saysAnonymous)
            {
                Set("mqtt.allow_anonymous", "true");
            }

            _listeners[0].Port = "1883";
            _listeners[0].Address ??= "127.0.0.1";
        }

        int number = 0;
        bool hasTls = false;
        foreach (MosquittoListener listener in _listeners.Where(l => l.Port is { Length: > 0 }))
        {
            number++;
            WriteListener(listener, number);
            WriteTls(listener, ref hasTls);
        }

        _result.Append("\n# Mosquitto does not speak AMQP; without the next line Warren does, on port 5672.\nlisteners.tcp = none\n");
    }

    private void WriteListener(MosquittoListener listener, int number)
    {
        string kind = listener.IsTls ? "ssl" : "tcp";
        if (listener.IsWebSocket)
        {
            Set($"web_mqtt.{kind}.port", listener.Port!);
            Set("web_mqtt.ws_path", "*"); // Mosquitto does not look at it
            if (listener.Address is not null)
            {
                Set($"web_mqtt.{kind}.ip", listener.Address);
            }

            return;
        }

        string host = listener.Address is null ? "" : listener.Address.Contains(':', StringComparison.Ordinal)
            ? $"[{listener.Address}]:"
            : listener.Address + ":";
        Set(string.Create(CultureInfo.InvariantCulture, $"mqtt.listeners.{kind}.{number}"), host + listener.Port);
    }

    // A WebSocket listener has certificates of its own, the others share one set.
    private void WriteTls(MosquittoListener listener, ref bool hasTls)
    {
        if (!listener.IsTls)
        {
            return;
        }

        if (!listener.IsWebSocket && hasTls)
        {
            _result.Append(CultureInfo.InvariantCulture, $"# its certificates are left away: {MosquittoKeys.SecondCertificates}\n");
            return;
        }

        foreach ((string key, string value) in listener.Tls)
        {
            Set(listener.IsWebSocket ? $"web_mqtt.ssl.{key}" : $"ssl_options.{key}", value);
        }

        hasTls |= !listener.IsWebSocket;
    }

    private void WriteExpiration(string key, string value, int line)
    {
        int factor = value.Length == 0 ? 0 : value[^1] switch
        {
            'h' => 3600,
            'd' => 86400,
            'w' => 7 * 86400,
            'm' => 30 * 86400,
            'y' => 365 * 86400,
            _ => 0,
        };
        if (factor == 0 || !int.TryParse(value.AsSpan(0, value.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int count))
        {
            Leave(key, value, line, "expected a number with h, d, w, m or y");
            return;
        }

        Write(key, value, line, ("mqtt.max_session_expiry_interval_seconds", ((long)count * factor).ToString(CultureInfo.InvariantCulture)));
    }

    private void WriteLogDestination(string key, string value, int line)
    {
        if (value.StartsWith("file ", StringComparison.Ordinal))
        {
            Write(key, value, line, ("log.file", value["file ".Length..].Trim()));
        }
        else if (value is "stdout" or "stderr")
        {
            Write(key, value, line, ("log.console", "true"));
        }
        else if (value is "none")
        {
            Write(key, value, line, ("log.console", "false"));
        }
        else
        {
            Leave(key, value, line, "lines go to standard output and to a file");
        }
    }

    // The least serious of all kinds named decides.
    private void WriteLogType(string key, string value, int line)
    {
        string[] order = ["debug", "info", "warning", "error", "none"];
        string level = value switch
        {
            "debug" or "all" or "websockets" => "debug",
            "warning" or "error" or "none" => value,
            _ => "info",
        };
        if (_levels.TryGetValue("log.level", out string? before) && Array.IndexOf(order, before) <= Array.IndexOf(order, level))
        {
            Leave(key, value, line, $"log.level = {before} takes it in");
            return;
        }

        _levels["log.level"] = level;
        Write(key, value, line, ("log.level", level));
    }

    private void Write(string key, string value, int line, params ReadOnlySpan<(string Key, string Value)> settings)
    {
        Quote(key, value, line, "");
        foreach ((string name, string text) in settings)
        {
            Set(name, text);
        }
    }

    private void Set(string key, string value)
    {
        bool isPlain = !value.Contains('#', StringComparison.Ordinal) && !value.Contains("$(", StringComparison.Ordinal);
        _result.Append(CultureInfo.InvariantCulture, $"{key} = {(isPlain ? value : $"'{value}'")}\n");
    }

    private void Leave(string key, string value, int line, string reason) => Quote(key, value, line, $"no counterpart: {reason}");

    private void Quote(string key, string value, int line, string note)
    {
        string shown = key.Contains("password", StringComparison.Ordinal) && key != "password_file" ? "..." : value;
        string text = new([.. $"{key} {shown}".Trim().Select(c => char.IsControl(c) ? ' ' : c)]);
        _result.Append(CultureInfo.InvariantCulture, $"# {_name}:{line}: {text}{(note.Length == 0 ? "" : $" ({note})")}\n");
    }
}
