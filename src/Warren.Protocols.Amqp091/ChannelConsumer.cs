using System.Text;
using Warren.Buffers;
using Warren.Buffers.Fields;
using Warren.Core.Arguments;
using Warren.Core.Connections;
using Warren.Core.Metrics;
using Warren.Core.Queues;

namespace Warren.Protocols.Amqp091;

/// <summary>A consumer of basic.consume.</summary>
/// <remarks>Its counters are guarded by the lock of the connection's output, as the channel's unacknowledged ring is.</remarks>
internal sealed class ChannelConsumer : OutputConsumer, IDeliveryHolder
{
    private readonly Channel _channel;
    private readonly byte[] _tag;
    private readonly Neighbour? _counted;
    private readonly bool _showsDeliveryCount;
    private int _unacked;
    private volatile bool _gone;

    public ChannelConsumer(
        Channel channel,
        MessageQueue queue,
        string tag,
        bool noAck,
        bool exclusive,
        int priority,
        FieldTable arguments,
        int prefetch)
        : base(channel.Connection.Output, queue, tag, noAck, exclusive, priority, arguments)
    {
        _channel = channel;
        _tag = Encoding.UTF8.GetBytes(tag);
        Prefetch = prefetch;
        _counted = channel.Statistics.Deliveries.Of(queue.Name);
        _showsDeliveryCount = queue.Definition.Parsed.Kind == QueueKind.Quorum;
    }

    /// <summary>Unacknowledged deliveries it may hold; 0: no limit.</summary>
    public int Prefetch { get; }

    public bool IsGone => _gone;

    public ReadOnlySpan<byte> TagUtf8 => _tag;

    /// <inheritdoc/>
    protected override bool HasCredit => NoAck
        || ((Prefetch == 0 || _unacked < Prefetch) && _channel.HasSharedCredit);

    /// <inheritdoc/>
    protected override DeliveryOutcome Write(in Delivery delivery)
    {
        OutputBuffer output = _channel.Connection.Output;
        if (!_channel.IsOpen || !HasCredit || output.IsFull)
        {
            return DeliveryOutcome.Refused;
        }

        _channel.Statistics.OnDelivered(_counted, NoAck, delivery.Redelivered);
        ulong tag = _channel.NextDeliveryTag();
        ReadOnlySpan<byte> properties = ForeignMessage.PropertiesOf(
            _channel.Broker, delivery.Message, _channel.Connection.FrameMax);
        if (_showsDeliveryCount && delivery.DeliveryCount > 0)
        {
            properties = WithDeliveryCount(properties, delivery.DeliveryCount);
        }

        DeliveryWriter.WriteDeliver(
            output,
            _channel.Connection.FrameMax,
            _channel.Number,
            _tag,
            tag,
            delivery.Redelivered,
            delivery.Message,
            properties);
        if (!NoAck)
        {
            _unacked++;
            _channel.AddUnacked(tag, delivery.Queue, delivery.EntryId, this);
        }

        _channel.VirtualHost.Firehose?.OnDelivered(delivery.Message, delivery.Queue, delivery.Redelivered, _channel.Origin);
        return NoAck ? DeliveryOutcome.Settled : DeliveryOutcome.Taken;
    }

    /// <summary>The consumer as operators see it.</summary>
    public ConsumerView View() => new()
    {
        Tag = Tag,
        Queue = Queue.Name,
        AckRequired = !NoAck,
        PrefetchCount = Prefetch,
        Exclusive = Exclusive,
        IsActive = Queue.IsActive(this),
        Arguments = Arguments,
        TimeoutMs = Queue.Limits.ConsumerTimeoutMs ?? _channel.Connection.Options.ConsumerTimeoutMs,
    };

    /// <summary>One of its deliveries was settled. Under the output's lock.</summary>
    public void Settled() => _unacked--;

    /// <summary>A settlement was rolled back. Under the output's lock.</summary>
    public void Unsettled() => _unacked++;

    /// <summary>Its queue is gone; the tag may be used again. Under the output's lock.</summary>
    public void MarkGone()
    {
        Stop();
        _gone = true;
    }

    /// <inheritdoc/>
    public override void OnCancelled(ConsumerCancelReason reason, FlushSet flush) => _channel.OnQueueGone(this, flush);

    /// <summary>The properties with the header that quorum queues add from the second delivery on.</summary>
    public static byte[] WithDeliveryCount(ReadOnlySpan<byte> properties, int deliveryCount)
    {
        FieldTable headers = Amqp091MessageFormat.Instance.ReadHeaders(properties);
        headers.Set("x-delivery-count", FieldValue.Of((long)deliveryCount));
        return Amqp091MessageFormat.Instance.WithHeaders(properties, headers, keepExpiration: true);
    }
}
