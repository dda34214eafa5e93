namespace Warren.Server.Configuration;

/// <summary>Keys of rabbitmq.conf that are understood and have no effect here, each with the reason an operator is told.</summary>
public static class InertKeys
{
    /// <summary>What stands before the name of an Erlang application that nothing here is configured by.</summary>
    internal const string ForeignApplication = "application.";

    private const string Erlang = "it tunes a part of RabbitMQ that Warren does not have";
    private const string NotYet = "this version does not have that feature yet";
    private const string Protocol = "this version does not speak that protocol yet";
    private const string Tls = "the TLS of this system decides";

    // Values of keys that have an effect otherwise.
    private static readonly (string Pattern, string Value, string Reason)[] Values =
    [
        ("auth_mechanisms.", "ANONYMOUS", NotYet),
        ("auth_mechanisms.", "RABBIT-CR-DEMO", "it is a demonstration"),
        ("ssl_options.versions.", "tlsv1.1", "TLS before 1.2 is not safe and not spoken"),
        ("ssl_options.versions.", "tlsv1", "TLS before 1.2 is not safe and not spoken"),
        ("management.ssl.versions.", "tlsv1.1", "TLS before 1.2 is not safe and not spoken"),
        ("management.ssl.versions.", "tlsv1", "TLS before 1.2 is not safe and not spoken"),
        ("prometheus.ssl.versions.", "tlsv1.1", "TLS before 1.2 is not safe and not spoken"),
        ("prometheus.ssl.versions.", "tlsv1", "TLS before 1.2 is not safe and not spoken"),
        ("web_mqtt.ssl.versions.", "tlsv1.1", "TLS before 1.2 is not safe and not spoken"),
        ("web_mqtt.ssl.versions.", "tlsv1", "TLS before 1.2 is not safe and not spoken"),
    ];

    // Settings that ask for what Warren does anyway: nothing to warn of.
    private static readonly (string Key, string Value)[] AlwaysSo =
    [
        ("ssl_options.honor_cipher_order", "true"),
        ("ssl_options.client_renegotiation", "false"),
        ("ssl_options.secure_renegotiate", "true"),
        ("management.ssl.honor_cipher_order", "true"),
        ("management.ssl.client_renegotiation", "false"),
        ("management.ssl.secure_renegotiate", "true"),
        ("prometheus.ssl.honor_cipher_order", "true"),
        ("prometheus.ssl.client_renegotiation", "false"),
        ("prometheus.ssl.secure_renegotiate", "true"),
        ("web_mqtt.ssl.honor_cipher_order", "true"),
        ("web_mqtt.ssl.client_renegotiation", "false"),
        ("web_mqtt.ssl.secure_renegotiate", "true"),
        ("web_mqtt.ws_frame", "binary"),
    ];

    // Whole keys, or beginnings that end in a dot and cover everything below them.
    private static readonly (string Pattern, string Reason)[] Keys =
    [
        ("num_acceptors.", Erlang),
        ("tcp_listen_options.", Erlang),
        ("vm_memory_high_watermark_paging_ratio", "message bodies are paged out by warren.page_budget"),
        ("vm_memory_calculation_strategy", "memory in use is what the process holds"),
        ("memory_monitor_interval", Erlang),
        ("total_memory_available_override_value", NotYet),
        ("collect_statistics", NotYet),
        ("log.file.rotation.compress", NotYet),
        ("log.file.formatter.", "time is written as in RabbitMQ's own default"),
        ("log.console.formatter.", "time is written as in RabbitMQ's own default"),
        ("log.console.use_colors", "lines have no colours"),
        ("log.console.color_esc_seqs.", "lines have no colours"),
        ("log.console.stdio", "lines go to standard output"),
        ("log.file.", NotYet),
        ("log.console.", NotYet),
        ("log.connection.", NotYet),
        ("log.channel.", NotYet),
        ("log.queue.", NotYet),
        ("log.mirroring.", NotYet),
        ("log.federation.", NotYet),
        ("log.upgrade.", NotYet),
        ("log.exchange", NotYet),
        ("log.exchange.", NotYet),
        ("log.syslog", NotYet),
        ("log.syslog.", NotYet),
        ("log.journald", NotYet),
        ("log.journald.", NotYet),
        ("ssl_options.honor_cipher_order", "the first of ssl_options.ciphers that the client speaks too is taken"),
        ("ssl_options.honor_ecc_order", Tls),
        ("ssl_options.eccs.", Tls),
        ("ssl_options.dh", Tls),
        ("ssl_options.dhfile", Tls),
        ("ssl_options.reuse_sessions", Tls),
        ("ssl_options.client_renegotiation", "clients may not renegotiate"),
        ("ssl_options.secure_renegotiate", "clients may not renegotiate"),
        ("ssl_options.crl_check", "revocation lists are not looked at"),
        ("ssl_options.psk_identity", NotYet),
        ("ssl_options.log_level", Erlang),
        ("ssl_options.log_alert", Erlang),
        ("ssl_options.hibernate_after", Erlang),
        ("ssl_options.bypass_pem_cache", "files are looked at as warren.tls_reload_interval says"),
        ("reverse_dns_lookups", NotYet),
        ("default_consumer_prefetch", NotYet),
        ("channel_max_per_node", NotYet),
        ("consumer_max_per_channel", NotYet),
        ("vhost_max", NotYet),
        ("cluster_queue_limit", NotYet),
        ("cluster_exchange_limit", NotYet),
        ("session_max_per_connection", Protocol),
        ("link_max_per_session", Protocol),
        ("mqtt.tcp_listen_options.", "tcp_listen_options are those of all listeners"),
        ("mqtt.retained_message_store_dets_sync_interval", Erlang),
        ("mqtt.retained_message_store", "retained messages are in the log; see mqtt.retain_available"),
        ("mqtt.sparkplug", "topics come back as they were, dots included"),
        ("mqtt.", NotYet),
        ("web_mqtt.ssl.", Tls),
        ("web_mqtt.proxy_protocol", "addresses are not read from a proxy for WebSockets"),
        ("web_mqtt.tcp.backlog", Erlang),
        ("web_mqtt.num_acceptors", Erlang),
        ("web_mqtt.ws_frame", "MQTT is binary"),
        ("web_mqtt.ws_opts.compress", "WebSocket messages are not compressed"),
        ("web_mqtt.use_http_auth", "clients say who they are in CONNECT"),
        ("web_mqtt.", Erlang),
        ("stomp.", Protocol),
        ("web_stomp.", Protocol),
        ("stream.", Protocol),
        ("management.ssl.", Tls),
        ("prometheus.ssl.", Tls),
        ("management.listener.", "see management.tcp.port and management.tcp.ip"),
        ("management.rates_mode", "rates are kept as in the mode basic"),
        ("management.sample_retention_policies.", "samples are kept as RabbitMQ's defaults say"),
        ("management.", NotYet),
        ("management_agent.", Erlang),
        ("prometheus.", NotYet),
        ("shovel.", NotYet),
        ("default_user_tags.", NotYet),
        ("default_permissions.", NotYet),
        ("default_users.", NotYet),
        ("default_policies.", NotYet),
        ("default_limits.", NotYet),
        ("auth_backends.", "users are those of the broker itself"),
        ("auth_http.", "users are those of the broker itself"),
        ("auth_oauth2.", "users are those of the broker itself"),
        ("auth_ldap.", "users are those of the broker itself"),
        ("auth_cache.", "users are those of the broker itself"),
        ("anonymous_login_user", Protocol),
        ("anonymous_login_pass", Protocol),
        ("password_hashing_module", NotYet),
        ("credential_validator.", NotYet),
        ("queue_leader_locator", NotYet),
        ("queue_master_locator", NotYet),
        ("quorum_queue.", NotYet),
        ("raft.", NotYet),
        ("classic_queue.", Erlang),
        ("queue_index_embed_msgs_below", Erlang),
        ("msg_store_file_size_limit", Erlang),
        ("msg_store_credit_disc_bound.", Erlang),
        ("mnesia_table_loading_retry_timeout", Erlang),
        ("mnesia_table_loading_retry_limit", Erlang),
        ("hipe_compile", Erlang),
        ("background_gc_enabled", Erlang),
        ("background_gc_target_interval", Erlang),
        ("delegate_count", Erlang),
        ("mirroring_sync_batch_size", Erlang),
        ("mirroring_sync_max_throughput", Erlang),
        ("vhost_restart_strategy", Erlang),
        ("prevent_startup_if_node_was_reset", Erlang),
        ("motd_file", NotYet),
        ("deprecated_features.", "Warren permits these features"),
        ("message_interceptors.", NotYet),
        ("definitions.import_backend", "definitions are brought in from files: definitions.local.path"),
        ("definitions.skip_if_unchanged", "what is the same is left as it is anyway"),
        ("definitions.", NotYet),
        ("cluster_tags.", NotYet),
        ("node_tags.", NotYet),
        ("cluster_formation.", NotYet),
        ("cluster_partition_handling", NotYet),
        ("cluster_keepalive_interval", NotYet),
        ("net_ticktime", Erlang),
        ("distribution.", Erlang),
        ("server_properties", NotYet),
        (ForeignApplication, Erlang),
    ];

    /// <summary>Why a key has no effect; null when it is not one of RabbitMQ's.</summary>
    public static string? ReasonFor(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        foreach ((string pattern, string reason) in Keys)
        {
            bool matches = pattern.EndsWith('.')
                ? key.StartsWith(pattern, StringComparison.Ordinal) || key.AsSpan().SequenceEqual(pattern.AsSpan(0, pattern.Length - 1))
                : key.Equals(pattern, StringComparison.Ordinal);
            if (matches)
            {
                return reason;
            }
        }

        return null;
    }

    /// <summary>Why this value of a key has no effect; null when the key is to be set.</summary>
    public static string? ReasonFor(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Values.FirstOrDefault(v => key.StartsWith(v.Pattern, StringComparison.Ordinal) && v.Value == value).Reason;
    }

    /// <summary>Whether the setting asks for what is so anyway.</summary>
    public static bool IsAlwaysSo(string key, string value) => AlwaysSo.Contains((key, value == "on" ? "true" : value == "off" ? "false" : value));

    /// <summary>The whole keys, for suggestions.</summary>
    internal static IEnumerable<string> WholeKeys() => Keys.Select(k => k.Pattern).Where(p => !p.EndsWith('.'));
}
