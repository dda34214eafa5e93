using Warren.Buffers.Options;
using Warren.Transport.Tls;

namespace Warren.Protocols.Mqtt;

/// <summary>Settings of the MQTT listeners, under their rabbitmq.conf names.</summary>
public sealed record MqttOptions
{
    /// <summary>Whether a retained message is sent only while who published it still might.</summary>
    [ConfigKey("mqtt.check_retain_source", Reloads = true)]
    public bool ChecksRetainedSource { get; init; } = true;

    /// <summary>Topics of a virtual host that may have a retained message.</summary>
    [ConfigKey("mqtt.retained_message_store.max_messages", Min = 0, Reloads = true)]
    public int RetainedMessagesMax { get; init; } = 100_000;

    /// <summary>Bytes of retained messages a virtual host may hold.</summary>
    [ConfigKey("mqtt.retained_message_store.max_size_bytes", Unit = ConfigUnit.Bytes, Min = 0, Reloads = true)]
    public long RetainedBytesMax { get; init; } = 1024L * 1024 * 1024;

    /// <summary>The virtual host of clients that name none.</summary>
    [ConfigKey("mqtt.vhost", Reloads = true)]
    public string VirtualHost { get; init; } = "/";

    /// <summary>The topic exchange everything is published to and subscribed from; made when it does not exist.</summary>
    [ConfigKey("mqtt.exchange", Reloads = true)]
    public string Exchange { get; init; } = "amq.topic";

    /// <summary>Whether clients without a user name may come, as <see cref="AnonymousUser"/>.</summary>
    [ConfigKey("mqtt.allow_anonymous", Reloads = true)]
    public bool AllowAnonymous { get; init; }

    /// <summary>Whether those may come from other machines although their user may log in from this one only
    /// (<c>loopback_users</c>).</summary>
    [ConfigKey("mqtt.anonymous_from_anywhere", Reloads = true)]
    public bool AnonymousFromAnywhere { get; init; }

    /// <summary>The user of clients without a name, when they are allowed.</summary>
    [ConfigKey("mqtt.default_user", "anonymous_login_user", Reloads = true)]
    public string AnonymousUser { get; init; } = "guest";

    /// <summary>That user's password; null: it is not asked for.</summary>
    [ConfigKey("mqtt.default_pass", "anonymous_login_pass", Secret = true, Reloads = true)]
    public string? AnonymousPassword { get; init; }

    /// <summary>Longest time a session may outlive its connection, seconds; null: for ever.</summary>
    [ConfigKey("mqtt.max_session_expiry_interval_seconds", Unit = ConfigUnit.Seconds, Min = 0, Max = uint.MaxValue, Reloads = true)]
    public long? MaxSessionExpirySeconds { get; init; } = 86_400;

    /// <summary>The same in milliseconds under its older name; the smaller of both counts. Null: not set.</summary>
    [ConfigKey("mqtt.subscription_ttl", Unit = ConfigUnit.Milliseconds, Min = 0, Reloads = true)]
    public long? SubscriptionTtlMs { get; init; }

    /// <summary>Deliveries of quality of service 1 and 2 a client may have unacknowledged.</summary>
    [ConfigKey("mqtt.prefetch", Min = 1, Max = 65535, Reloads = true)]
    public int Prefetch { get; init; } = 20;

    /// <summary>Publishes of quality of service 1 and 2 a client may have under way: the Receive Maximum it is told.</summary>
    [ConfigKey("mqtt.receive_maximum", Min = 1, Max = 65535, Reloads = true)]
    public int ReceiveMaximum { get; init; } = 65535;

    /// <summary>Messages of quality of service 0 that wait for a client which reads slowly; the oldest give way.</summary>
    [ConfigKey("mqtt.mailbox_soft_limit", Min = 1, Reloads = true)]
    public int MailboxSoftLimit { get; init; } = 10_000;

    /// <summary>Messages that wait for one session; 0: no limit. The oldest give way.</summary>
    [ConfigKey("mqtt.max_queued_messages", Min = 0, Reloads = true)]
    public int MaxQueuedMessages { get; init; }

    /// <summary>Largest packet of a client that has not logged in, bytes.</summary>
    [ConfigKey("mqtt.max_packet_size_unauthenticated", Unit = ConfigUnit.Bytes, Min = 64, Max = 1024 * 1024, Reloads = true)]
    public int MaxPacketSizeUnauthenticated { get; init; } = 65536;

    /// <summary>Largest packet, bytes.</summary>
    [ConfigKey("mqtt.max_packet_size_authenticated", Unit = ConfigUnit.Bytes, Min = 20, Max = 268435455, Reloads = true)]
    public int MaxPacketSize { get; init; } = 16 * 1024 * 1024;

    /// <summary>Topic aliases a client may set, and that are set for a client at most.</summary>
    [ConfigKey("mqtt.topic_alias_maximum", Min = 0, Max = 65535, Reloads = true)]
    public int TopicAliasMaximum { get; init; } = 16;

    /// <summary>Levels a topic may have. Trees of filters are walked one call a level.</summary>
    [ConfigKey("mqtt.max_topic_levels", Min = 1, Max = 1024, Reloads = true)]
    public int MaxTopicLevels { get; init; } = 256;

    /// <summary>Subscriptions a session may have.</summary>
    [ConfigKey("mqtt.max_subscriptions", Min = 1, Reloads = true)]
    public int MaxSubscriptions { get; init; } = 10_000;

    /// <summary>Largest payload of a message, bytes: that of all protocols, which is set with <c>max_message_size</c>.</summary>
    public int MaxMessageSize { get; init; } = int.MaxValue;

    /// <summary>Whether each client of the TCP and TLS listeners comes through a proxy that says who it is.</summary>
    [ConfigKey("mqtt.proxy_protocol")]
    public bool ProxyProtocol { get; init; }

    /// <summary>Milliseconds from the first byte to CONNECT.</summary>
    [ConfigKey("mqtt.login_timeout", Unit = ConfigUnit.Milliseconds, Reloads = true)]
    public int LoginTimeoutMs { get; init; } = 10_000;

    /// <summary>Longest keep alive a client may have, seconds: who wants more, or none, is told this; 0: any.</summary>
    [ConfigKey("mqtt.max_keepalive", Unit = ConfigUnit.Seconds, Min = 0, Max = 65535, Reloads = true)]
    public int MaxKeepAliveSeconds { get; init; }

    /// <summary>Connections at a time; null: no limit.</summary>
    [ConfigKey("mqtt.max_connections", Min = 0, Reloads = true)]
    public int? MaxConnections { get; init; }

    /// <summary>Whether a publish that is not allowed ends the connection.</summary>
    [ConfigKey("mqtt.disconnect_on_unauthorized", Reloads = true)]
    public bool DisconnectOnUnauthorized { get; init; } = true;

    /// <summary>Whether the client's certificate says who it is when it gives no user name.</summary>
    [ConfigKey("mqtt.ssl_cert_login", Reloads = true)]
    public bool CertificateLogin { get; init; }

    /// <summary>Which part of a client's certificate its client id has to be; null: none.</summary>
    [ConfigKey("mqtt.ssl_cert_client_id_from", Reloads = true)]
    public CertificateLogin? ClientIdFrom { get; init; }

    /// <summary>Which kind of alternative name.</summary>
    [ConfigKey("mqtt.ssl_cert_login_san_type", Reloads = true)]
    public AlternativeName ClientIdKind { get; init; }

    /// <summary>Which of several alternative names of that kind, from 0.</summary>
    [ConfigKey("mqtt.ssl_cert_login_san_index", Min = 0, Max = 1000, Reloads = true)]
    public int ClientIdIndex { get; init; }

    /// <summary>Whether <c>vhost:user</c> is one name.</summary>
    [ConfigKey("mqtt.ignore_colons_in_username", Reloads = true)]
    public bool IgnoreColonsInUserName { get; init; }

    /// <summary>Whether retained messages are kept.</summary>
    [ConfigKey("mqtt.retain_available", Reloads = true)]
    public bool RetainAvailable { get; init; } = true;

    /// <summary>Seconds between two publications of <c>$SYS</c>; 0: none.</summary>
    [ConfigKey("mqtt.sys_interval", Unit = ConfigUnit.Seconds, Min = 0)]
    public int SysIntervalSeconds { get; init; } = 10;

    /// <summary>Type of the queues of sessions that outlive their connection.</summary>
    [ConfigKey("mqtt.durable_queue_type", Reloads = true)]
    public string DurableQueueType { get; init; } = "classic";
}
