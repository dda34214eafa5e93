using System.Globalization;
using Warren.Core.Queues;
using Warren.Storage.Metadata;

namespace Warren.Core.Persistence;

/// <summary>Remembers over a restart which durable queues an operator has paused, by the ids of the queues.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class PausedQueues
{
    private const string Prefix = "paused/";

    private readonly Lock _changing = new(); // before the queue's lock
    private readonly IMetadataStore _store;

    public PausedQueues(IMetadataStore store) => _store = store;

    /// <summary>Stores it and stops or starts deliveries, in this order: what was told to be paused is.</summary>
    /// <exception cref="IOException">It could not be stored; nothing has changed.</exception>
    public void Set(MessageQueue queue, bool paused)
    {
        lock (_changing)
        {
            if (queue.IsLogged && paused)
            {
                _store.Put(KeyOf(queue), []);
            }
            else if (queue.IsLogged)
            {
                _store.Delete(KeyOf(queue));
            }

            queue.Pause(paused);
        }
    }

    /// <summary>A queue is deleted.</summary>
    public void Forget(MessageQueue queue)
    {
        if (queue.IsPaused)
        {
            _store.Delete(KeyOf(queue));
        }
    }

    /// <summary>Pauses recovered queues again and forgets those that are gone.</summary>
    /// <param name="queues">Every queue that is known, by its id.</param>
    /// <param name="mayForget">False: the definition of a queue may be damaged, and come back mended.</param>
    public void Restore(IReadOnlyDictionary<ulong, MessageQueue> queues, bool mayForget)
    {
        foreach (MetadataEntry entry in _store.List(Prefix))
        {
            if (ulong.TryParse(entry.Key.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out ulong id)
                && queues.TryGetValue(id, out MessageQueue? queue))
            {
                queue.Pause(paused: true);
            }
            else if (mayForget)
            {
                _store.Delete(entry.Key);
            }
        }
    }

    private static string KeyOf(MessageQueue queue) => Prefix + queue.Id.ToString(CultureInfo.InvariantCulture);
}
