using Warren.Buffers;
using Warren.Core.Queues;

namespace Warren.Protocols;

/// <summary>Who counts the deliveries it holds.</summary>
public interface IDeliveryHolder
{
    /// <summary>One of its deliveries was settled. Under the output's lock.</summary>
    void Settled();

    /// <summary>A settlement was undone. Under the output's lock.</summary>
    void Unsettled();
}

/// <summary>The session whose deliveries a <see cref="Settler{TConsumer}"/> settles.</summary>
public interface ISettlingSession
{
    /// <summary>Guards the ring.</summary>
    OutputBuffer Output { get; }

    /// <summary>Counts acknowledgements.</summary>
    SessionStatistics Statistics { get; }

    /// <summary>Deliveries were handed back to their queues: the log may have something to commit, and consumers have credit.</summary>
    void OnSettled(FlushSet flush);
}

/// <summary>Takes deliveries from the ring of a session and hands them to their queues in runs.</summary>
/// <remarks>The read loop's; the ring is touched under the lock of the connection's output.</remarks>
public sealed class Settler<TConsumer>(ISettlingSession session, UnackedRing<TConsumer> ring)
    where TConsumer : class, IDeliveryHolder
{
    private const int FewIds = 64;
    private const int Kept = 16 * 1024; // places that stay after one large settlement

    private long[] _ids = new long[FewIds];

    /// <summary>Takes one delivery, or all up to it; a tag of 0 with <paramref name="multiple"/> means all there are.</summary>
    /// <returns>False when the tag stands for nothing; nothing was taken.</returns>
    public bool TryTake(ulong deliveryTag, bool multiple, List<Unacked<TConsumer>> taken)
    {
        ArgumentNullException.ThrowIfNull(taken);
        lock (session.Output.Lock)
        {
            if (!multiple)
            {
                if (!ring.TryTake(deliveryTag, out Unacked<TConsumer> item))
                {
                    return false;
                }

                item.Consumer?.Settled();
                taken.Add(item);
                return true;
            }

            if (deliveryTag != 0 && !ring.Contains(deliveryTag))
            {
                return false;
            }

            TakeUpTo(deliveryTag == 0 ? ulong.MaxValue : deliveryTag, taken);
            return true;
        }
    }

    /// <summary>Gives everything back to the queues, so that each takes its old place.</summary>
    public void ReturnAll(FlushSet flush)
    {
        var all = new List<Unacked<TConsumer>>();
        lock (session.Output.Lock)
        {
            TakeUpTo(ulong.MaxValue, all);
        }

        Apply(all, Settlement.Returned, flush);
    }

    /// <summary>Hands settled deliveries to their queues.</summary>
    public void Apply(List<Unacked<TConsumer>> items, Settlement settlement, FlushSet flush)
    {
        ArgumentNullException.ThrowIfNull(items);
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

            if (settlement.Kind == SettlementKind.Accepted)
            {
                session.Statistics.OnAcknowledged(queue.Name, count);
            }

            queue.Settle(_ids.AsSpan(0, count), settlement, flush);
        }

        if (_ids.Length > Kept)
        {
            _ids = new long[FewIds];
        }

        if (items.Count > 0)
        {
            session.OnSettled(flush);
        }
    }

    /// <summary>A settlement that was undone: the deliveries are unacknowledged again, in their old order.</summary>
    public void Restore(List<Unacked<TConsumer>> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        lock (session.Output.Lock)
        {
            foreach (Unacked<TConsumer> item in items)
            {
                item.Consumer?.Unsettled();
            }

            ring.Restore(items);
        }
    }

    private void TakeUpTo(ulong tag, List<Unacked<TConsumer>> taken)
    {
        while (ring.TryTakeOldest(tag, out Unacked<TConsumer> item))
        {
            item.Consumer?.Settled();
            taken.Add(item);
        }
    }
}
