namespace Warren.Core.Exchanges;

/// <summary>Patterns by their words; finds all that match a key in time bounded by words times nodes.</summary>
/// <remarks>
/// Not thread-safe: its exchange's lock guards it. A run of * and # in a pattern is put into one form (all *, then one #),
/// which matches the same keys, so that no key can be cut in exponentially many ways; what was seen at a # is not
/// looked at again for the same rest of the key.
/// </remarks>
internal sealed class TopicTrie
{
    private const byte Separator = (byte)'.';

    private static readonly Utf8KeyComparer Words = new();

    private readonly Node _root = new();
    private readonly HashSet<(Node Node, int Word)> _seen = [];
    private readonly List<(int Start, int Length)> _words = [];

    public void Add(ReadOnlySpan<byte> pattern, RoutingTarget target)
    {
        Node node = _root;
        foreach (byte[] word in Normalize(pattern))
        {
            node = node.Descend(word);
        }

        node.Add(target);
    }

    public void Remove(ReadOnlySpan<byte> pattern, RoutingTarget target)
    {
        List<byte[]> words = Normalize(pattern);
        var path = new List<Node> { _root };
        foreach (byte[] word in words)
        {
            if (path[^1].Child(word) is not { } next)
            {
                return;
            }

            path.Add(next);
        }

        path[^1].Remove(target);
        for (int i = words.Count - 1; i >= 0 && path[i + 1].IsEmpty; i--)
        {
            path[i].RemoveChild(words[i]);
        }
    }

    public void Match(ReadOnlySpan<byte> key, RouteSet routes)
    {
        _words.Clear();
        _seen.Clear();
        for (int start = 0; ;)
        {
            int length = key[start..].IndexOf(Separator);
            if (length < 0)
            {
                _words.Add((start, key.Length - start));
                break;
            }

            _words.Add((start, length));
            start += length + 1;
        }

        // An empty key is no words at all, not one empty word.
        if (key.IsEmpty)
        {
            _words.Clear();
        }

        Match(_root, 0, key, routes);
    }

    private void Match(Node node, int word, ReadOnlySpan<byte> key, RouteSet routes)
    {
        if (node.Many is { } many)
        {
            for (int rest = word; rest <= _words.Count; rest++)
            {
                if (_seen.Add((many, rest)))
                {
                    Match(many, rest, key, routes);
                }
            }
        }

        if (word == _words.Count)
        {
            routes.Add(node.Targets);
            return;
        }

        (int start, int length) = _words[word];
        if (node.Find(key.Slice(start, length)) is { } child)
        {
            Match(child, word + 1, key, routes);
        }

        if (node.One is { } one)
        {
            Match(one, word + 1, key, routes);
        }
    }

    private static List<byte[]> Normalize(ReadOnlySpan<byte> pattern)
    {
        var words = new List<byte[]>();
        bool many = false; // a # of the current run of wildcards is still to be written
        if (pattern.IsEmpty)
        {
            return words;
        }

        foreach (Range range in pattern.Split(Separator))
        {
            ReadOnlySpan<byte> word = pattern[range];
            if (word.SequenceEqual("#"u8))
            {
                many = true;
                continue;
            }

            if (many && !word.SequenceEqual("*"u8))
            {
                words.Add("#"u8.ToArray());
                many = false;
            }

            words.Add(word.ToArray());
        }

        if (many)
        {
            words.Add("#"u8.ToArray());
        }

        return words;
    }

    private sealed class Node
    {
        private Dictionary<byte[], Node>? _children;
        private Dictionary<RoutingTarget, int>? _counts;

        public RoutingTarget[] Targets { get; private set; } = [];

        /// <summary>The child for *.</summary>
        public Node? One { get; private set; }

        /// <summary>The child for #.</summary>
        public Node? Many { get; private set; }

        public bool IsEmpty => Targets.Length == 0 && One is null && Many is null && _children is not { Count: > 0 };

        public Node? Find(ReadOnlySpan<byte> word) =>
            _children is not null && _children.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(word, out Node? child)
                ? child
                : null;

        public Node? Child(byte[] word) => word switch
        {
            [(byte)'*'] => One,
            [(byte)'#'] => Many,
            _ => Find(word),
        };

        public Node Descend(byte[] word)
        {
            switch (word)
            {
                case [(byte)'*']:
                    return One ??= new Node();
                case [(byte)'#']:
                    return Many ??= new Node();
                default:
                    _children ??= new Dictionary<byte[], Node>(Words);
                    if (!_children.TryGetValue(word, out Node? child))
                    {
                        _children.Add(word, child = new Node());
                    }

                    return child;
            }
        }

        public void RemoveChild(byte[] word)
        {
            switch (word)
            {
                case [(byte)'*']:
                    One = null;
                    break;
                case [(byte)'#']:
                    Many = null;
                    break;
                default:
                    _children!.Remove(word);
                    break;
            }
        }

        public void Add(RoutingTarget target)
        {
            _counts ??= [];
            _counts[target] = _counts.GetValueOrDefault(target) + 1;
            Targets = [.. _counts.Keys];
        }

        public void Remove(RoutingTarget target)
        {
            if (_counts is null || !_counts.TryGetValue(target, out int count))
            {
                return;
            }

            if (count > 1)
            {
                _counts[target] = count - 1;
                return;
            }

            _counts.Remove(target);
            Targets = [.. _counts.Keys];
        }
    }
}
