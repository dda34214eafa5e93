using Warren.Buffers.Fields;

namespace Warren.Core.Arguments;

/// <summary>The types of queue a client can ask for (x-queue-type).</summary>
public enum QueueKind
{
    /// <summary>A classic queue.</summary>
    Classic,

    /// <summary>A quorum queue: always durable, counts deliveries.</summary>
    Quorum,

    /// <summary>A stream.</summary>
    Stream,
}

/// <summary>What gives way when a queue is full (x-overflow).</summary>
public enum OverflowBehaviour
{
    /// <summary>The oldest message.</summary>
    DropHead,

    /// <summary>The new message: its publisher gets a nack.</summary>
    RejectPublish,

    /// <summary>The same, and the new message is dead-lettered.</summary>
    RejectPublishDlx,
}

/// <summary>The properties of a declaration that its arguments must fit.</summary>
public readonly record struct QueueProperties(bool Durable, bool Exclusive, bool AutoDelete);

/// <summary>The arguments of queue.declare with their meaning; null where none was given.</summary>
public sealed record QueueArguments
{
    private const long LongestMs = 315_360_000_000; // ten years
    private const int HighestPriority = 255;
    private const int DefaultDeliveryLimit = 20;

    private static readonly HashSet<string> ClassicOnly = ["x-max-priority", "x-queue-mode", "x-queue-version"];

    private static readonly HashSet<string> QuorumOnly =
    [
        "x-delivery-limit", "x-dead-letter-strategy", "x-quorum-initial-group-size", "x-max-in-memory-length",
        "x-max-in-memory-bytes", "x-consumer-timeout",
    ];

    private static readonly HashSet<string> StreamOnly =
        ["x-max-age", "x-stream-max-segment-size-bytes", "x-stream-filter-size-bytes", "x-initial-cluster-size"];

    private static readonly HashSet<string> NotForStreams =
    [
        "x-expires", "x-message-ttl", "x-dead-letter-exchange", "x-dead-letter-routing-key", "x-max-length", "x-overflow",
        "x-single-active-consumer",
    ];

    /// <summary>x-queue-type.</summary>
    public QueueKind Kind { get; private init; }

    /// <summary>x-message-ttl, milliseconds.</summary>
    public long? MessageTtlMs { get; private init; }

    /// <summary>x-expires, milliseconds.</summary>
    public long? ExpiresMs { get; private init; }

    /// <summary>x-max-length, ready messages.</summary>
    public long? MaxLength { get; private init; }

    /// <summary>x-max-length-bytes, bytes of ready bodies.</summary>
    public long? MaxLengthBytes { get; private init; }

    /// <summary>x-overflow.</summary>
    public OverflowBehaviour Overflow { get; private init; }

    /// <summary>x-dead-letter-exchange; may be the empty name.</summary>
    public string? DeadLetterExchange { get; private init; }

    /// <summary>x-dead-letter-routing-key.</summary>
    public string? DeadLetterRoutingKey { get; private init; }

    /// <summary>x-max-priority.</summary>
    public int? MaxPriority { get; private init; }

    /// <summary>x-single-active-consumer.</summary>
    public bool SingleActiveConsumer { get; private init; }

    /// <summary>x-delivery-limit; 20 for quorum queues unless given, -1 for none.</summary>
    public int? DeliveryLimit { get; private init; }

    /// <summary>x-consumer-timeout, milliseconds.</summary>
    public long? ConsumerTimeoutMs { get; private init; }

    /// <summary>Reads and checks the arguments.</summary>
    /// <exception cref="BrokerError">406 with RabbitMQ's text.</exception>
    public static QueueArguments Parse(FieldTable arguments, in QueueProperties properties, string queue, string vhost)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var reader = new ArgumentChecker(arguments, queue, vhost);
        QueueKind kind = ReadKind(reader);
        CheckFits(reader, kind, properties);
        string? deadLetterExchange = reader.DeadLetterExchange();
        string? deadLetterKey = reader.Text("x-dead-letter-routing-key");
        if (deadLetterKey is not null && deadLetterExchange is null)
        {
            throw reader.Invalid("x-dead-letter-routing-key", "routing_key_but_no_dlx_defined");
        }

        reader.QueueMode();
        long? limit = reader.Integer("x-delivery-limit", -1, int.MaxValue);
        return new QueueArguments
        {
            Kind = kind,
            MessageTtlMs = reader.Integer("x-message-ttl", 0, LongestMs),
            ExpiresMs = reader.Integer("x-expires", 1, LongestMs),
            MaxLength = reader.Integer("x-max-length", 0, long.MaxValue),
            MaxLengthBytes = reader.Integer("x-max-length-bytes", 0, long.MaxValue),
            Overflow = ReadOverflow(reader, kind),
            DeadLetterExchange = deadLetterExchange,
            DeadLetterRoutingKey = deadLetterKey,
            MaxPriority = (int?)reader.Integer("x-max-priority", 0, HighestPriority),
            SingleActiveConsumer = reader.Flag("x-single-active-consumer"),
            DeliveryLimit = kind == QueueKind.Quorum ? (int)(limit ?? DefaultDeliveryLimit) : null,
            ConsumerTimeoutMs = reader.Integer("x-consumer-timeout", 0, LongestMs),
        };
    }

    private static QueueKind ReadKind(ArgumentChecker reader) => reader.Text("x-queue-type") switch
    {
        null or "classic" => QueueKind.Classic,
        "quorum" => QueueKind.Quorum,
        "stream" => QueueKind.Stream,
        string other => throw reader.Invalid("x-queue-type", $"\"unsupported queue type '{other}'\""),
    };

    private static OverflowBehaviour ReadOverflow(ArgumentChecker reader, QueueKind kind) => reader.Text("x-overflow") switch
    {
        null or "drop-head" => OverflowBehaviour.DropHead,
        "reject-publish" => OverflowBehaviour.RejectPublish,
        "reject-publish-dlx" when kind == QueueKind.Classic => OverflowBehaviour.RejectPublishDlx,
        _ => throw reader.Invalid("x-overflow", "invalid_overflow"),
    };

    private static void CheckFits(ArgumentChecker reader, QueueKind kind, in QueueProperties properties)
    {
        foreach (KeyValuePair<string, FieldValue> argument in reader.Arguments.Fields)
        {
            bool fits = kind switch
            {
                QueueKind.Classic => !QuorumOnly.Contains(argument.Key) && !StreamOnly.Contains(argument.Key),
                QueueKind.Quorum => !ClassicOnly.Contains(argument.Key) && !StreamOnly.Contains(argument.Key),
                _ => !ClassicOnly.Contains(argument.Key) && !QuorumOnly.Contains(argument.Key)
                    && !NotForStreams.Contains(argument.Key),
            };
            if (!fits)
            {
                throw reader.NotOfType(argument.Key, kind);
            }
        }

        if (kind != QueueKind.Classic && !properties.Durable)
        {
            throw reader.InvalidProperty("non-durable");
        }

        if (kind != QueueKind.Classic && properties.Exclusive)
        {
            throw reader.InvalidProperty("exclusive-owner");
        }
    }
}
