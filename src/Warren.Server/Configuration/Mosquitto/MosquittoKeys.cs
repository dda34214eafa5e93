namespace Warren.Server.Configuration.Mosquitto;

/// <summary>The keys of mosquitto.conf: what they are called here, or why they have no counterpart.</summary>
internal static class MosquittoKeys
{
    private const string OneSet = "every TLS listener uses the same certificates and rules";
    private const string Bridge = "a bridge is a shovel or a federation upstream here, made with the HTTP API or warren ctl set_parameter";
    private const string QueueLimit = "set a policy with max-length-bytes for the queues of sessions, named ^mqtt-subscription-";
    private const string Always = "Warren does so always";
    private const string Never = "Warren has no such switch";

    /// <summary>Keys with another name and the same value.</summary>
    public static IReadOnlyDictionary<string, string> Renamed { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["check_retain_source"] = "mqtt.check_retain_source",
        ["max_inflight_messages"] = "mqtt.prefetch",
        ["max_keepalive"] = "mqtt.max_keepalive",
        ["max_packet_size"] = "mqtt.max_packet_size_authenticated",
        ["max_queued_messages"] = "mqtt.max_queued_messages",
        ["max_topic_alias"] = "mqtt.topic_alias_maximum",
        ["message_size_limit"] = "max_message_size",
        ["set_tcp_nodelay"] = "tcp_listen_options.nodelay",
        ["sys_interval"] = "mqtt.sys_interval",
    };

    /// <summary>Keys of a listener's encryption and their names below ssl_options.</summary>
    public static IReadOnlyDictionary<string, string> Tls { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["cafile"] = "cacertfile",
        ["certfile"] = "certfile",
        ["keyfile"] = "keyfile",
    };

    /// <summary>Keys without a counterpart, with what to do instead.</summary>
    public static IReadOnlyDictionary<string, string> Reasons { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["acl_file"] = "rights are permissions and topic permissions: warren ctl set_permissions, set_topic_permissions",
        ["password_file"] = "passwords cannot be taken over from their hashes: warren ctl add_user for each user",
        ["psk_file"] = Never,
        ["plugin"] = "Mosquitto's plugins cannot be loaded",
        ["auth_plugin"] = "Mosquitto's plugins cannot be loaded",
        ["enable_proxy_protocol"] = "addresses are not read from a proxy for WebSockets",
        ["accept_protocol_versions"] = "every version is spoken on every listener",
        ["per_listener_settings"] = "users and rights are those of the broker, whatever the listener",
        ["clientid_prefixes"] = Never,
        ["auto_id_prefix"] = Never,
        ["allow_zero_length_clientid"] = Always,
        ["use_username_as_clientid"] = Never,
        ["mount_point"] = "put the clients of that listener into a virtual host of their own",
        ["socket_domain"] = "a listener without an address takes both families",
        ["bind_interface"] = "name an address instead",
        ["http_dir"] = Never,
        ["capath"] = "put the certificates into one file, ssl_options.cacertfile",
        ["crlfile"] = "revocation lists are not looked at",
        ["dhparamfile"] = "the TLS of this system decides",
        ["tls_engine"] = Never,
        ["psk_hint"] = Never,
        ["max_qos"] = "QoS 2 is spoken on every listener",
        ["max_inflight_bytes"] = Never,
        ["global_max_clients"] = "warren.vhost.session_max limits the sessions of a virtual host",
        ["max_queued_bytes"] = QueueLimit,
        ["memory_limit"] = "vm_memory_high_watermark blocks publishers instead of refusing memory",
        ["persistence"] = "sessions, retained messages and durable queues are stored always",
        ["persistence_location"] = "warren.data_dir names the data directory; Mosquitto's file cannot be read",
        ["persistence_file"] = "warren.data_dir names the data directory; Mosquitto's file cannot be read",
        ["autosave_interval"] = "everything is written at once",
        ["autosave_on_changes"] = "everything is written at once",
        ["queue_qos0_messages"] = Never,
        ["upgrade_outgoing_qos"] = Never,
        ["allow_duplicate_messages"] = Never,
        ["retry_interval"] = "messages are sent again when a client connects again, as MQTT asks for",
        ["connection_messages"] = "log.connection.level = warning keeps them out of the log",
        ["log_timestamp"] = Always,
        ["log_timestamp_format"] = "time is written as in RabbitMQ's log",
        ["log_facility"] = Never,
        ["websockets_log_level"] = Never,
        ["websockets_headers_size"] = Never,
        ["pid_file"] = "warren server --pid-file",
        ["user"] = "the service manager decides who runs the server",
        ["include_dir"] = "import each of its files by itself",
    };

    /// <summary>Why a key of a TLS listener was left away.</summary>
    public static string SecondCertificates => OneSet;

    /// <summary>Why a bridge was left away.</summary>
    public static string BridgeReason => Bridge;
}
