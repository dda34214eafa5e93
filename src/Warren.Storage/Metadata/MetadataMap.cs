using System.Diagnostics.CodeAnalysis;

namespace Warren.Storage.Metadata;

/// <summary>The entries in memory, their revision, and who watches them.</summary>
/// <remarks>Thread-safe: <see cref="_lock"/> guards every field and is never held across a callback.</remarks>
internal sealed class MetadataMap
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, MetadataEntry> _entries = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _keys = new(StringComparer.Ordinal);
    private readonly Queue<MetadataChange> _changes = new(); // not yet told to the watchers
    private Watcher[] _watchers = [];
    private long _revision;
    private bool _telling; // somebody calls the watchers

    internal long Revision => Volatile.Read(ref _revision);

    internal bool TryGet(string key, [NotNullWhen(true)] out MetadataEntry? entry)
    {
        lock (_lock)
        {
            return _entries.TryGetValue(key, out entry);
        }
    }

    internal bool IsAt(string key, long? expectedModRevision)
    {
        if (expectedModRevision is null)
        {
            return true;
        }

        return (TryGet(key, out MetadataEntry? entry) ? entry.ModRevision : 0) == expectedModRevision;
    }

    internal IReadOnlyList<MetadataEntry> List(string prefix)
    {
        lock (_lock)
        {
            IEnumerable<string> keys = _keys;
            if (prefix.Length > 0)
            {
                string? end = EndOf(prefix) ?? _keys.Max;
                keys = string.CompareOrdinal(prefix, end) <= 0 ? _keys.GetViewBetween(prefix, end) : [];
            }

            return [.. keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)).Select(key => _entries[key])];
        }
    }

    /// <summary>Puts back what a snapshot holds; before anyone watches.</summary>
    internal void Restore(MetadataEntry entry)
    {
        lock (_lock)
        {
            _entries[entry.Key] = entry;
            _keys.Add(entry.Key);
        }
    }

    /// <summary>Puts back the revision of a snapshot.</summary>
    internal void Restore(long revision) => Volatile.Write(ref _revision, revision);

    /// <summary>Makes the next revision. One thread at a time.</summary>
    internal long Apply(ReadOnlySpan<MetadataOperation> operations)
    {
        lock (_lock)
        {
            long revision = _revision + 1;
            foreach (MetadataOperation operation in operations)
            {
                MetadataEntry? entry = operation.IsDelete ? Remove(operation.Key) : Set(operation, revision);
                if (_watchers.Length > 0)
                {
                    _changes.Enqueue(new MetadataChange(operation.Key, entry, revision));
                }
            }

            Volatile.Write(ref _revision, revision);
            return revision;
        }
    }

    internal IDisposable Watch(string prefix, Action<MetadataChange> onChange)
    {
        var watcher = new Watcher(this, prefix, onChange);
        lock (_lock)
        {
            _watchers = [.. _watchers, watcher];
        }

        return watcher;
    }

    /// <summary>Calls the watchers for what was applied, unless somebody else is at it. Outside every lock.</summary>
    internal void TellWatchers()
    {
        while (TryTake(out MetadataChange change, out Watcher[] watchers))
        {
            bool told = false;
            try
            {
                foreach (Watcher watcher in watchers)
                {
                    watcher.Tell(change);
                }

                told = true;
            }
            finally
            {
                lock (_lock)
                {
                    _telling = false;
                }

                if (!told)
                {
                    TellWatchers(); // a watcher threw: the others still learn of the rest
                }
            }
        }
    }

    // The least string behind all that start with the prefix; null when there is none.
    private static string? EndOf(string prefix)
    {
        int last = prefix.Length - 1;
        while (last >= 0 && prefix[last] == char.MaxValue)
        {
            last--;
        }

        return last < 0 ? null : string.Concat(prefix.AsSpan(0, last), [(char)(prefix[last] + 1)]);
    }

    private bool TryTake(out MetadataChange change, out Watcher[] watchers)
    {
        lock (_lock)
        {
            watchers = _watchers;
            change = default;
            return !_telling && (_telling = _changes.TryDequeue(out change));
        }
    }

    private MetadataEntry Set(in MetadataOperation operation, long revision)
    {
        long created = _entries.TryGetValue(operation.Key, out MetadataEntry? old) ? old.CreateRevision : revision;
        var entry = new MetadataEntry(operation.Key, operation.Value, created, revision);
        _entries[operation.Key] = entry;
        _keys.Add(operation.Key);
        return entry;
    }

    private MetadataEntry? Remove(string key)
    {
        _entries.Remove(key);
        _keys.Remove(key);
        return null;
    }

    private void Forget(Watcher watcher)
    {
        lock (_lock)
        {
            _watchers = [.. _watchers.Where(other => other != watcher)];
        }
    }

    private sealed class Watcher : IDisposable
    {
        private readonly MetadataMap _map;
        private readonly string _prefix;
        private readonly Action<MetadataChange> _onChange;

        internal Watcher(MetadataMap map, string prefix, Action<MetadataChange> onChange)
        {
            _map = map;
            _prefix = prefix;
            _onChange = onChange;
        }

        public void Dispose() => _map.Forget(this);

        internal void Tell(in MetadataChange change)
        {
            if (change.Key.StartsWith(_prefix, StringComparison.Ordinal))
            {
                _onChange(change);
            }
        }
    }
}
