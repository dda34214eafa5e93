using Warren.Buffers.Fields;
using Names = Warren.Core.Arguments.QueueArgumentNames;

namespace Warren.Core.Arguments;

/// <summary>What is known of one argument of queue.declare: which types of queue take it and which values it takes.</summary>
internal sealed record QueueArgumentRule(string Name, QueueKinds Kinds, Func<FieldValue, string?> Check)
{
    /// <summary>All rules, in the order in which RabbitMQ checks them: of two faults the same one is reported.</summary>
    public static IReadOnlyList<QueueArgumentRule> All { get; } =
    [
        new(Names.Expires, QueueKinds.ClassicQuorum, ArgumentReason.Expiry),
        new(Names.MessageTtl, QueueKinds.ClassicQuorum, ArgumentReason.TimeToLive),
        new(Names.DeadLetterExchange, QueueKinds.ClassicQuorum, ArgumentReason.Text),
        new(Names.DeadLetterRoutingKey, QueueKinds.ClassicQuorum, ArgumentReason.Text),
        new(
            Names.DeadLetterStrategy,
            QueueKinds.Quorum,
            ArgumentReason.OneOf("invalid_dlx_strategy", "at-most-once", "at-least-once")),
        new(Names.MaxLength, QueueKinds.ClassicQuorum, ArgumentReason.NotNegative),
        new(Names.MaxLengthBytes, QueueKinds.All, ArgumentReason.NotNegative),
        new(Names.MaxInMemoryLength, QueueKinds.Quorum, ArgumentReason.NotNegative),
        new(Names.MaxInMemoryBytes, QueueKinds.Quorum, ArgumentReason.NotNegative),
        new(Names.MaxPriority, QueueKinds.Classic, ArgumentReason.Priority),
        new(
            Names.Overflow,
            QueueKinds.ClassicQuorum,
            ArgumentReason.OneOf("invalid_overflow", "drop-head", "reject-publish", "reject-publish-dlx")),
        new(Names.QueueMode, QueueKinds.Classic, ArgumentReason.QueueMode),
        new(Names.QueueVersion, QueueKinds.Classic, ArgumentReason.QueueVersion),
        new(Names.SingleActiveConsumer, QueueKinds.ClassicQuorum, ArgumentReason.Boolean),
        new(Names.DeliveryLimit, QueueKinds.Quorum, ArgumentReason.Integer),
        new(Names.ConsumerTimeout, QueueKinds.Quorum, ArgumentReason.NotNegative),
        new(Names.ConsumerDisconnectedTimeout, QueueKinds.Quorum, ArgumentReason.NotNegative),
        new(Names.QueueType, QueueKinds.All, ArgumentReason.QueueType),
        new(Names.QuorumInitialGroupSize, QueueKinds.Quorum, ArgumentReason.Positive),
        new(Names.MaxAge, QueueKinds.Stream, ArgumentReason.MaxAge),
        new(Names.StreamMaxSegmentSizeBytes, QueueKinds.Stream, ArgumentReason.NotNegative),
        new(Names.StreamFilterSizeBytes, QueueKinds.Stream, ArgumentReason.NotNegative),
        new(Names.InitialClusterSize, QueueKinds.Stream, ArgumentReason.Positive),
        new(
            Names.QueueLeaderLocator,
            QueueKinds.All,
            ArgumentReason.OneOf("invalid_queue_locator_arg", "client-local", "balanced", "random", "least-leaders")),
        new(Names.MemberPlacementTag, QueueKinds.Quorum, ArgumentReason.NotEmpty),
        new(
            Names.DelayedRetryType,
            QueueKinds.Quorum,
            ArgumentReason.OneOf("invalid_delayed_retry_type", "disabled", "all", "failed", "returned")),
        new(Names.DelayedRetryMin, QueueKinds.Quorum, ArgumentReason.NotNegative),
        new(Names.DelayedRetryMax, QueueKinds.Quorum, ArgumentReason.NotNegative),
        new(Names.QueueMasterLocator, QueueKinds.Classic, ArgumentReason.Text),
    ];

    /// <summary>True when queues of that type take the argument.</summary>
    public bool AppliesTo(QueueKind kind) => Kinds.Includes(kind);
}
