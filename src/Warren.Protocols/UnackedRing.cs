using System.Diagnostics;

namespace Warren.Protocols;

/// <summary>The unsettled deliveries of one channel or session, in order of their delivery tags.</summary>
/// <remarks>
/// <para>Not thread-safe: the lock of the connection's output guards it.</para>
/// <para>What is settled out of order leaves a hole; when the ring is full and half of it holes, they are closed up, so
/// that it never has more than four slots for each delivery that was unsettled at a time. Each close frees half of the
/// slots for as many deliveries to come: constant work for each, and no allocation while the number stays as it
/// is. <see cref="Trim"/>, once a second or so, gives up what a burst has left.</para>
/// </remarks>
/// <typeparam name="TConsumer">What the deliveries came through.</typeparam>
public sealed class UnackedRing<TConsumer>
    where TConsumer : class
{
    private const int Smallest = 16; // a power of two, as every capacity

    private Unacked<TConsumer>[] _items = [];
    private int _head;
    private int _length; // slots in use, holes included; the first is none
    private int _most; // unsettled at a time since the last trim

    /// <summary>Deliveries not settled.</summary>
    public int Count { get; private set; }

    /// <summary>Slots there are, for those who want to know what it takes.</summary>
    public int Capacity => _items.Length;

    /// <summary>Adds a delivery behind all others.</summary>
    /// <param name="item">Its tag is higher than any before.</param>
    public void Add(in Unacked<TConsumer> item)
    {
        Debug.Assert(item.Queue is not null, "a settled delivery");
        Debug.Assert(_length == 0 || SlotAt(_length - 1).DeliveryTag < item.DeliveryTag, "tags grow");
        if (_length == _items.Length)
        {
            MakeRoom();
        }

        SlotAt(_length++) = item;
        Count++;
        _most = Math.Max(_most, Count);
    }

    /// <summary>Takes the delivery with exactly this tag.</summary>
    public bool TryTake(ulong deliveryTag, out Unacked<TConsumer> item)
    {
        int at = IndexOf(deliveryTag);
        if (at < 0)
        {
            item = default;
            return false;
        }

        ref Unacked<TConsumer> slot = ref SlotAt(at);
        item = slot;
        slot = new Unacked<TConsumer> { DeliveryTag = deliveryTag };
        Count--;
        DropHoles();
        return true;
    }

    /// <summary>Takes the oldest delivery with a tag up to this one.</summary>
    public bool TryTakeOldest(ulong upToTag, out Unacked<TConsumer> item)
    {
        if (_length == 0 || _items[_head].DeliveryTag > upToTag)
        {
            item = default;
            return false;
        }

        item = _items[_head];
        _items[_head] = default;
        Count--;
        DropHoles();
        return true;
    }

    /// <summary>Puts taken deliveries back in their places by tag.</summary>
    /// <param name="taken">In any order; none of their tags is in the ring.</param>
    public void Restore(IReadOnlyCollection<Unacked<TConsumer>> taken)
    {
        ArgumentNullException.ThrowIfNull(taken);
        if (taken.Count == 0)
        {
            return;
        }

        Unacked<TConsumer>[] back = [.. taken];
        Array.Sort(back, static (x, y) => x.DeliveryTag.CompareTo(y.DeliveryTag));
        var merged = new Unacked<TConsumer>[CapacityFor(Count + back.Length)];
        int length = 0;
        int next = 0;
        for (int i = 0; i < _length; i++)
        {
            ref Unacked<TConsumer> item = ref SlotAt(i);
            if (item.Queue is not null)
            {
                while (next < back.Length && back[next].DeliveryTag < item.DeliveryTag)
                {
                    merged[length++] = back[next++];
                }

                merged[length++] = item;
            }
        }

        while (next < back.Length)
        {
            merged[length++] = back[next++];
        }

        _items = merged;
        _head = 0;
        _length = Count = length;
        _most = Math.Max(_most, Count);
    }

    /// <summary>The oldest delivery not settled.</summary>
    public bool TryPeekOldest(out Unacked<TConsumer> item)
    {
        item = _length > 0 ? _items[_head] : default;
        return _length > 0;
    }

    /// <summary>Whether the delivery with exactly this tag is unsettled.</summary>
    public bool Contains(ulong deliveryTag) => IndexOf(deliveryTag) >= 0;

    /// <summary>Gives up the slots that were not needed since the last call. About once a second.</summary>
    public void Trim()
    {
        int enough = _most == 0 ? 0 : CapacityFor(_most);
        if (_items.Length > Smallest * 4 && enough <= _items.Length / 4)
        {
            CloseUp(enough == 0 ? [] : new Unacked<TConsumer>[enough]);
        }

        _most = Count;
    }

    private static int CapacityFor(int count) => (int)uint.Max(Smallest, System.Numerics.BitOperations.RoundUpToPowerOf2((uint)count * 2));

    private ref Unacked<TConsumer> SlotAt(int index) => ref _items[(_head + index) & (_items.Length - 1)];

    private void DropHoles()
    {
        while (_length > 0 && _items[_head].Queue is null)
        {
            _items[_head] = default;
            _head = (_head + 1) & (_items.Length - 1);
            _length--;
        }
    }

    // Its place counted from the oldest; -1: it is not there. Tags grow along the ring, holes keep theirs.
    private int IndexOf(ulong deliveryTag)
    {
        if (_length == 0 || deliveryTag < _items[_head].DeliveryTag)
        {
            return -1;
        }

        ulong guess = deliveryTag - _items[_head].DeliveryTag;
        int low = guess < (ulong)_length && SlotAt((int)guess).DeliveryTag == deliveryTag ? (int)guess : Search(deliveryTag);
        ref Unacked<TConsumer> slot = ref SlotAt(low);
        return slot.DeliveryTag == deliveryTag && slot.Queue is not null ? low : -1;
    }

    // The first with a tag not below that, or the last.
    private int Search(ulong deliveryTag)
    {
        int low = 0;
        int high = _length - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (SlotAt(middle).DeliveryTag < deliveryTag)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private void MakeRoom()
    {
        bool hasHoles = _length > 0 && Count <= _length / 2;
        CloseUp(hasHoles ? _items : new Unacked<TConsumer>[Math.Max(Smallest, _items.Length * 2)]);
    }

    // Moves what is unsettled together, in the same array or another.
    private void CloseUp(Unacked<TConsumer>[] to)
    {
        Debug.Assert((to.Length & (to.Length - 1)) == 0 && to.Length >= Count, "a power of two that holds them");
        bool isSame = ReferenceEquals(to, _items);
        int start = isSame ? _head : 0;
        int kept = 0;
        for (int i = 0; i < _length; i++)
        {
            ref Unacked<TConsumer> item = ref SlotAt(i);
            if (item.Queue is not null)
            {
                to[(start + kept++) & (to.Length - 1)] = item;
            }
        }

        for (int i = kept; isSame && i < _length; i++)
        {
            SlotAt(i) = default;
        }

        Debug.Assert(kept == Count, "every unsettled delivery has a slot");
        _items = to;
        _head = start;
        _length = kept;
    }
}
