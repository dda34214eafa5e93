using System.Diagnostics;
using System.Runtime.InteropServices;
using Warren.Core.Queues;

namespace Warren.Protocols.Amqp091;

/// <summary>One delivery the client has not acknowledged.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct Unacked
{
    public ulong DeliveryTag;
    public long EntryId;

    /// <summary>Null once it was settled out of order.</summary>
    public MessageQueue? Queue;

    /// <summary>Null for basic.get.</summary>
    public ChannelConsumer? Consumer;

    /// <summary>Seconds on the coarse clock, for the consumer time-out.</summary>
    public uint DeliveredAtSeconds;
}

/// <summary>The unacknowledged deliveries of one channel, in order of their delivery tags.</summary>
/// <remarks>Not thread-safe: the lock of the connection's output guards it.</remarks>
internal sealed class UnackedRing
{
    private Unacked[] _items = [];
    private int _head;
    private int _length; // slots in use, settled ones in the middle included

    /// <summary>Deliveries not settled.</summary>
    public int Count { get; private set; }

    public void Add(in Unacked item)
    {
        if (_length == _items.Length)
        {
            Resize(Math.Max(16, _items.Length * 2));
        }

        _items[(_head + _length) & (_items.Length - 1)] = item;
        _length++;
        Count++;
    }

    /// <summary>Takes the delivery with exactly this tag.</summary>
    public bool TryTake(ulong deliveryTag, out Unacked item)
    {
        int at = IndexOf(deliveryTag);
        if (at < 0)
        {
            item = default;
            return false;
        }

        ref Unacked slot = ref _items[(_head + at) & (_items.Length - 1)];
        item = slot;
        if (item.Queue is null || item.DeliveryTag != deliveryTag)
        {
            return false;
        }

        slot.Queue = null;
        slot.Consumer = null;
        Count--;
        Trim();
        return true;
    }

    /// <summary>Takes the oldest delivery with a tag up to this one.</summary>
    public bool TryTakeOldest(ulong upToTag, out Unacked item)
    {
        Trim();
        if (_length > 0 && _items[_head].DeliveryTag <= upToTag)
        {
            item = _items[_head];
            _items[_head] = default;
            _head = (_head + 1) & (_items.Length - 1);
            _length--;
            Count--;
            Trim();
            return true;
        }

        item = default;
        return false;
    }

    /// <summary>Puts a taken delivery back in its place by tag.</summary>
    public void Restore(in Unacked item)
    {
        Add(item);
        for (int at = _length - 1; at > 0; at--)
        {
            ref Unacked later = ref _items[(_head + at) & (_items.Length - 1)];
            ref Unacked earlier = ref _items[(_head + at - 1) & (_items.Length - 1)];
            if (earlier.DeliveryTag <= later.DeliveryTag)
            {
                break;
            }

            (earlier, later) = (later, earlier);
        }
    }

    /// <summary>The oldest delivery not settled.</summary>
    public bool TryPeekOldest(out Unacked item)
    {
        Trim();
        item = _length > 0 ? _items[_head] : default;
        return _length > 0;
    }

    /// <summary>Whether any unsettled delivery has a tag up to this one, or the tag itself is unsettled.</summary>
    public bool Contains(ulong deliveryTag)
    {
        int at = IndexOf(deliveryTag);
        return at >= 0
            && _items[(_head + at) & (_items.Length - 1)] is { Queue: not null } slot
            && slot.DeliveryTag == deliveryTag;
    }

    private void Trim()
    {
        while (_length > 0 && _items[_head].Queue is null)
        {
            _items[_head] = default;
            _head = (_head + 1) & (_items.Length - 1);
            _length--;
        }

        if (_length == 0 && _items.Length > 16384)
        {
            _items = [];
            _head = 0;
        }
    }

    // First slot with a tag not below the one asked for; tags grow along the ring but may have holes.
    private int IndexOf(ulong deliveryTag)
    {
        if (_length == 0)
        {
            return -1;
        }

        ulong first = _items[_head].DeliveryTag;
        if (deliveryTag < first)
        {
            return -1;
        }

        ulong guess = deliveryTag - first;
        if (guess < (ulong)_length && _items[(_head + (int)guess) & (_items.Length - 1)].DeliveryTag == deliveryTag)
        {
            return (int)guess;
        }

        int low = 0;
        int high = _length - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_items[(_head + middle) & (_items.Length - 1)].DeliveryTag < deliveryTag)
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

    private void Resize(int size)
    {
        var larger = new Unacked[size];
        for (int i = 0; i < _length; i++)
        {
            larger[i] = _items[(_head + i) & (_items.Length - 1)];
        }

        Debug.Assert((size & (size - 1)) == 0, "a power of two");
        _items = larger;
        _head = 0;
    }
}
