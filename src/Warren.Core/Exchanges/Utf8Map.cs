using System.Diagnostics.CodeAnalysis;

namespace Warren.Core.Exchanges;

/// <summary>Values by UTF-8 key: many readers without a lock, one writer at a time.</summary>
/// <remarks>
/// A reader follows a chain whose links are replaced, never reordered, so it finds every key that stays in the map
/// for the whole look-up. Growing builds a new table beside the old one. The writer holds the owner's lock.
/// </remarks>
/// <typeparam name="TValue">What is found under a key.</typeparam>
internal sealed class Utf8Map<TValue>
    where TValue : class
{
    private const int SmallestTable = 4; // a power of two

    private Entry?[] _buckets = new Entry?[SmallestTable];
    private int _count;

    /// <summary>Number of keys. Exact under the writer's lock.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Finds the value under a key.</summary>
    public bool TryGet(ReadOnlySpan<byte> key, [NotNullWhen(true)] out TValue? value) =>
        TryGet(key, Utf8Hash.Of(key), out value);

    /// <summary>Finds the value under a key whose <see cref="Utf8Hash"/> is known.</summary>
    public bool TryGet(ReadOnlySpan<byte> key, uint hash, [NotNullWhen(true)] out TValue? value)
    {
        Entry?[] buckets = Volatile.Read(ref _buckets);
        Entry? entry = Volatile.Read(ref buckets[hash & (uint)(buckets.Length - 1)]);
        while (entry is not null)
        {
            if (entry.Hash == hash && key.SequenceEqual(entry.Key))
            {
                value = entry.Value;
                return true;
            }

            entry = Volatile.Read(ref entry.Next);
        }

        value = null;
        return false;
    }

    /// <summary>Adds a key. Writer's lock.</summary>
    /// <returns>False when the key is there already; its value stays.</returns>
    public bool TryAdd(byte[] key, TValue value)
    {
        uint hash = Utf8Hash.Of(key);
        if (TryGet(key, hash, out _))
        {
            return false;
        }

        if (_count >= _buckets.Length)
        {
            Grow();
        }

        ref Entry? head = ref _buckets[hash & (uint)(_buckets.Length - 1)];
        Volatile.Write(ref head, new Entry(key, hash, value) { Next = head });
        Volatile.Write(ref _count, _count + 1);
        return true;
    }

    /// <summary>Removes a key. Writer's lock.</summary>
    /// <returns>False when the key was not there.</returns>
    public bool Remove(ReadOnlySpan<byte> key)
    {
        uint hash = Utf8Hash.Of(key);
        ref Entry? link = ref _buckets[hash & (uint)(_buckets.Length - 1)];
        while (link is not null)
        {
            if (link.Hash == hash && key.SequenceEqual(link.Key))
            {
                // The removed entry keeps its own link: a reader standing on it walks on.
                Volatile.Write(ref link, link.Next);
                Volatile.Write(ref _count, _count - 1);
                return true;
            }

            link = ref link.Next;
        }

        return false;
    }

    /// <summary>The values there are, in no order. Writer's lock.</summary>
    public IEnumerable<TValue> Values()
    {
        foreach (Entry? head in _buckets)
        {
            for (Entry? entry = head; entry is not null; entry = entry.Next)
            {
                yield return entry.Value;
            }
        }
    }

    /// <summary>
    /// Goes through the values without the writer's lock: one that stays is met once, one that comes or goes meanwhile
    /// once or not at all.
    /// </summary>
    public Cursor Walk() => new(this);

    private void Grow()
    {
        var larger = new Entry?[_buckets.Length * 2];
        foreach (Entry? head in _buckets)
        {
            for (Entry? entry = head; entry is not null; entry = entry.Next)
            {
                ref Entry? bucket = ref larger[entry.Hash & (uint)(larger.Length - 1)];
                bucket = new Entry(entry.Key, entry.Hash, entry.Value) { Next = bucket };
            }
        }

        Volatile.Write(ref _buckets, larger);
    }

    /// <summary>A place among the values; the default has none before it.</summary>
    /// <remarks>
    /// It keeps to the table it began with. What is added comes before what it has read of a chain; an entry that was
    /// removed still leads to those behind it; and a table that was left for a larger one does not change any more.
    /// </remarks>
    public struct Cursor
    {
        private readonly Entry?[]? _table;
        private int _next;
        private Entry? _entry;

        internal Cursor(Utf8Map<TValue> map) => _table = Volatile.Read(ref map._buckets);

        /// <summary>The next value.</summary>
        public bool TryNext([NotNullWhen(true)] out TValue? value)
        {
            _entry = _entry is null ? null : Volatile.Read(ref _entry.Next);
            while (_entry is null && _next < _table?.Length)
            {
                _entry = Volatile.Read(ref _table[_next++]);
            }

            value = _entry?.Value;
            return value is not null;
        }
    }

    private sealed class Entry
    {
        public readonly byte[] Key;
        public readonly uint Hash;
        public readonly TValue Value;
        public Entry? Next;

        public Entry(byte[] key, uint hash, TValue value)
        {
            Key = key;
            Hash = hash;
            Value = value;
        }
    }
}
