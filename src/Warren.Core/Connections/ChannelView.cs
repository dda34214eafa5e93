using Warren.Buffers.Fields;

namespace Warren.Core.Connections;

/// <summary>A channel at one moment.</summary>
public sealed record ChannelView
{
    /// <summary><c>running</c>, <c>flow</c> or <c>closing</c>.</summary>
    public required string State { get; init; }

    /// <summary>Whether the publisher asked for confirms.</summary>
    public bool Confirm { get; init; }

    /// <summary>Whether it is in transactions.</summary>
    public bool Transactional { get; init; }

    /// <summary>Consumers on it.</summary>
    public int ConsumerCount { get; init; }

    /// <summary>basic.qos for new consumers; 0: no limit.</summary>
    public int PrefetchCount { get; init; }

    /// <summary>basic.qos of the whole channel; 0: no limit.</summary>
    public int GlobalPrefetchCount { get; init; }

    /// <summary>Deliveries not acknowledged yet.</summary>
    public long Unacknowledged { get; init; }

    /// <summary>Publishes not confirmed yet.</summary>
    public long Unconfirmed { get; init; }

    /// <summary>Publishes in the transaction.</summary>
    public int Uncommitted { get; init; }

    /// <summary>Acknowledgements in the transaction.</summary>
    public int AcksUncommitted { get; init; }
}

/// <summary>A consumer at one moment.</summary>
public sealed record ConsumerView
{
    /// <summary>Its tag.</summary>
    public required string Tag { get; init; }

    /// <summary>The queue it takes from.</summary>
    public required string Queue { get; init; }

    /// <summary>Whether it acknowledges.</summary>
    public bool AckRequired { get; init; }

    /// <summary>Deliveries it may hold; 0: no limit.</summary>
    public int PrefetchCount { get; init; }

    /// <summary>Whether it alone may consume the queue.</summary>
    public bool Exclusive { get; init; }

    /// <summary>Whether it gets messages: of a single active consumer queue only one does.</summary>
    public bool IsActive { get; init; }

    /// <summary>The arguments of basic.consume.</summary>
    public required FieldTable Arguments { get; init; }

    /// <summary>Milliseconds a delivery may stay unacknowledged; 0: for ever.</summary>
    public long TimeoutMs { get; init; }
}
