using Warren.Buffers;
using Warren.Buffers.Fields;
using Warren.Core.Queues;

namespace Warren.Protocols.Mqtt;

/// <summary>Takes from one queue what goes to the client: that of its session, that of quality of service 0, or a shared one.</summary>
/// <remarks>Its state is guarded by the lock of the connection's output.</remarks>
internal sealed class SessionConsumer : OutputConsumer
{
    private readonly MqttConnection _connection;
    private readonly MessageSender _sender;
    private readonly SubscriptionMatcher _matcher;
    private readonly bool _keeps;

    public SessionConsumer(
        MqttConnection connection, MessageSender sender, MessageQueue queue, SubscriptionMatcher matcher, bool keeps)
        : base(connection.Output, queue, connection.ClientId, noAck: !keeps, exclusive: false, priority: 0, FieldTable.Empty)
    {
        _connection = connection;
        _sender = sender;
        _matcher = matcher;
        _keeps = keeps;
    }

    /// <summary>The subscriptions that bring its messages.</summary>
    public SubscriptionMatcher Matcher => _matcher;

    /// <inheritdoc/>
    protected override bool HasCredit => _sender.HasCredit;

    /// <inheritdoc/>
    protected override IFlushable Flushed => _sender.IsHolding ? _connection.Holding : _connection.Output;

    /// <inheritdoc/>
    protected override DeliveryOutcome Write(in Delivery delivery) => _sender.Deliver(delivery, _matcher, _keeps);

    /// <inheritdoc/>
    public override void OnCancelled(ConsumerCancelReason reason, FlushSet flush) => _connection.OnQueueGone(this);
}
