using System.Diagnostics.CodeAnalysis;

namespace Warren.Storage.Metadata;

/// <summary>A metadata store that forgets: for tests and for brokers without a disk.</summary>
public sealed class MemoryMetadataStore : IMetadataStore
{
    private readonly Lock _writer = new(); // between comparing and setting
    private readonly MetadataMap _map = new();

    /// <inheritdoc/>
    public event Action<Exception>? Failed
    {
        add { }
        remove { }
    }

    /// <inheritdoc/>
    public long Revision => _map.Revision;

    /// <inheritdoc/>
    public bool TryGet(string key, [NotNullWhen(true)] out MetadataEntry? entry) => _map.TryGet(key, out entry);

    /// <inheritdoc/>
    public IReadOnlyList<MetadataEntry> List(string prefix) => _map.List(prefix);

    /// <inheritdoc/>
    public long Put(string key, ReadOnlySpan<byte> value, long? expectedModRevision = null) =>
        Write([MetadataOperation.Put(key, value)], expectedModRevision);

    /// <inheritdoc/>
    public long PutAll(IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> entries)
    {
        MetadataOperation[] operations = MetadataOperation.PutAll(entries);
        return operations.Length == 0 ? Revision : Write(operations, expectedModRevision: null);
    }

    /// <inheritdoc/>
    public bool Delete(string key, long? expectedModRevision = null) =>
        Write([MetadataOperation.Delete(key)], expectedModRevision) != IMetadataStore.Conflict;

    /// <inheritdoc/>
    public void DeleteAll(IEnumerable<string> keys)
    {
        MetadataOperation[] operations;
        do
        {
            operations = MetadataOperation.DeleteAll(keys.Where(key => _map.TryGet(key, out _)));
        }
        while (operations.Length > 0 && Write(operations, expectedModRevision: null) == IMetadataStore.Conflict);
    }

    /// <inheritdoc/>
    public IDisposable Watch(string prefix, Action<MetadataChange> onChange) => _map.Watch(prefix, onChange);

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held; the interface is also a file's.
    }

    private long Write(MetadataOperation[] operations, long? expectedModRevision)
    {
        long revision;
        lock (_writer)
        {
            if (!_map.IsAt(operations[0].Key, expectedModRevision)
                || (operations[0].IsDelete && !_map.TryGet(operations[0].Key, out _)))
            {
                return IMetadataStore.Conflict;
            }

            revision = _map.Apply(operations);
        }

        _map.TellWatchers();
        return revision;
    }
}
