namespace Warren.Server.Configuration.Erlang;

/// <summary>The applications a RabbitMQ configuration speaks of, and what their keys begin with in rabbitmq.conf.</summary>
internal static class ErlangApplications
{
    private static readonly Dictionary<string, string> Prefixes = new(StringComparer.Ordinal)
    {
        ["rabbit"] = "",
        ["warren"] = "warren.",
        ["rabbitmq_mqtt"] = "mqtt.",
        ["rabbitmq_web_mqtt"] = "web_mqtt.",
        ["rabbitmq_stomp"] = "stomp.",
        ["rabbitmq_web_stomp"] = "web_stomp.",
        ["rabbitmq_stream"] = "stream.",
        ["rabbitmq_management"] = "management.",
        ["rabbitmq_management_agent"] = "management_agent.",
        ["rabbitmq_prometheus"] = "prometheus.",
        ["rabbitmq_shovel"] = "shovel.",
        ["rabbitmq_auth_backend_ldap"] = "auth_ldap.",
        ["rabbitmq_auth_backend_http"] = "auth_http.",
        ["rabbitmq_auth_backend_oauth2"] = "auth_oauth2.",
        ["rabbitmq_auth_backend_cache"] = "auth_cache.",
    };

    // Erlang itself, and parts of RabbitMQ without a counterpart.
    private static readonly string[] Foreign =
    [
        "kernel", "stdlib", "sasl", "ssl", "mnesia", "os_mon", "lager", "ra", "osiris", "aten", "khepri", "sysmon_handler", "systemd",
        "cuttlefish", "inets", "crypto", "cowboy", "ranch", "syslog", "setup", "rabbitmq_federation", "rabbitmq_amqp1_0",
        "rabbitmq_tracing", "rabbitmq_top", "rabbitmq_event_exchange", "rabbitmq_trust_store", "rabbitmq_peer_discovery_consul",
        "rabbitmq_peer_discovery_etcd", "rabbitmq_peer_discovery_k8s", "rabbitmq_peer_discovery_aws", "rabbitmq_sharding",
        "rabbitmq_consistent_hash_exchange", "rabbitmq_delayed_message_exchange", "autocluster", "credentials_obfuscation",
    ];

    /// <summary>What the keys of an application begin with in rabbitmq.conf.</summary>
    public static bool TryGetPrefix(string application, out string prefix) => Prefixes.TryGetValue(application, out prefix!);

    /// <summary>Whether the application is known and nothing here is configured by it.</summary>
    public static bool IsForeign(string application) => Foreign.Contains(application, StringComparer.Ordinal);

    /// <summary>The known one nearest to a name; null when none is near.</summary>
    public static string? Nearest(string application) => Suggestions.Nearest(application, Prefixes.Keys.Concat(Foreign));
}
