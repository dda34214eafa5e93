using Warren.Buffers;

namespace Warren.Core.Queues;

/// <summary>What operators do to a queue, and what they ask of its consumers.</summary>
/// <remarks>Thread-safe.</remarks>
public static class QueueControl
{
    /// <summary>Whether deliveries to consumers are stopped.</summary>
    public static bool IsPaused(this MessageQueue queue)
    {
        QueueParts parts = PartsOf(queue);
        lock (parts.Lock)
        {
            return parts.Consumers.Paused;
        }
    }

    /// <summary>Stops deliveries to consumers, or lets them go on. Meanwhile a get finds nothing; publishing and
    /// acknowledging are not touched.</summary>
    /// <remarks>Lasts until it is undone, for a durable queue over restarts too.</remarks>
    /// <exception cref="IOException">It could not be stored; nothing has changed.</exception>
    public static void SetPaused(this MessageQueue queue, Broker broker, bool paused)
    {
        ArgumentNullException.ThrowIfNull(broker);
        broker.Pauses.Set(queue, paused);
    }

    internal static void Pause(this MessageQueue queue, bool paused)
    {
        QueueParts parts = PartsOf(queue);
        lock (parts.Lock)
        {
            parts.Consumers.Paused = paused;
        }

        var flush = new FlushSet();
        queue.PutBack([], flush);
        flush.FlushAll();
    }

    /// <summary>The tag of the consumer that has the queue for itself; null: none has.</summary>
    public static string? ExclusiveConsumerTag(this MessageQueue queue)
    {
        QueueParts parts = PartsOf(queue);
        lock (parts.Lock)
        {
            return parts.Consumers.HasExclusive ? parts.Consumers.All[0].Tag : null;
        }
    }

    /// <summary>The tag of the one consumer that gets messages; null: the queue is not of that kind, or has none.</summary>
    public static string? SingleActiveConsumerTag(this MessageQueue queue)
    {
        QueueParts parts = PartsOf(queue);
        lock (parts.Lock)
        {
            return parts.Consumers.SingleActive ? parts.Consumers.Active?.Tag : null;
        }
    }

    private static QueueParts PartsOf(MessageQueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        return queue.Parts;
    }
}
