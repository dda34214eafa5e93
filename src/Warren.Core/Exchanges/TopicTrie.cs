using System.Diagnostics;

namespace Warren.Core.Exchanges;

/// <summary>The patterns of a topic exchange as a trie of words.</summary>
/// <remarks>
/// Matching walks all patterns at once, word by word, with the set of nodes reached so far. A node is in the set once,
/// so the cost is at most words times nodes and never depends on the number of ways a pattern fits. Readers take no
/// lock; the writer holds the definition lock.
/// </remarks>
internal sealed class TopicTrie
{
    private readonly TopicNode _root = new();
    private readonly Stack<int> _freeMarks = new();
    private int _markCount;

    /// <summary>Adds a target under a pattern. Writer's lock.</summary>
    public void Add(byte[] key, RoutingTarget target)
    {
        TopicNode node = _root;
        foreach (byte[] step in TopicPattern.Steps(key))
        {
            node = Descend(node, step) ?? Extend(node, step);
        }

        node.Targets.Add(target);
    }

    /// <summary>Takes a target off a pattern it was added under. Writer's lock.</summary>
    public void Remove(byte[] key, RoutingTarget target)
    {
        List<byte[]> steps = TopicPattern.Steps(key);
        var path = new TopicNode[steps.Count + 1];
        path[0] = _root;
        for (int i = 0; i < steps.Count; i++)
        {
            TopicNode? next = Descend(path[i], steps[i]);
            Debug.Assert(next is not null, "a route is removed once, after it was added");
            path[i + 1] = next;
        }

        path[^1].Targets.Remove(target);
        for (int i = steps.Count; i > 0 && path[i].IsEmpty; i--)
        {
            Cut(path[i - 1], steps[i - 1], path[i]);
        }
    }

    /// <summary>Adds the targets of every pattern the routing key matches.</summary>
    public void Match(ReadOnlySpan<byte> routingKey, RouteSet routes)
    {
        TopicScratch scratch = routes.Topic;
        scratch.Begin(Volatile.Read(ref _markCount));
        scratch.Current.Push(_root);
        EnterAny(_root, scratch, routes);
        bool more = !routingKey.IsEmpty;
        while (more && scratch.Current.Count + scratch.Looping.Count > 0)
        {
            int end = routingKey.IndexOf(TopicPattern.Separator);
            more = end >= 0;
            ReadOnlySpan<byte> word = more ? routingKey[..end] : routingKey;
            routingKey = more ? routingKey[(end + 1)..] : default;
            Step(word, scratch, routes);
        }

        if (!more)
        {
            foreach (TopicNode node in scratch.Current.Nodes)
            {
                routes.AddAll(node.Targets);
            }
        }

        scratch.End();
    }

    private static void Step(ReadOnlySpan<byte> word, TopicScratch scratch, RouteSet routes)
    {
        uint hash = Utf8Hash.Of(word);
        foreach (TopicNode node in scratch.Current.Nodes)
        {
            if (node.Words is { } words && words.TryGet(word, hash, out TopicNode? next))
            {
                scratch.Next.Push(next);
            }

            if (node.One is { } one)
            {
                scratch.Next.Push(one);
            }
        }

        foreach (TopicNode node in scratch.Looping.Nodes)
        {
            if (node.Words is { } words && words.TryGet(word, hash, out TopicNode? next))
            {
                scratch.Next.Push(next);
            }
        }

        scratch.Advance();
        foreach (TopicNode node in scratch.Current.Nodes)
        {
            EnterAny(node, scratch, routes);
        }
    }

    // A # right here takes whatever follows, so what ends with it has matched; what goes on after it waits for its
    // word from now on. Both once per walk.
    private static void EnterAny(TopicNode node, TopicScratch scratch, RouteSet routes)
    {
        if (node.Any is { } any && scratch.TryMark(any.MarkIndex))
        {
            routes.AddAll(any.Targets);
            if (any.Words is not null)
            {
                scratch.Looping.Push(any);
            }
        }
    }

    private static TopicNode? Descend(TopicNode node, byte[] step)
    {
        if (ReferenceEquals(step, TopicPattern.One))
        {
            return node.One;
        }

        if (ReferenceEquals(step, TopicPattern.Any))
        {
            return node.Any;
        }

        return node.Words is { } words && words.TryGet(step, out TopicNode? next) ? next : null;
    }

    private TopicNode Extend(TopicNode node, byte[] step)
    {
        var added = new TopicNode();
        if (ReferenceEquals(step, TopicPattern.One))
        {
            node.One = added;
        }
        else if (ReferenceEquals(step, TopicPattern.Any))
        {
            if (!_freeMarks.TryPop(out added.MarkIndex))
            {
                added.MarkIndex = _markCount;
                Volatile.Write(ref _markCount, _markCount + 1);
            }

            node.Any = added;
        }
        else
        {
            Utf8Map<TopicNode> words = node.Words ?? new Utf8Map<TopicNode>();
            words.TryAdd(step, added);
            node.Words = words;
        }

        return added;
    }

    private void Cut(TopicNode parent, byte[] step, TopicNode child)
    {
        if (ReferenceEquals(step, TopicPattern.One))
        {
            parent.One = null;
        }
        else if (ReferenceEquals(step, TopicPattern.Any))
        {
            parent.Any = null;
            _freeMarks.Push(child.MarkIndex);
        }
        else
        {
            parent.Words!.Remove(step);
            if (parent.Words.Count == 0)
            {
                parent.Words = null;
            }
        }
    }
}
