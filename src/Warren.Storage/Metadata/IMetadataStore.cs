using System.Diagnostics.CodeAnalysis;

namespace Warren.Storage.Metadata;

/// <summary>One entry of a metadata store. Its bytes are never changed, only replaced by another entry.</summary>
/// <param name="Key">The key, compared by code unit.</param>
/// <param name="Value">The bytes.</param>
/// <param name="CreateRevision">Revision at which the key came into being.</param>
/// <param name="ModRevision">Revision of this value.</param>
public sealed record MetadataEntry(string Key, ReadOnlyMemory<byte> Value, long CreateRevision, long ModRevision);

/// <summary>A key has a new value, or none any more.</summary>
/// <param name="Key">The key.</param>
/// <param name="Entry">What it holds now; null: it was deleted.</param>
/// <param name="Revision">The revision this change made.</param>
public readonly record struct MetadataChange(string Key, MetadataEntry? Entry, long Revision);

/// <summary>Small, durable, versioned definitions: keys in code-unit order, compare-and-set, watches.</summary>
/// <remarks>
/// Thread-safe. Reads never wait for a disk; a write returns when it is durable. Each write makes one new revision.
/// Keys are at most <see cref="MaxKeyBytes"/> of UTF-8 and not empty, values at most <see cref="MaxValueBytes"/>:
/// anything else is an <see cref="ArgumentException"/>. Writes fail with <see cref="IOException"/>.
/// </remarks>
public interface IMetadataStore : IDisposable
{
    /// <summary>Largest key in bytes of UTF-8.</summary>
    const int MaxKeyBytes = 4096;

    /// <summary>Largest value in bytes.</summary>
    const int MaxValueBytes = 16 * 1024 * 1024;

    /// <summary>Largest sum of keys and values of one <see cref="PutAll"/>, in bytes.</summary>
    const int MaxBatchBytes = 60 * 1024 * 1024;

    /// <summary>What <see cref="Put"/> answers when the key is not at the expected revision.</summary>
    const long Conflict = -1;

    /// <summary>Revision of the last write; 0 before the first.</summary>
    long Revision { get; }

    /// <summary>
    /// Raised, once, when the disk has failed in the middle of a write, so that it is not known what it holds: no write
    /// succeeds from then on. On the writer's thread, before that write fails.
    /// </summary>
    event Action<Exception>? Failed;

    /// <summary>Finds an entry.</summary>
    bool TryGet(string key, [NotNullWhen(true)] out MetadataEntry? entry);

    /// <summary>All entries whose key starts with <paramref name="prefix"/>, ordered by key; of one moment.</summary>
    IReadOnlyList<MetadataEntry> List(string prefix);

    /// <summary>Sets a value.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The bytes; copied.</param>
    /// <param name="expectedModRevision">Null: whatever is there. 0: the key must not exist. Else its ModRevision.</param>
    /// <returns>The new revision, or <see cref="Conflict"/> with nothing changed.</returns>
    long Put(string key, ReadOnlySpan<byte> value, long? expectedModRevision = null);

    /// <summary>Sets several values in one step and one revision: after a crash all of them are there or none.</summary>
    /// <returns>The new revision; the old one when there are no entries.</returns>
    long PutAll(IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> entries);

    /// <summary>Deletes a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expectedModRevision">Null: whatever is there; else its ModRevision.</param>
    /// <returns>False when the key does not exist or is not at the expected revision.</returns>
    bool Delete(string key, long? expectedModRevision = null);

    /// <summary>Deletes several keys in one step and one revision; those that are not there are left out.</summary>
    void DeleteAll(IEnumerable<string> keys);

    /// <summary>Calls back for every change of a key that starts with <paramref name="prefix"/>, until disposed.</summary>
    /// <param name="prefix">Empty: all keys.</param>
    /// <param name="onChange">
    /// Called in the order of revisions, one change at a time, on a writer's thread outside every lock; it may write.
    /// Usually before that write returns; when several write at once, one of them calls for all. Must not throw.
    /// </param>
    IDisposable Watch(string prefix, Action<MetadataChange> onChange);
}
