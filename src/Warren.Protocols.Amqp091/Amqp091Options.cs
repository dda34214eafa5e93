using Warren.Buffers.Options;

namespace Warren.Protocols.Amqp091;

/// <summary>Settings of the AMQP 0-9-1 listener, under their rabbitmq.conf names.</summary>
public sealed record Amqp091Options
{
    /// <summary>How clients may log in; EXTERNAL is offered on TLS listeners only.</summary>
    [ConfigKey("auth_mechanisms.$name", Reloads = true)]
    public IReadOnlyList<SaslMechanism> AuthMechanisms { get; init; } = [SaslMechanism.Plain, SaslMechanism.AmqPlain];

    /// <summary>channel_max proposed in connection.tune.</summary>
    [ConfigKey("channel_max", "max_channels_per_connection", Reloads = true)]
    public ushort ChannelMax { get; init; } = 2047;

    /// <summary>frame_max proposed in connection.tune, bytes; 0: no limit is announced and 131072 is kept internally.</summary>
    [ConfigKey("frame_max", Unit = ConfigUnit.Bytes, Reloads = true)]
    public int FrameMax { get; init; } = 131072;

    /// <summary>Largest frame accepted before connection.open, bytes.</summary>
    [ConfigKey("initial_frame_max", Unit = ConfigUnit.Bytes, Min = 4096, Reloads = true)]
    public int InitialFrameMax { get; init; } = 8192;

    /// <summary>Heartbeat interval proposed in connection.tune, seconds; 0: none.</summary>
    [ConfigKey("heartbeat", Unit = ConfigUnit.Seconds, Reloads = true)]
    public ushort HeartbeatSeconds { get; init; } = 60;

    /// <summary>Milliseconds from the first byte to connection.open.</summary>
    [ConfigKey("handshake_timeout", Unit = ConfigUnit.Milliseconds, Reloads = true)]
    public int HandshakeTimeoutMs { get; init; } = 10_000;

    /// <summary>Largest message body, bytes.</summary>
    [ConfigKey("max_message_size", Unit = ConfigUnit.Bytes, Max = 536870912, Reloads = true)]
    public int MaxMessageSize { get; init; } = 16 * 1024 * 1024;

    /// <summary>Milliseconds a delivery may stay unacknowledged; 0: for ever.</summary>
    [ConfigKey("consumer_timeout", Unit = ConfigUnit.Milliseconds, Reloads = true)]
    public long ConsumerTimeoutMs { get; init; } = 1_800_000;

    /// <summary>Bytes of publishes one transaction may hold.</summary>
    [ConfigKey("warren.transaction_bytes_max", Unit = ConfigUnit.Bytes, Reloads = true)]
    public long TransactionBytesMax { get; init; } = 40L * 1024 * 1024;

    /// <summary>The product clients are told; some of them look for RabbitMQ.</summary>
    [ConfigKey("warren.product", "product.name", Reloads = true)]
    public string Product { get; init; } = "RabbitMQ";

    /// <summary>The version clients are told: the RabbitMQ version whose behaviour they may rely on.</summary>
    [ConfigKey("warren.product_version", "product.version", Reloads = true)]
    public string Version { get; init; } = "4.1.0";

    /// <summary>The cluster name clients are told.</summary>
    [ConfigKey("cluster_name", Reloads = true)]
    public string ClusterName { get; init; } = "warren";
}
