using Warren.Buffers;

namespace Warren.Core.Queues;

/// <summary>Short words for <see cref="MessageQueue.Settle"/>.</summary>
public static class QueueSettlements
{
    /// <summary>The messages are done with.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="positions">Positions handed to one consumer or getter.</param>
    /// <param name="flush">Collects the outputs to flush.</param>
    /// <param name="releaseInLog">False when the caller has already released them in the log, as tx.commit does.</param>
    public static void Acknowledge(this MessageQueue queue, ReadOnlySpan<long> positions, FlushSet flush, bool releaseInLog = true)
    {
        ArgumentNullException.ThrowIfNull(queue);
        queue.Settle(positions, Settlement.Accepted with { IsGivenBack = !releaseInLog }, flush);
    }

    /// <summary>The messages come back to their places and are delivered again.</summary>
    public static void Requeue(this MessageQueue queue, ReadOnlySpan<long> positions, FlushSet flush)
    {
        ArgumentNullException.ThrowIfNull(queue);
        queue.Settle(positions, Settlement.Returned, flush);
    }

    /// <summary>The messages are refused: dead-lettered, or dropped.</summary>
    public static void Reject(this MessageQueue queue, ReadOnlySpan<long> positions, FlushSet flush)
    {
        ArgumentNullException.ThrowIfNull(queue);
        queue.Settle(positions, Settlement.Rejected, flush);
    }

    /// <summary>Deliveries come back to their places without counting as returned, and the consumers are served.</summary>
    public static void PutBack(this MessageQueue queue, ReadOnlySpan<long> positions, FlushSet flush)
    {
        ArgumentNullException.ThrowIfNull(queue);
        queue.Settle(positions, Settlement.Released, flush);
    }
}
