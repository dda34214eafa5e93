namespace Warren.Core.Arguments;

/// <summary>The arguments of queue.declare that mean something.</summary>
public static class QueueArgumentNames
{
    public const string QueueType = "x-queue-type";
    public const string Expires = "x-expires";
    public const string MessageTtl = "x-message-ttl";
    public const string DeadLetterExchange = "x-dead-letter-exchange";
    public const string DeadLetterRoutingKey = "x-dead-letter-routing-key";
    public const string DeadLetterStrategy = "x-dead-letter-strategy";
    public const string MaxLength = "x-max-length";
    public const string MaxLengthBytes = "x-max-length-bytes";
    public const string MaxInMemoryLength = "x-max-in-memory-length";
    public const string MaxInMemoryBytes = "x-max-in-memory-bytes";
    public const string Overflow = "x-overflow";
    public const string MaxPriority = "x-max-priority";
    public const string QueueMode = "x-queue-mode";
    public const string QueueVersion = "x-queue-version";
    public const string SingleActiveConsumer = "x-single-active-consumer";
    public const string DeliveryLimit = "x-delivery-limit";
    public const string ConsumerTimeout = "x-consumer-timeout";
    public const string ConsumerDisconnectedTimeout = "x-consumer-disconnected-timeout";
    public const string DelayedRetryType = "x-delayed-retry-type";
    public const string DelayedRetryMin = "x-delayed-retry-min";
    public const string DelayedRetryMax = "x-delayed-retry-max";
    public const string QuorumInitialGroupSize = "x-quorum-initial-group-size";
    public const string MemberPlacementTag = "x-member-placement-tag";
    public const string QueueLeaderLocator = "x-queue-leader-locator";
    public const string QueueMasterLocator = "x-queue-master-locator";
    public const string MaxAge = "x-max-age";
    public const string StreamMaxSegmentSizeBytes = "x-stream-max-segment-size-bytes";
    public const string StreamFilterSizeBytes = "x-stream-filter-size-bytes";
    public const string InitialClusterSize = "x-initial-cluster-size";
}
