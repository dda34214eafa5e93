using Warren.Buffers;
using Warren.Buffers.Fields;
using Warren.Core.Queues;

namespace Warren.Protocols.Mqtt;

/// <summary>Takes from one queue what goes to the client: that of its session, that of quality of service 0, or a shared one.</summary>
/// <remarks>Its state is guarded by the lock of the connection's output.</remarks>
internal sealed class SessionConsumer : QueueConsumer
{
    private readonly MqttConnection _connection;
    private readonly MessageSender _sender;
    private readonly SubscriptionMatcher _matcher;
    private readonly bool _keeps;
    private bool _refused;
    private bool _stopped;

    public SessionConsumer(
        MqttConnection connection, MessageSender sender, MessageQueue queue, SubscriptionMatcher matcher, bool keeps)
        : base(queue, connection.ClientId, noAck: !keeps, exclusive: false, priority: 0, FieldTable.Empty)
    {
        _connection = connection;
        _sender = sender;
        _matcher = matcher;
        _keeps = keeps;
    }

    /// <summary>The subscriptions that bring its messages.</summary>
    public SubscriptionMatcher Matcher => _matcher;

    /// <inheritdoc/>
    public override DeliveryOutcome TryDeliver(in Delivery delivery, FlushSet flush)
    {
        OutputBuffer output = _connection.Output;
        DeliveryOutcome outcome;
        lock (output.Lock)
        {
            if (_stopped || output.IsClosed)
            {
                return DeliveryOutcome.Refused;
            }

            outcome = _sender.Deliver(delivery, _matcher, _keeps);
            _refused |= outcome == DeliveryOutcome.Refused;
        }

        flush.Add(_sender.IsHolding ? _connection.Holding : output);
        return outcome;
    }

    /// <summary>True once after a refusal, when there is room again: the queue must be told. Under the output's lock.</summary>
    public bool TakeRefusal()
    {
        if (!_refused || _stopped || !_sender.HasCredit)
        {
            return false;
        }

        _refused = false;
        return true;
    }

    /// <summary>No delivery after this. Under the output's lock.</summary>
    public void Stop() => _stopped = true;

    /// <inheritdoc/>
    public override void OnCancelled(ConsumerCancelReason reason, FlushSet flush) => _connection.OnQueueGone(this);
}
