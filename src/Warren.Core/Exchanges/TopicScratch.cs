namespace Warren.Core.Exchanges;

/// <summary>Working memory of one walk through a topic trie, kept for the next one.</summary>
internal sealed class TopicScratch
{
    private int[] _marks = [];
    private int _walk;

    /// <summary>Nodes the key read so far leads to.</summary>
    public NodeStack Current = new();

    /// <summary>Nodes one word further on.</summary>
    public NodeStack Next = new();

    /// <summary>Nodes under <c>#</c>: once reached they stay, whatever words come.</summary>
    public NodeStack Looping = new();

    /// <summary>Begins a walk through a trie with that many nodes under <c>#</c>.</summary>
    public void Begin(int marks)
    {
        if (_marks.Length < marks)
        {
            _marks = new int[Math.Max(marks, _marks.Length * 2)];
            _walk = 0;
        }

        if (++_walk == int.MaxValue)
        {
            Array.Clear(_marks);
            _walk = 1;
        }
    }

    /// <summary>Marks a node under <c>#</c> as reached.</summary>
    /// <returns>False when it was reached before in this walk, or was added to the trie after its begin.</returns>
    public bool TryMark(int index)
    {
        if (index >= _marks.Length || _marks[index] == _walk)
        {
            return false;
        }

        _marks[index] = _walk;
        return true;
    }

    /// <summary>Ends a walk: lets go of the nodes.</summary>
    public void End()
    {
        Current.Clear();
        Next.Clear();
        Looping.Clear();
    }

    /// <summary>Makes the nodes one word further on the current ones.</summary>
    public void Advance()
    {
        (Current, Next) = (Next, Current);
        Next.Clear();
    }

    /// <summary>A growing array of nodes.</summary>
    internal sealed class NodeStack
    {
        private TopicNode[] _nodes = new TopicNode[8];
        private int _count;

        public ReadOnlySpan<TopicNode> Nodes => _nodes.AsSpan(0, _count);

        public int Count => _count;

        public void Push(TopicNode node)
        {
            if (_count == _nodes.Length)
            {
                Array.Resize(ref _nodes, _count * 2);
            }

            _nodes[_count++] = node;
        }

        public void Clear()
        {
            Array.Clear(_nodes, 0, _count);
            _count = 0;
        }
    }
}
