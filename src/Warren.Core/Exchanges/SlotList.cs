using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Warren.Core.Exchanges;

/// <summary>A set of objects with use counts: many readers without a lock, one writer at a time.</summary>
/// <remarks>
/// Adding appends and removing leaves a hole, both in constant time, so that a hundred thousand queues can be bound to
/// one exchange and taken off again. A reader fixes the end when it starts and a hole is never filled again, hence it
/// meets no object twice and none that was added after its start. One object, the usual case, needs no array.
/// </remarks>
/// <typeparam name="T">Class of the objects; compared by identity.</typeparam>
internal sealed class SlotList<T>
    where T : class
{
    private const int FirstCapacity = 4;
    private const int ScanLimit = 16; // slots searched one by one; above, through the index

    // Null, one T, or Slots: a single reference, so that a reader sees one state.
    private object? _state;
    private int _singleUses;
    private Dictionary<T, int>? _index;

    /// <summary>True when nothing is in the list.</summary>
    public bool IsEmpty => Volatile.Read(ref _state) is null;

    /// <summary>Starts a walk over what is in the list now.</summary>
    public Walk Read() => new(Volatile.Read(ref _state));

    /// <summary>Adds the object, or one more use of it. Writer's lock.</summary>
    public void Add(T item)
    {
        switch (_state)
        {
            case null:
                _singleUses = 1;
                Volatile.Write(ref _state, item);
                break;
            case Slots slots:
                AddTo(slots, item);
                break;
            case { } single when ReferenceEquals(single, item):
                _singleUses++;
                break;
            case { } single:
                var pair = new Slots(FirstCapacity);
                pair.Append(single, _singleUses);
                pair.Append(item, uses: 1);
                Volatile.Write(ref _state, pair);
                break;
        }
    }

    /// <summary>Takes one use of the object away, and the object with its last one. Writer's lock.</summary>
    public void Remove(T item)
    {
        if (_state is Slots slots)
        {
            RemoveFrom(slots, item);
        }
        else if (ReferenceEquals(_state, item) && --_singleUses == 0)
        {
            Volatile.Write(ref _state, null);
        }
    }

    private void AddTo(Slots slots, T item)
    {
        int slot = Find(slots, item);
        if (slot >= 0)
        {
            slots.Uses[slot]++;
            return;
        }

        if (slots.Count == slots.Items.Length)
        {
            slots = Repack(slots, Math.Max(FirstCapacity, slots.Live * 2));
        }

        _index?.Add(item, slots.Count);
        slots.Append(item, uses: 1);
        if (_index is null && slots.Count > ScanLimit)
        {
            BuildIndex(slots);
        }
    }

    private void RemoveFrom(Slots slots, T item)
    {
        int slot = Find(slots, item);
        if (slot < 0 || --slots.Uses[slot] > 0)
        {
            return;
        }

        _index?.Remove(item);
        Volatile.Write(ref slots.Items[slot], null);
        slots.Live--;
        if (slots.Live == 0)
        {
            _index = null;
            Volatile.Write(ref _state, null);
        }
        else if (slots.Count > ScanLimit && slots.Live < slots.Count / 4)
        {
            Repack(slots, slots.Live * 2);
        }
    }

    private int Find(Slots slots, T item)
    {
        if (_index is not null)
        {
            return _index.TryGetValue(item, out int slot) ? slot : -1;
        }

        return Array.IndexOf(slots.Items, item, 0, slots.Count);
    }

    // The old array stays as it is for the readers on it.
    private Slots Repack(Slots slots, int capacity)
    {
        var packed = new Slots(capacity);
        for (int i = 0; i < slots.Count; i++)
        {
            if (slots.Items[i] is { } item)
            {
                packed.Append(item, slots.Uses[i]);
            }
        }

        _index = null;
        if (packed.Count > ScanLimit)
        {
            BuildIndex(packed);
        }

        Volatile.Write(ref _state, packed);
        return packed;
    }

    private void BuildIndex(Slots slots)
    {
        _index = new Dictionary<T, int>(slots.Items.Length, ReferenceEqualityComparer.Instance);
        for (int i = 0; i < slots.Count; i++)
        {
            if (slots.Items[i] is { } item)
            {
                _index.Add(Unsafe.As<T>(item), i);
            }
        }
    }

    /// <summary>A walk over the list as it was when <see cref="Read"/> was called, less what was removed since.</summary>
    public ref struct Walk
    {
        private readonly object?[]? _items;
        private readonly int _count;
        private object? _single;
        private int _next;

        internal Walk(object? state)
        {
            if (state is Slots slots)
            {
                _count = Volatile.Read(ref slots.Count);
                _items = slots.Items;
            }
            else
            {
                _single = state;
            }
        }

        /// <summary>Upper bound of the objects still to come.</summary>
        public readonly int Remaining => _items is null ? (_single is null ? 0 : 1) : _count - _next;

        /// <summary>The next object; false at the end.</summary>
        public bool TryNext([NotNullWhen(true)] out T? item)
        {
            if (_items is null)
            {
                item = Unsafe.As<T>(_single);
                _single = null;
                return item is not null;
            }

            while (_next < _count)
            {
                if (Volatile.Read(ref _items[_next++]) is { } found)
                {
                    item = Unsafe.As<T>(found);
                    return true;
                }
            }

            item = null;
            return false;
        }
    }

    private sealed class Slots
    {
        public readonly object?[] Items;
        public readonly int[] Uses; // the writer's
        public int Count; // slots in use, holes included; written after the slot
        public int Live; // the writer's

        public Slots(int capacity)
        {
            Items = new object?[capacity];
            Uses = new int[capacity];
        }

        public void Append(object item, int uses)
        {
            Debug.Assert(Count < Items.Length, "the caller repacks a full array first");
            Items[Count] = item;
            Uses[Count] = uses;
            Live++;
            Volatile.Write(ref Count, Count + 1);
        }
    }
}
