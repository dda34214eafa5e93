namespace Warren.Server.Configuration.Erlang;

/// <summary>The keys of rabbitmq.config whose value has another form in rabbitmq.conf.</summary>
internal static class ErlangKeys
{
    private static readonly string[] SocketOptions = ["packet", "reuseaddr", "active", "mode"]; // as Erlang needs them

    /// <summary>Reads such a key; false when its value speaks for itself.</summary>
    public static bool TryRead(ErlangSettings settings, string prefix, string key, ErlangTerm value)
    {
        switch (prefix + key)
        {
            case "tcp_listeners" or "mqtt.tcp_listeners" or "stomp.tcp_listeners" or "stream.tcp_listeners":
                settings.AddItems(prefix + "listeners.tcp", value, Address, replaces: true);
                return true;
            case "ssl_listeners" or "mqtt.ssl_listeners" or "stomp.ssl_listeners" or "stream.ssl_listeners":
                settings.AddItems(prefix + "listeners.ssl", value, Address, replaces: true);
                return true;
            case "tcp_listen_options" or "mqtt.tcp_listen_options" or "stomp.tcp_listen_options":
                ReadSocketOptions(settings, prefix + key, value);
                return true;
            case "loopback_users":
                ReadSwitches(settings, key, value, replaces: true);
                return true;
            case "default_user_tags":
                ReadSwitches(settings, key, value, replaces: false);
                return true;
            case "default_permissions":
                ReadPermissions(settings, value);
                return true;
            case "disk_free_limit" when value.TryGetPair(out string kind, out ErlangTerm limit):
                settings.Add(kind == "mem_relative" ? "disk_free_limit.relative" : $"disk_free_limit.{kind}", limit.Text, limit);
                return true;
            case "cluster_nodes":
                ReadClusterNodes(settings, value);
                return true;
            case "log" or "log_levels":
                ErlangLogKeys.Read(settings, key, value);
                return true;
            case "stomp.default_user" when value.Kind == ErlangTermKind.List:
                ReadStompUser(settings, value);
                return true;
            case "management.listener":
                ReadManagementListener(settings, value);
                return true;
            case "web_stomp.tcp_config" or "web_mqtt.tcp_config" or "prometheus.tcp_config":
                settings.AddPairs(prefix + "tcp", value, []);
                return true;
            case "web_stomp.ssl_config" or "web_mqtt.ssl_config" or "prometheus.ssl_config":
                settings.AddPairs(prefix + "ssl", value, []);
                return true;
            case "default_consumer_prefetch" or "server_properties" or "cluster_partition_handling" when !value.IsScalar:
                settings.Add(key, "", value);
                return true;
            default:
                return false;
        }
    }

    // 5672 | {"127.0.0.1", 5672}
    private static string? Address(ErlangTerm item) => item switch
    {
        { Kind: ErlangTermKind.Integer } => item.Text,
        { Kind: ErlangTermKind.Tuple, Items: [{ Kind: ErlangTermKind.String } host, { Kind: ErlangTermKind.Integer } port] } =>
            host.Text.Contains(':', StringComparison.Ordinal) ? $"[{host.Text}]:{port.Text}" : $"{host.Text}:{port.Text}",
        _ => null,
    };

    private static void ReadSocketOptions(ErlangSettings settings, string key, ErlangTerm value)
    {
        foreach (ErlangTerm item in settings.Items(key, value))
        {
            if (item.TryGetPair(out string name, out ErlangTerm inner)
                && name == "linger"
                && inner is { Kind: ErlangTermKind.Tuple, Items: [{ IsScalar: true } on, { IsScalar: true } timeout] })
            {
                settings.Add($"{key}.linger.on", on.Text, on);
                settings.Add($"{key}.linger.timeout", timeout.Text, timeout);
            }
            else if (name.Length > 0 && !SocketOptions.Contains(name, StringComparer.Ordinal))
            {
                settings.AddPlain($"{key}.{name}", inner);
            }
        }
    }

    private static void ReadSwitches(ErlangSettings settings, string key, ErlangTerm value, bool replaces)
    {
        IReadOnlyList<ErlangTerm> names = settings.Items(key, value);
        if (replaces)
        {
            settings.Add(key, "none", value);
        }

        foreach (ErlangTerm name in names)
        {
            settings.Add($"{key}.{(name.IsScalar ? name.Text : throw settings.Expected(name, $"a name in {key}"))}", "true", name);
        }
    }

    private static void ReadPermissions(ErlangSettings settings, ErlangTerm value)
    {
        if (settings.Items("default_permissions", value) is not
            [{ IsScalar: true } configure, { IsScalar: true } write, { IsScalar: true } read])
        {
            throw settings.Expected(value, "[<<\"configure\">>, <<\"write\">>, <<\"read\">>] for default_permissions");
        }

        settings.Add("default_permissions.configure", configure.Text, configure);
        settings.Add("default_permissions.write", write.Text, write);
        settings.Add("default_permissions.read", read.Text, read);
    }

    // {['rabbit@a', 'rabbit@b'], disc}
    private static void ReadClusterNodes(ErlangSettings settings, ErlangTerm value)
    {
        ErlangTerm nodes = value is { Kind: ErlangTermKind.Tuple, Items: [{ Kind: ErlangTermKind.List } list, _] } ? list : value;
        settings.AddItems("cluster_formation.classic_config.nodes", nodes, static node => node.IsScalar ? node.Text : null, replaces: false);
    }

    private static void ReadStompUser(ErlangSettings settings, ErlangTerm value)
    {
        foreach (ErlangTerm item in value.Items)
        {
            string? key = item.TryGetPair(out string name, out ErlangTerm text)
                ? name switch { "login" => "stomp.default_user", "passcode" => "stomp.default_pass", _ => null }
                : null;
            settings.Add(key ?? throw settings.Expected(item, "{login, \"...\"} or {passcode, \"...\"}"), text.Text, text);
        }
    }

    // {listener, [{port, 15671}, {ssl, true}, {ssl_opts, [...]}]} is one of two sets of keys.
    private static void ReadManagementListener(ErlangSettings settings, ErlangTerm value)
    {
        IReadOnlyList<ErlangTerm> items = settings.Items("management.listener", value);
        bool isTls = items.Any(i => i.TryGetPair(out string name, out ErlangTerm on) && name == "ssl" && on.Text == "true");
        string prefix = isTls ? "management.ssl" : "management.tcp";
        foreach (ErlangTerm item in items)
        {
            if (!item.TryGetPair(out string name, out ErlangTerm inner))
            {
                throw settings.Expected(item, "{name, value} in listener");
            }

            if (name == "ssl_opts")
            {
                settings.AddPairs(prefix, inner, []);
            }
            else if (name != "ssl")
            {
                settings.AddPlain($"{prefix}.{name}", inner);
            }
        }
    }
}
