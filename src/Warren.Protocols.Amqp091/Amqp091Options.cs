namespace Warren.Protocols.Amqp091;

/// <summary>Settings of the AMQP 0-9-1 listener, under their rabbitmq.conf names.</summary>
public sealed record Amqp091Options
{
    /// <summary>channel_max proposed in connection.tune.</summary>
    public ushort ChannelMax { get; init; } = 2047;

    /// <summary>frame_max proposed in connection.tune, bytes; 0: no limit is announced and 131072 is kept internally.</summary>
    public int FrameMax { get; init; } = 131072;

    /// <summary>Largest frame accepted before connection.open, bytes (initial_frame_max).</summary>
    public int InitialFrameMax { get; init; } = 8192;

    /// <summary>Heartbeat interval proposed in connection.tune, seconds; 0: none.</summary>
    public ushort HeartbeatSeconds { get; init; } = 60;

    /// <summary>Milliseconds from the first byte to connection.open (handshake_timeout).</summary>
    public int HandshakeTimeoutMs { get; init; } = 10_000;

    /// <summary>Largest message body, bytes (max_message_size).</summary>
    public int MaxMessageSize { get; init; } = 16 * 1024 * 1024;

    /// <summary>Milliseconds a delivery may stay unacknowledged (consumer_timeout); 0: for ever.</summary>
    public long ConsumerTimeoutMs { get; init; } = 1_800_000;

    /// <summary>Bytes of publishes one transaction may hold.</summary>
    public long TransactionBytesMax { get; init; } = 40L * 1024 * 1024;

    /// <summary>The product clients are told; some of them look for RabbitMQ (warren.product).</summary>
    public string Product { get; init; } = "RabbitMQ";

    /// <summary>The version clients are told: the RabbitMQ version whose behaviour they may rely on.</summary>
    public string Version { get; init; } = "4.1.0";

    /// <summary>The cluster name clients are told.</summary>
    public string ClusterName { get; init; } = "warren";
}
