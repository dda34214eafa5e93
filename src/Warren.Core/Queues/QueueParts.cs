namespace Warren.Core.Queues;

/// <summary>The inside of a queue, for reading: <see cref="Lock"/> is held while any other part is touched.</summary>
/// <param name="Lock">The queue's lock.</param>
/// <param name="Rings">The entries.</param>
/// <param name="Consumers">The consumers.</param>
/// <param name="Pager">Reads bodies that are not in memory; under its own lock, which comes before the queue's.</param>
internal readonly record struct QueueParts(Lock Lock, PriorityRings Rings, ConsumerSet Consumers, QueuePager Pager);
