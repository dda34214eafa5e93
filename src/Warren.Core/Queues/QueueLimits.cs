using Warren.Core.Arguments;

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
public sealed record QueueLimits(
    long? MaxLength,
    long? MaxLengthBytes,
    OverflowBehaviour Overflow,
    long? MessageTtlMs,
    long? ExpiresMs,
    string? DeadLetterExchange,
    string? DeadLetterRoutingKey,
    int? DeliveryLimit)
{
    /// <summary>The limits that arguments alone give.</summary>
    public static QueueLimits From(QueueArguments arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return new QueueLimits(
            arguments.MaxLength,
            arguments.MaxLengthBytes,
            arguments.Overflow,
            arguments.MessageTtlMs,
            arguments.ExpiresMs,
            arguments.DeadLetterExchange,
            arguments.DeadLetterRoutingKey,
            arguments.DeliveryLimit);
    }

    /// <summary>Whether a full queue turns publishers away instead of dropping its oldest message.</summary>
    public bool RejectsPublish => Overflow != OverflowBehaviour.DropHead && (MaxLength is not null || MaxLengthBytes is not null);

    /// <summary>Whether this many messages and bytes are more than allowed.</summary>
    public bool IsExceededBy(long messages, long bytes) =>
        (MaxLength is { } length && messages > length) || (MaxLengthBytes is { } size && bytes > size);
}
