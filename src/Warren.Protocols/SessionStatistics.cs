using Warren.Core;
using Warren.Core.Metrics;

namespace Warren.Protocols;

/// <summary>What one channel or session counts of its messages.</summary>
/// <remarks>
/// Publishes, returns and acknowledgements are counted on the read loop, deliveries and confirms under the output's lock:
/// each number has one writer at a time.
/// </remarks>
public sealed class SessionStatistics
{
    private MessageCounts _counts;
    private MessageSizes _sizes;
    private ObjectHistory? _history;
    private volatile bool _retired;

    /// <summary>The counts; nothing once they have been handed over to the virtual host's totals.</summary>
    public MessageCounts Counts => _retired ? default : _counts;

    /// <summary>The sizes of what was published; nothing once they have been handed over.</summary>
    public MessageSizes Sizes => _retired ? default : _sizes;

    /// <summary>The rates of the last minute.</summary>
    public ObjectHistory History => _history ??= new ObjectHistory(MessageCounts.Length);

    /// <summary>What was published to each exchange. Added to by the read loop.</summary>
    public NeighbourTable Publishes { get; } = new();

    /// <summary>What was taken from each queue. Added to by the read loop.</summary>
    public NeighbourTable Deliveries { get; } = new();

    /// <summary>A message came from the client; the exchange is null for the direct reply-to.</summary>
    public void OnPublished(string? exchange)
    {
        _counts.Of(MessageCounter.Publish)++;
        if (exchange is not null)
        {
            Publishes.Of(exchange)?.Count(MessageCounter.Publish);
        }
    }

    /// <summary>A message of so many bytes has begun.</summary>
    public void OnSize(int bodyBytes) => _sizes.Count(bodyBytes);

    /// <summary>It went nowhere: sent back, or dropped.</summary>
    public void OnUnroutable(string? exchange, bool returned)
    {
        MessageCounter counter = returned ? MessageCounter.ReturnUnroutable : MessageCounter.DropUnroutable;
        _counts.Of(counter)++;
        if (exchange is not null)
        {
            Publishes.Of(exchange)?.Count(counter);
        }
    }

    /// <summary>Publishes were confirmed.</summary>
    public void OnConfirmed(ulong count) => _counts.Of(MessageCounter.Confirm) += (long)count;

    /// <summary>The client has settled deliveries.</summary>
    public void OnAcknowledged(string queue, int count)
    {
        _counts.Of(MessageCounter.Ack) += count;
        Deliveries.Of(queue)?.Count(MessageCounter.Ack, count);
    }

    /// <summary>A delivery to a consumer of a queue, which is null when there are too many to tell them apart.</summary>
    public void OnDelivered(Neighbour? queue, bool noAck, bool redelivered) =>
        CountTaken(queue, noAck ? MessageCounter.DeliverNoAck : MessageCounter.Deliver, redelivered);

    /// <summary>The client took a message by asking for it.</summary>
    public void OnTaken(Neighbour? queue, bool noAck, bool redelivered) =>
        CountTaken(queue, noAck ? MessageCounter.GetNoAck : MessageCounter.Get, redelivered);

    /// <summary>The client asked, and there was none.</summary>
    public void OnNothingToTake(string queue)
    {
        _counts.Of(MessageCounter.GetEmpty)++;
        Deliveries.Of(queue)?.Count(MessageCounter.GetEmpty);
    }

    /// <summary>The channel is closed: its counts go into the totals.</summary>
    public void Retire(Broker broker, VirtualHost virtualHost, string protocol)
    {
        broker.Statistics.Churn.ChannelClosed();
        broker.Statistics.Retire(virtualHost, _counts, _sizes, () => _retired = true, protocol);
    }

    private void CountTaken(Neighbour? queue, MessageCounter counter, bool redelivered)
    {
        _counts.Of(counter)++;
        _counts.Of(MessageCounter.Redeliver) += redelivered ? 1 : 0;
        queue?.CountTaken(counter, redelivered);
    }
}
