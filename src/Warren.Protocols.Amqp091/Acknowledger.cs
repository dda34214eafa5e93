using Warren.Buffers;
using Warren.Core.Queues;
using Warren.Wire.Amqp091;
using Unacked = Warren.Protocols.Unacked<Warren.Protocols.Amqp091.ChannelConsumer>;

namespace Warren.Protocols.Amqp091;

/// <summary>Settles deliveries of one channel: takes them from its ring and hands them to their queues in runs.</summary>
/// <remarks>The read loop's; the ring is touched under the lock of the connection's output.</remarks>
internal sealed class Acknowledger
{
    private readonly Channel _channel;
    private readonly UnackedRing<ChannelConsumer> _ring;
    private const int FewIds = 64;
    private const int Kept = 16 * 1024; // places that stay after one large settlement

    private List<Unacked> _taken = [];
    private long[] _ids = new long[FewIds];

    public Acknowledger(Channel channel, UnackedRing<ChannelConsumer> ring)
    {
        _channel = channel;
        _ring = ring;
    }

    /// <summary>Settles one delivery, or all up to it.</summary>
    /// <exception cref="ChannelError">406: the tag stands for nothing.</exception>
    public void Settle(ulong deliveryTag, bool multiple, SettlementKind settlement)
    {
        Take(deliveryTag, multiple);
        if (_channel.Transaction is { } transaction)
        {
            transaction.Add(_taken, settlement);
        }
        else
        {
            Apply(_taken, settlement, _channel.Flush, releaseInLog: true);
        }

        _taken.Clear();
        if (_taken.Capacity > Kept)
        {
            _taken = [];
        }
    }

    /// <summary>Gives everything back to the queues, newest first, so that each takes its old place.</summary>
    public void RequeueAll(FlushSet flush)
    {
        var all = new List<Unacked>();
        lock (_channel.Connection.Output.Lock)
        {
            while (_ring.TryTakeOldest(ulong.MaxValue, out Unacked item))
            {
                item.Consumer?.Settled();
                all.Add(item);
            }
        }

        Apply(all, SettlementKind.Returned, flush, releaseInLog: true);
    }

    /// <summary>Hands settled deliveries to their queues.</summary>
    public void Apply(List<Unacked> items, SettlementKind settlement, FlushSet flush, bool releaseInLog)
    {
        for (int at = 0; at < items.Count;)
        {
            MessageQueue queue = items[at].Queue!;
            int count = 0;
            do
            {
                if (count == _ids.Length)
                {
                    Array.Resize(ref _ids, _ids.Length * 2);
                }

                _ids[count++] = items[at++].EntryId;
            }
            while (at < items.Count && ReferenceEquals(items[at].Queue, queue));
            ReadOnlySpan<long> ids = _ids.AsSpan(0, count);
            if (settlement == SettlementKind.Accepted)
            {
                _channel.Statistics.OnAcknowledged(queue.Name, count);
            }

            queue.Settle(ids, new Settlement(settlement) { IsGivenBack = !releaseInLog }, flush);
        }

        if (_ids.Length > Kept)
        {
            _ids = new long[FewIds];
        }

        if (items.Count > 0)
        {
            _channel.Connection.Appended();
            _channel.ResumeConsumers(flush);
        }
    }

    /// <summary>A rolled back settlement: the deliveries are unacknowledged again, in their old order.</summary>
    public void Restore(List<Unacked> items)
    {
        lock (_channel.Connection.Output.Lock)
        {
            foreach (Unacked item in items)
            {
                item.Consumer?.Unsettled();
            }

            _ring.Restore(items);
        }
    }

    private void Take(ulong deliveryTag, bool multiple)
    {
        lock (_channel.Connection.Output.Lock)
        {
            if (multiple)
            {
                ulong upTo = deliveryTag == 0 ? ulong.MaxValue : deliveryTag;
                if (deliveryTag != 0 && !_ring.Contains(deliveryTag))
                {
                    ThrowUnknown(deliveryTag);
                }

                while (_ring.TryTakeOldest(upTo, out Unacked item))
                {
                    item.Consumer?.Settled();
                    _taken.Add(item);
                }
            }
            else if (_ring.TryTake(deliveryTag, out Unacked item))
            {
                item.Consumer?.Settled();
                _taken.Add(item);
            }
            else
            {
                ThrowUnknown(deliveryTag);
            }
        }
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private static void ThrowUnknown(ulong deliveryTag) =>
        throw new ChannelError(ReplyCode.PreconditionFailed, $"unknown delivery tag {deliveryTag}");
}
