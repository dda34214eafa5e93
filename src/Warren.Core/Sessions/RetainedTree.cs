using Warren.Core.Exchanges;

namespace Warren.Core.Sessions;

/// <summary>A word of a topic, at its place in the tree.</summary>
internal sealed class RetainedNode(RetainedNode? parent, byte[] word)
{
    private Utf8Map<RetainedNode>? _children;
    private RetainedEntry? _entry;

    public RetainedNode? Parent { get; } = parent;

    public byte[] Word { get; } = word;

    /// <summary>The words that follow; null: none. Any thread, changed under the owner's lock.</summary>
    public Utf8Map<RetainedNode>? Children
    {
        get => Volatile.Read(ref _children);
        set => Volatile.Write(ref _children, value);
    }

    /// <summary>The message of the topic that ends here; null: none. Any thread, changed under the owner's lock.</summary>
    public RetainedEntry? Entry
    {
        get => Volatile.Read(ref _entry);
        set => Volatile.Write(ref _entry, value);
    }
}

/// <summary>Retained messages by topic: a tree of the words of the topics, and what it takes in memory.</summary>
/// <remarks>Changed and searched under the owner's lock; walked without it (<see cref="RetainedWalk"/>).</remarks>
internal sealed class RetainedTree
{
    /// <summary>
    /// What a node takes besides its word: itself, the array of the word, its place in the parent's map, a map of its own
    /// with one place taken, all of which is about 216 bytes; and what a message takes besides its image, so that this
    /// needs no account of its own.
    /// </summary>
    public const int NodeBytes = 256;

    private int _count;
    private long _messageBytes;
    private long _nodeBytes;

    /// <summary>The node before the first word.</summary>
    public RetainedNode Root { get; } = new(null, []);

    /// <summary>Topics with a message.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Bytes of the messages.</summary>
    public long MessageBytes => Volatile.Read(ref _messageBytes);

    /// <summary>Bytes in memory: messages, and the words of their topics, which may be more.</summary>
    public long Bytes => _messageBytes + _nodeBytes;

    /// <summary>The node of a topic; null: there is none.</summary>
    public RetainedNode? Find(ReadOnlySpan<byte> topic) => Find(topic, out _);

    /// <summary>The node of a topic; an empty word is a word: <c>a..b</c> has three.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="missing">Bytes of the nodes that are not there yet.</param>
    public RetainedNode? Find(ReadOnlySpan<byte> topic, out long missing)
    {
        missing = 0;
        RetainedNode? node = Root;
        foreach (Range range in topic.Split(TopicPattern.Separator))
        {
            RetainedNode? child = null;
            if (node?.Children is not { } children || !children.TryGet(topic[range], out child))
            {
                missing += SizeOf(topic[range]);
            }

            node = child;
        }

        return node;
    }

    /// <summary>Puts a message in the place of the one its topic had.</summary>
    public void Put(ReadOnlySpan<byte> topic, RetainedEntry entry)
    {
        RetainedNode node = Root;
        foreach (Range range in topic.Split(TopicPattern.Separator))
        {
            Utf8Map<RetainedNode> children = node.Children ??= new Utf8Map<RetainedNode>();
            if (!children.TryGet(topic[range], out RetainedNode? child))
            {
                child = new RetainedNode(node, topic[range].ToArray());
                children.TryAdd(child.Word, child);
                _nodeBytes += SizeOf(child.Word);
            }

            node = child;
        }

        Volatile.Write(ref _count, _count + (node.Entry is null ? 1 : 0));
        Volatile.Write(ref _messageBytes, _messageBytes + entry.Image.Length - (node.Entry?.Image.Length ?? 0));
        node.Entry = entry;
    }

    /// <summary>Takes the message of a node away, and with it the nodes nobody needs any more.</summary>
    /// <returns>The message it had.</returns>
    public RetainedEntry Remove(RetainedNode node)
    {
        RetainedEntry entry = node.Entry!;
        node.Entry = null;
        Volatile.Write(ref _count, _count - 1);
        Volatile.Write(ref _messageBytes, _messageBytes - entry.Image.Length);
        for (RetainedNode at = node; at is { Parent: { } parent, Entry: null, Children: null }; at = parent)
        {
            parent.Children!.Remove(at.Word);
            _nodeBytes -= SizeOf(at.Word);
            if (parent.Children.Count == 0)
            {
                parent.Children = null; // a map keeps the size it had at most
            }
        }

        return entry;
    }

    /// <summary>Every message, those of topics that begin with <c>$</c> as well. No lock is needed.</summary>
    public IEnumerable<(RetainedNode Node, RetainedEntry Entry)> All()
    {
        var waiting = new Stack<RetainedNode>([Root]);
        while (waiting.TryPop(out RetainedNode? node))
        {
            if (node.Children is { } children)
            {
                Utf8Map<RetainedNode>.Cursor cursor = children.Walk();
                while (cursor.TryNext(out RetainedNode? child))
                {
                    waiting.Push(child);
                }
            }

            if (node.Entry is { } entry)
            {
                yield return (node, entry);
            }
        }
    }

    private static long SizeOf(ReadOnlySpan<byte> word) => NodeBytes + word.Length;
}
