using Warren.Buffers;

namespace Warren.Core.Routing;

/// <summary>Routes one connection has used: exchange and routing key as bytes to queues, without a string.</summary>
/// <remarks>
/// Not thread-safe: one per connection. Everything is forgotten when the version it is asked with changes (a binding,
/// a queue, a permission), and when it is full: keys are chosen by clients.
/// </remarks>
public sealed class RouteCache
{
    private const int Capacity = 4096;
    private const int SmallestTable = 16;

    private readonly ulong _seed = SeededHash.NewSeed();
    private Slot[] _slots = [];
    private int _count;
    private long _version = -1;
    private int _last;

    /// <summary>Finds the route for an exchange and a key that was added under the same version.</summary>
    public Route? Find(ReadOnlySpan<byte> exchange, ReadOnlySpan<byte> key, long version)
    {
        if (version != _version || _count == 0)
        {
            return null;
        }

        ref Slot last = ref _slots[_last];
        if (last.Matches(exchange, key))
        {
            return last.Route;
        }

        int mask = _slots.Length - 1;
        for (int at = (int)HashOf(exchange, key) & mask; _slots[at].Route is not null; at = (at + 1) & mask)
        {
            if (_slots[at].Matches(exchange, key))
            {
                _last = at;
                return _slots[at].Route;
            }
        }

        return null;
    }

    /// <summary>Remembers a route.</summary>
    public void Add(ReadOnlySpan<byte> exchange, ReadOnlySpan<byte> key, long version, Route route)
    {
        if (version != _version || _count >= Capacity)
        {
            _slots = new Slot[SmallestTable];
            _count = 0;
            _version = version;
        }
        else if (_count * 2 >= _slots.Length)
        {
            Grow();
        }

        byte[] name = new byte[exchange.Length + key.Length];
        exchange.CopyTo(name);
        key.CopyTo(name.AsSpan(exchange.Length));
        Insert(_slots, new Slot(name, exchange.Length, HashOf(exchange, key), route));
        _count++;
        _last = 0;
    }

    private static void Insert(Slot[] slots, in Slot slot)
    {
        int mask = slots.Length - 1;
        int at = (int)slot.Hash & mask;
        while (slots[at].Route is not null)
        {
            at = (at + 1) & mask;
        }

        slots[at] = slot;
    }

    private void Grow()
    {
        var larger = new Slot[_slots.Length * 2];
        foreach (Slot slot in _slots)
        {
            if (slot.Route is not null)
            {
                Insert(larger, slot);
            }
        }

        _slots = larger;
    }

    private ulong HashOf(ReadOnlySpan<byte> exchange, ReadOnlySpan<byte> key) =>
        SeededHash.Compute(key, SeededHash.Compute(exchange, _seed));

    private readonly struct Slot(byte[] name, int exchangeLength, ulong hash, Route route)
    {
        public readonly ulong Hash = hash;
        public readonly Route? Route = route;
        private readonly byte[] _name = name;
        private readonly int _exchangeLength = exchangeLength;

        public bool Matches(ReadOnlySpan<byte> exchange, ReadOnlySpan<byte> key) =>
            Route is not null
            && _exchangeLength == exchange.Length
            && _name.Length == exchange.Length + key.Length
            && _name.AsSpan(exchange.Length).SequenceEqual(key)
            && _name.AsSpan(0, exchange.Length).SequenceEqual(exchange);
    }
}
