namespace Warren.Core.Metrics;

/// <summary>How many connections, channels and queues came and went since the start.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class Churn
{
    /// <summary>How many numbers there are.</summary>
    internal const int Length = 7;

    private readonly long[] _counts = new long[Length];

    /// <summary>Connections opened.</summary>
    public long ConnectionsCreated => Volatile.Read(ref _counts[0]);

    /// <summary>Connections closed.</summary>
    public long ConnectionsClosed => Volatile.Read(ref _counts[1]);

    /// <summary>Channels opened.</summary>
    public long ChannelsCreated => Volatile.Read(ref _counts[2]);

    /// <summary>Channels closed.</summary>
    public long ChannelsClosed => Volatile.Read(ref _counts[3]);

    /// <summary>Queues declared, those that existed included.</summary>
    public long QueuesDeclared => Volatile.Read(ref _counts[4]);

    /// <summary>Queues created.</summary>
    public long QueuesCreated => Volatile.Read(ref _counts[5]);

    /// <summary>Queues deleted.</summary>
    public long QueuesDeleted => Volatile.Read(ref _counts[6]);

    /// <summary>A connection was opened.</summary>
    public void ConnectionCreated() => Interlocked.Increment(ref _counts[0]);

    /// <summary>A connection was closed.</summary>
    public void ConnectionClosed() => Interlocked.Increment(ref _counts[1]);

    /// <summary>A channel was opened.</summary>
    public void ChannelCreated() => Interlocked.Increment(ref _counts[2]);

    /// <summary>A channel was closed.</summary>
    public void ChannelClosed() => Interlocked.Increment(ref _counts[3]);

    internal void QueueDeclared() => Interlocked.Increment(ref _counts[4]);

    internal void QueueCreated() => Interlocked.Increment(ref _counts[5]);

    internal void QueueDeleted() => Interlocked.Increment(ref _counts[6]);

    /// <summary>Copies the numbers in the order of RabbitMQ's <c>churn_rates</c>.</summary>
    internal void CopyTo(Span<long> destination) => _counts.CopyTo(destination);
}
