using Warren.Core.Metrics;

namespace Warren.Core.Queues;

/// <summary>What one queue counts of its messages.</summary>
/// <remarks>Counted under the queue's lock.</remarks>
internal sealed class QueueStatistics
{
    private MessageCounts _counts;
    private NeighbourTable? _incoming;

    /// <summary>The counts; read under the queue's lock or a little stale.</summary>
    public MessageCounts Counts => _counts;

    /// <summary>The rates of the last minutes.</summary>
    public ObjectHistory History { get; } = new(Series.QueueCount);

    /// <summary>What came from each exchange; null: nothing yet.</summary>
    public NeighbourTable? Incoming => _incoming;

    public void OnPublished(ReadOnlySpan<byte> exchange)
    {
        _counts.Of(MessageCounter.Publish)++;
        (_incoming ??= new NeighbourTable()).Of(exchange)?.Count(MessageCounter.Publish);
    }

    public void OnDelivered(bool noAck, bool redelivered)
    {
        _counts.Of(noAck ? MessageCounter.DeliverNoAck : MessageCounter.Deliver)++;
        _counts.Of(MessageCounter.Redeliver) += redelivered ? 1 : 0;
    }

    public void OnTaken(bool noAck, bool redelivered)
    {
        _counts.Of(noAck ? MessageCounter.GetNoAck : MessageCounter.Get)++;
        _counts.Of(MessageCounter.Redeliver) += redelivered ? 1 : 0;
    }

    public void OnNothingToTake() => _counts.Of(MessageCounter.GetEmpty)++;

    public void OnAcknowledged(long count) => _counts.Of(MessageCounter.Ack) += count;

    /// <summary>Keeps a sample for the rates, if there is anything to see. On the collector's thread.</summary>
    public void Sample(in QueueCounts state, in MessageCounts counts, long nowMs, SampleSpan span)
    {
        if (!History.IsDue(counts.Sum + state.Ready + state.Unacked))
        {
            return;
        }

        Span<long> values = stackalloc long[Series.QueueCount];
        counts.CopyTo(values);
        values[Series.Ready] = state.Ready;
        values[Series.Unacknowledged] = state.Unacked;
        values[Series.Messages] = state.Ready + state.Unacked;
        History.Add(nowMs, values, span);
        _incoming?.Sample(nowMs);
    }
}
