namespace Warren.Core.Queues;

/// <summary>The deliveries of a queue that were under way under a number when the broker stopped.</summary>
/// <remarks>One thread, while the broker starts.</remarks>
internal sealed class RecoveredNumbers
{
    private readonly List<(NumberedDelivery Delivery, uint Mark)> _all = [];

    /// <summary>A message whose reference says that it was under way.</summary>
    public void Add(MessageQueue queue, long entryId, ulong lsn, uint annotation) => _all.Add((
        new NumberedDelivery(queue, entryId, lsn, EntryAnnotation.Number(annotation), EntryAnnotation.IsReceived(annotation)),
        EntryAnnotation.Mark(annotation)));

    /// <summary>All of a queue that belongs to one session.</summary>
    public IEnumerable<NumberedDelivery> List() => _all.Select(static n => n.Delivery);

    /// <summary>
    /// Those of one session, of a queue that sessions share: no other may have these messages (MQTT 5.0, 4.8.2), so that
    /// they are set aside.
    /// </summary>
    /// <param name="mark">Which session it is.</param>
    /// <param name="taken">Numbers it has already; those found are added.</param>
    public List<NumberedDelivery> SetAside(uint mark, HashSet<ushort> taken)
    {
        List<NumberedDelivery> own = [];
        foreach ((NumberedDelivery delivery, uint other) in _all)
        {
            if (other == mark && !taken.Contains(delivery.Number) && delivery.Queue.TrySetAside(delivery.EntryId))
            {
                taken.Add(delivery.Number);
                own.Add(delivery);
            }
        }

        return own;
    }
}
