using System.Text;

namespace Warren.Storage.Metadata;

/// <summary>One step of a write: sets a key, or (without a value) deletes it.</summary>
internal readonly record struct MetadataOperation(string Key, ReadOnlyMemory<byte> Value, bool IsDelete)
{
    internal static MetadataOperation Put(string key, ReadOnlySpan<byte> value)
    {
        CheckKey(key);
        if (value.Length > IMetadataStore.MaxValueBytes)
        {
            throw new ArgumentException($"a value has at most {IMetadataStore.MaxValueBytes} bytes, not {value.Length}", nameof(value));
        }

        return new MetadataOperation(key, value.ToArray(), IsDelete: false);
    }

    internal static MetadataOperation Delete(string key)
    {
        CheckKey(key);
        return new MetadataOperation(key, ReadOnlyMemory<byte>.Empty, IsDelete: true);
    }

    internal static MetadataOperation[] DeleteAll(IEnumerable<string> keys)
    {
        MetadataOperation[] operations = [.. keys.Select(Delete)];
        return operations.Sum(static o => Encoding.UTF8.GetByteCount(o.Key) + 16L) <= IMetadataStore.MaxBatchBytes
            ? operations
            : throw new ArgumentException($"one step has at most {IMetadataStore.MaxBatchBytes} bytes", nameof(keys));
    }

    internal static MetadataOperation[] PutAll(IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var operations = new MetadataOperation[entries.Count];
        long bytes = 0;
        for (int i = 0; i < operations.Length; i++)
        {
            operations[i] = Put(entries[i].Key, entries[i].Value.Span);
            bytes += Encoding.UTF8.GetByteCount(entries[i].Key) + entries[i].Value.Length + 16;
        }

        return bytes <= IMetadataStore.MaxBatchBytes
            ? operations
            : throw new ArgumentException($"one step has at most {IMetadataStore.MaxBatchBytes} bytes, not {bytes}", nameof(entries));
    }

    private static void CheckKey(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        int bytes = key.Length > IMetadataStore.MaxKeyBytes ? int.MaxValue : Encoding.UTF8.GetByteCount(key);
        if (bytes > IMetadataStore.MaxKeyBytes)
        {
            throw new ArgumentException($"a key has at most {IMetadataStore.MaxKeyBytes} bytes", nameof(key));
        }

        // What does not survive UTF-8 would come back from the disk as another key.
        if (!string.Equals(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(key)), key, StringComparison.Ordinal))
        {
            throw new ArgumentException("a key must be well-formed Unicode", nameof(key));
        }
    }
}
