using Warren.Core.Arguments;
using Warren.Core.Policies;

namespace Warren.Core.Queues;

/// <summary>The limits in force for a queue: its arguments, and later its policies.</summary>
/// <param name="MaxLength">Ready messages; null: no limit.</param>
/// <param name="MaxLengthBytes">Bytes of ready bodies; null: no limit.</param>
/// <param name="Overflow">What gives way when a limit is reached.</param>
/// <param name="MessageTtlMs">Milliseconds a message waits at most; null: for ever.</param>
/// <param name="ExpiresMs">Milliseconds the queue stays unused before it is deleted; null: for ever.</param>
/// <param name="DeadLetterExchange">Where dropped messages go; null: nowhere.</param>
/// <param name="DeadLetterRoutingKey">Their routing key; null: their own.</param>
/// <param name="DeliveryLimit">Deliveries that may come back before a message is dropped; null: no limit.</param>
/// <param name="ConsumerTimeoutMs">Milliseconds a delivery may stay unacknowledged; null: as the broker says.</param>
public sealed record QueueLimits(
    long? MaxLength,
    long? MaxLengthBytes,
    OverflowBehaviour Overflow,
    long? MessageTtlMs,
    long? ExpiresMs,
    string? DeadLetterExchange,
    string? DeadLetterRoutingKey,
    int? DeliveryLimit,
    long? ConsumerTimeoutMs)
{
    /// <summary>What arguments and policies give together: of two numbers the smaller, else the argument.</summary>
    public static QueueLimits From(QueueArguments arguments, PolicyDefinition policy)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        ArgumentNullException.ThrowIfNull(policy);
        bool isQuorum = arguments.Kind == QueueKind.Quorum;
        return new QueueLimits(
            Smaller(arguments.MaxLength, policy.Number("max-length")),
            Smaller(arguments.MaxLengthBytes, policy.Number("max-length-bytes")),
            arguments.HasOverflow ? arguments.Overflow : QueueArguments.OverflowOf(policy.Text("overflow"), arguments.Kind),
            Smaller(arguments.MessageTtlMs, policy.Number("message-ttl")),
            Smaller(arguments.ExpiresMs, policy.Number("expires")),
            arguments.DeadLetterExchange ?? policy.Text("dead-letter-exchange"),
            arguments.DeadLetterRoutingKey ?? policy.Text("dead-letter-routing-key"),
            isQuorum ? DeliveryLimitOf(arguments, policy.Number("delivery-limit")) : null,
            Smaller(arguments.ConsumerTimeoutMs, policy.Number("consumer-timeout")));
    }

    private static long? Smaller(long? a, long? b) => a is null || b < a ? b ?? a : a;

    // The default of a quorum queue gives way to a policy, in both directions; below zero there is no limit.
    private static int? DeliveryLimitOf(QueueArguments arguments, long? policy)
    {
        long? limit = arguments.HasDeliveryLimit
            ? Smaller(arguments.DeliveryLimit, policy < 0 ? null : policy)
            : policy ?? arguments.DeliveryLimit;
        return limit is null or < 0 ? null : (int)Math.Min(limit.Value, int.MaxValue);
    }

    /// <summary>Whether a full queue turns publishers away instead of dropping its oldest message.</summary>
    public bool RejectsPublish => Overflow != OverflowBehaviour.DropHead && (MaxLength is not null || MaxLengthBytes is not null);

    /// <summary>Milliseconds a message may wait; below zero: for ever.</summary>
    /// <param name="ttlMs">Its own time to live; below zero: none.</param>
    public long TtlOf(long ttlMs) =>
        MessageTtlMs is { } ofQueue && (ttlMs < 0 || ofQueue < ttlMs) ? ofQueue : ttlMs;

    /// <summary>Whether this many messages and bytes are more than allowed.</summary>
    public bool IsExceededBy(long messages, long bytes) =>
        (MaxLength is { } length && messages > length) || (MaxLengthBytes is { } size && bytes > size);
}
