using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Warren.Core.Arguments;

namespace Warren.Core.Queues;

/// <summary>The queues of a virtual host by name.</summary>
/// <remarks>Thread-safe; reading takes no lock.</remarks>
internal sealed class QueueRegistry
{
    private readonly ConcurrentDictionary<string, MessageQueue> _queues = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, MessageQueue>.AlternateLookup<ReadOnlySpan<char>> _byText;

    public QueueRegistry() => _byText = _queues.GetAlternateLookup<ReadOnlySpan<char>>();

    public int Count => _queues.Count;

    public ICollection<MessageQueue> All => _queues.Values;

    /// <summary>Walks through them without a copy; what comes and goes meanwhile is seen or not.</summary>
    public IEnumerable<MessageQueue> Each()
    {
        foreach (KeyValuePair<string, MessageQueue> named in _queues)
        {
            yield return named.Value;
        }
    }

    public bool TryGet(string name, [MaybeNullWhen(false)] out MessageQueue queue) => _queues.TryGetValue(name, out queue);

    /// <summary>The queue whose name has these bytes in UTF-8, if any: the route of the default exchange, without a string.</summary>
    public MessageQueue? Find(ReadOnlySpan<byte> name)
    {
        Span<char> text = stackalloc char[ResourceNames.MaxBytes];
        bool fits = name.Length <= ResourceNames.MaxBytes & Encoding.UTF8.TryGetChars(name, text, out int length);
        return fits && _byText.TryGetValue(text[..length], out MessageQueue? queue) ? queue : null;
    }

    public void Add(MessageQueue queue) => _queues[queue.Name] = queue;

    /// <summary>Removes this queue, not another one that has its name by now.</summary>
    public void Remove(MessageQueue queue) => _queues.TryRemove(new KeyValuePair<string, MessageQueue>(queue.Name, queue));
}
