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
    private ObjectHistory? _history;
    private volatile bool _retired;

    /// <summary>The counts; nothing once they have been handed over to the virtual host's totals.</summary>
    public MessageCounts Counts => _retired ? default : _counts;

    /// <summary>The rates of the last minute.</summary>
    public ObjectHistory History => _history ??= new ObjectHistory(MessageCounts.Length);

    /// <summary>A message came from the client.</summary>
    public void OnPublished() => _counts.Of(MessageCounter.Publish)++;

    /// <summary>It went nowhere: sent back, or dropped.</summary>
    public void OnUnroutable(bool returned) =>
        _counts.Of(returned ? MessageCounter.ReturnUnroutable : MessageCounter.DropUnroutable)++;

    /// <summary>Publishes were confirmed.</summary>
    public void OnConfirmed(ulong count) => _counts.Of(MessageCounter.Confirm) += (long)count;

    /// <summary>The client has settled deliveries.</summary>
    public void OnAcknowledged(int count) => _counts.Of(MessageCounter.Ack) += count;

    /// <summary>A message went to the client.</summary>
    public void OnDelivered(bool noAck, bool redelivered)
    {
        _counts.Of(noAck ? MessageCounter.DeliverNoAck : MessageCounter.Deliver)++;
        _counts.Of(MessageCounter.Redeliver) += redelivered ? 1 : 0;
    }

    /// <summary>The client took a message by asking for it.</summary>
    public void OnTaken(bool noAck, bool redelivered)
    {
        _counts.Of(noAck ? MessageCounter.GetNoAck : MessageCounter.Get)++;
        _counts.Of(MessageCounter.Redeliver) += redelivered ? 1 : 0;
    }

    /// <summary>The client asked, and there was none.</summary>
    public void OnNothingToTake() => _counts.Of(MessageCounter.GetEmpty)++;

    /// <summary>The channel is closed: its counts go into the totals.</summary>
    public void Retire(Broker broker, VirtualHost virtualHost)
    {
        broker.Statistics.Churn.ChannelClosed();
        broker.Statistics.Retire(virtualHost, _counts, () => _retired = true);
    }
}
