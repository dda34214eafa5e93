using Warren.Buffers;
using Warren.Storage;

namespace Warren.Core.Queues;

/// <summary>Reads one message of a queue, wherever its bytes are, and leaves it there.</summary>
/// <remarks>Thread-safe. Order of locks: the pager's read lock → MessageQueue (docs/locks.md).</remarks>
internal static class QueueReader
{
    /// <summary>The bytes of an entry, with a reference for the caller.</summary>
    /// <returns>False when the entry is gone, or its stored bytes are damaged.</returns>
    public static bool TryRead(ClassicQueue queue, long id, out Payload payload)
    {
        QueueParts parts = queue.Parts;

        // No other thread brings bodies back meanwhile, so a stored one stays where it is unless the message goes.
        lock (parts.Pager.ReadLock)
        {
            QueueEntry entry;
            lock (parts.Lock)
            {
                if (!parts.Rings.Contains(id))
                {
                    payload = default;
                    return false;
                }

                entry = parts.Rings[id];
                payload = entry.Payload;
                payload.Retain();
            }

            return !entry.IsPagedOut || TryReadStored(parts, id, entry, out payload);
        }
    }

    private static bool TryReadStored(in QueueParts parts, long id, in QueueEntry entry, out Payload payload)
    {
        // Damaged, or unreadable now, or the message has left the queue and the end of the page file with it.
        if (parts.Pager.TryRead(entry.Locator, entry.Flags, entry.Payload.Length, out payload) != RecordReadResult.Ok)
        {
            return false;
        }

        lock (parts.Lock)
        {
            if (parts.Rings.Contains(id) && parts.Rings[id].Locator == entry.Locator)
            {
                return true;
            }
        }

        payload.Release();
        payload = default;
        return false;
    }
}
