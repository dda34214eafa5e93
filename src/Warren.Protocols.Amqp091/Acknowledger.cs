using Warren.Buffers;
using Warren.Core.Queues;
using Warren.Wire.Amqp091;
using Unacked = Warren.Protocols.Unacked<Warren.Protocols.Amqp091.ChannelConsumer>;

namespace Warren.Protocols.Amqp091;

/// <summary>basic.ack, nack, reject and recover of one channel, at once or with its transaction.</summary>
/// <remarks>The read loop's.</remarks>
internal sealed class Acknowledger(Channel channel, UnackedRing<ChannelConsumer> ring)
{
    private const int Kept = 16 * 1024; // places that stay after one large settlement

    private readonly Settler<ChannelConsumer> _settler = new(channel, ring);
    private List<Unacked> _taken = [];

    /// <summary>Settles one delivery, or all up to it.</summary>
    /// <exception cref="ChannelError">406: the tag stands for nothing.</exception>
    public void Settle(ulong deliveryTag, bool multiple, SettlementKind settlement)
    {
        if (!_settler.TryTake(deliveryTag, multiple, _taken))
        {
            throw new ChannelError(ReplyCode.PreconditionFailed, $"unknown delivery tag {deliveryTag}");
        }

        if (channel.Transaction is { } transaction)
        {
            transaction.Add(_taken, settlement);
        }
        else
        {
            _settler.Apply(_taken, new Settlement(settlement), channel.Flush);
        }

        _taken.Clear();
        if (_taken.Capacity > Kept)
        {
            _taken = [];
        }
    }

    /// <summary>Gives everything back to the queues.</summary>
    public void RequeueAll(FlushSet flush) => _settler.ReturnAll(flush);

    /// <summary>Hands deliveries to their queues that a transaction has held back.</summary>
    /// <param name="items">The deliveries.</param>
    /// <param name="settlement">What became of them.</param>
    /// <param name="flush">Collects the outputs to flush.</param>
    /// <param name="releaseInLog">False when the transaction has given them back in the log itself.</param>
    public void Apply(List<Unacked> items, SettlementKind settlement, FlushSet flush, bool releaseInLog) =>
        _settler.Apply(items, new Settlement(settlement) { IsGivenBack = !releaseInLog }, flush);

    /// <summary>A rolled back settlement: the deliveries are unacknowledged again, in their old order.</summary>
    public void Restore(List<Unacked> items) => _settler.Restore(items);
}
