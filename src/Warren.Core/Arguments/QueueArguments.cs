using Warren.Buffers.Fields;
using Names = Warren.Core.Arguments.QueueArgumentNames;

namespace Warren.Core.Arguments;

/// <summary>The arguments of queue.declare, checked and typed. Null: not given.</summary>
/// <remarks>Arguments nobody knows are accepted, kept in <see cref="Table"/> and never compared.</remarks>
public sealed record QueueArguments
{
    /// <summary>Deliveries after which a quorum queue gives a message up, when its arguments say nothing.</summary>
    public const int DefaultQuorumDeliveryLimit = 20;

    /// <summary>The arguments of a classic queue declared without any.</summary>
    public static QueueArguments None { get; } = new();

    /// <summary>The arguments as they were given, for listings and for comparing.</summary>
    public FieldTable Table { get; init; } = FieldTable.Empty;

    /// <summary><c>x-queue-type</c>.</summary>
    public QueueKind Kind { get; init; }

    /// <summary><c>x-message-ttl</c>: milliseconds a message lives in the queue.</summary>
    public long? MessageTtlMs { get; init; }

    /// <summary><c>x-expires</c>: milliseconds without use after which the queue is deleted; at least 1.</summary>
    public long? ExpiresMs { get; init; }

    /// <summary><c>x-max-length</c>: ready messages.</summary>
    public long? MaxLength { get; init; }

    /// <summary><c>x-max-length-bytes</c>: bytes of ready message bodies.</summary>
    public long? MaxLengthBytes { get; init; }

    /// <summary><c>x-overflow</c>; the head is dropped when it is not given.</summary>
    public OverflowBehaviour Overflow { get; init; }

    /// <summary>Whether <c>x-overflow</c> is given, so that no policy sets it.</summary>
    public bool HasOverflow => Table.TryGet(Names.Overflow, out _);

    /// <summary>Whether <c>x-delivery-limit</c> is given.</summary>
    public bool HasDeliveryLimit => Table.TryGet(Names.DeliveryLimit, out _);

    /// <summary><c>x-dead-letter-exchange</c>; the empty name is the default exchange.</summary>
    public string? DeadLetterExchange { get; init; }

    /// <summary><c>x-dead-letter-routing-key</c>: in place of the message's own keys.</summary>
    public string? DeadLetterRoutingKey { get; init; }

    /// <summary><c>x-dead-letter-strategy</c>.</summary>
    public DeadLetterStrategy? DeadLetterStrategy { get; init; }

    /// <summary><c>x-max-priority</c>: highest priority told apart, 0 to 255.</summary>
    public int? MaxPriority { get; init; }

    /// <summary><c>x-single-active-consumer</c>.</summary>
    public bool SingleActiveConsumer { get; init; }

    /// <summary><c>x-delivery-limit</c>, for a quorum queue 20 when not given; null when below zero, that is without limit.</summary>
    public int? DeliveryLimit { get; init; }

    /// <summary><c>x-consumer-timeout</c>: milliseconds a delivery may stay unacknowledged.</summary>
    public long? ConsumerTimeoutMs { get; init; }

    /// <summary><c>x-consumer-disconnected-timeout</c>: milliseconds a lost consumer keeps its messages.</summary>
    public long? ConsumerDisconnectedTimeoutMs { get; init; }

    /// <summary><c>x-delayed-retry-type</c>.</summary>
    public DelayedRetry? DelayedRetry { get; init; }

    /// <summary><c>x-delayed-retry-min</c>: milliseconds per delivery so far.</summary>
    public long? DelayedRetryMinMs { get; init; }

    /// <summary><c>x-delayed-retry-max</c>: milliseconds.</summary>
    public long? DelayedRetryMaxMs { get; init; }

    /// <summary><c>x-queue-mode</c>: <c>default</c> or <c>lazy</c>, without effect.</summary>
    public string? QueueMode { get; init; }

    /// <summary><c>x-queue-version</c>: 1 or 2, without effect.</summary>
    public int? QueueVersion { get; init; }

    /// <summary><c>x-queue-leader-locator</c>: where the leader of a new queue goes.</summary>
    public string? QueueLeaderLocator { get; init; }

    /// <summary><c>x-quorum-initial-group-size</c> or <c>x-initial-cluster-size</c>: members of a new queue.</summary>
    public long? InitialGroupSize { get; init; }

    /// <summary><c>x-max-age</c> of a stream, milliseconds.</summary>
    public long? MaxAgeMs { get; init; }

    /// <summary><c>x-stream-max-segment-size-bytes</c>.</summary>
    public long? StreamMaxSegmentSizeBytes { get; init; }

    /// <summary><c>x-stream-filter-size-bytes</c>: 16 to 255.</summary>
    public int? StreamFilterSizeBytes { get; init; }

    /// <summary>Checks and reads the arguments of a new queue.</summary>
    /// <param name="arguments">The arguments as they came.</param>
    /// <param name="properties">The other properties it is declared with.</param>
    /// <param name="queue">Its name, for the texts.</param>
    /// <param name="virtualHost">Its virtual host, for the texts.</param>
    /// <exception cref="BrokerError">406: a value, a combination or a property does not fit.</exception>
    public static QueueArguments Parse(
        FieldTable arguments,
        in QueueProperties properties,
        string queue,
        string virtualHost)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return QueueArgumentChecks.Read(arguments, properties, queue, virtualHost);
    }

    /// <summary>Bytes a routing key has at most, where a declaration or a policy names one.</summary>
    public const int RoutingKeyMax = byte.MaxValue;

    /// <summary>
    /// Refuses what a new queue may not have and one declared by an earlier version may: it is not asked of what is stored.
    /// </summary>
    /// <exception cref="BrokerError">406: the dead-letter routing key is longer than a routing key can be.</exception>
    public static void CheckNew(QueueArguments parsed, string queue, string virtualHost)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        if (parsed.DeadLetterRoutingKey is { } key && System.Text.Encoding.UTF8.GetByteCount(key) > RoutingKeyMax)
        {
            throw QueueArgumentChecks.Invalid(
                QueueArgumentNames.DeadLetterRoutingKey, $"queue '{queue}' in vhost '{virtualHost}'", "routing_key_too_long");
        }
    }

    /// <summary>What a word for <c>x-overflow</c> means for a type of queue.</summary>
    public static OverflowBehaviour OverflowOf(string? word, QueueKind kind) => word switch
    {
        "reject-publish" => OverflowBehaviour.RejectPublish,
        // a quorum queue accepts the word and drops its head, as RabbitMQ's does
        "reject-publish-dlx" when kind == QueueKind.Classic => OverflowBehaviour.RejectPublishDlx,
        _ => OverflowBehaviour.DropHead,
    };

    /// <summary>The type of queue a name stands for.</summary>
    public static bool TryParseKind(string name, out QueueKind kind)
    {
        (bool known, kind) = name switch
        {
            "classic" => (true, QueueKind.Classic),
            "quorum" => (true, QueueKind.Quorum),
            "stream" => (true, QueueKind.Stream),
            _ => (false, QueueKind.Classic),
        };
        return known;
    }

    /// <summary>The name of a type of queue.</summary>
    public static string NameOf(QueueKind kind) => kind switch
    {
        QueueKind.Quorum => "quorum",
        QueueKind.Stream => "stream",
        _ => "classic",
    };

    /// <summary>The type of queue the arguments ask for; classic when they do not say or say nothing known.</summary>
    public static QueueKind KindOf(FieldTable arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return arguments.TryGet(Names.QueueType, out FieldValue type) && TryParseKind(type.AsText(), out QueueKind kind)
            ? kind
            : QueueKind.Classic;
    }

    /// <summary>The arguments with the virtual host's default queue type, where it applies: durable, shared, kept.</summary>
    /// <remarks>To be used for declaring and for comparing, else a redeclaration without the argument would differ.</remarks>
    public static FieldTable WithDefaultKind(FieldTable arguments, in QueueProperties properties, QueueKind defaultKind)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        bool applies = defaultKind != QueueKind.Classic
            && properties is { Durable: true, Exclusive: false, AutoDelete: false }
            && !arguments.TryGet(Names.QueueType, out _);
        if (!applies)
        {
            return arguments;
        }

        var extended = new FieldTable();
        foreach (KeyValuePair<string, FieldValue> field in arguments.Fields)
        {
            extended.Add(field.Key, field.Value);
        }

        extended.Add(Names.QueueType, FieldValue.Of(NameOf(defaultKind)));
        return extended;
    }
}
