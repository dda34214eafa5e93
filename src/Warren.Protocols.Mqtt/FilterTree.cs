using System.Diagnostics.CodeAnalysis;
using Warren.Wire.Mqtt;

namespace Warren.Protocols.Mqtt;

/// <summary>Topic filters by their words, to find those that take in a topic without looking at each (MQTT 5.0, 4.7).</summary>
/// <remarks>Filters and topics with dots and slashes swapped. One thread at a time.</remarks>
/// <typeparam name="TValue">What stands behind a filter.</typeparam>
internal sealed class FilterTree<TValue>
{
    private readonly Node _root = new();

    /// <summary>Adds a filter; one that is there already has both values then.</summary>
    public void Add(ReadOnlySpan<byte> filter, TValue value)
    {
        Node node = _root;
        bool more = true;
        while (more)
        {
            node = node.Child(TopicConversion.TakeWord(ref filter, out more));
        }

        (node.Values ??= []).Add(value);
    }

    /// <summary>Adds what stands behind the filters that take in the topic to a list.</summary>
    public void Find(ReadOnlySpan<byte> topic, List<TValue> found) =>
        Find(_root, topic, hasMore: true, wildcards: topic is not [(byte)'$', ..], found); // [MQTT-4.7.2-1]

    // No deeper than the deepest filter, and each node once.
    private static void Find(Node node, ReadOnlySpan<byte> rest, bool hasMore, bool wildcards, List<TValue> found)
    {
        if (wildcards && node.TryFind("#"u8, out Node? all))
        {
            found.AddRange(all.Values ?? []); // "a/#" takes in "a" as well
        }

        if (!hasMore)
        {
            found.AddRange(node.Values ?? []);
            return;
        }

        ReadOnlySpan<byte> word = TopicConversion.TakeWord(ref rest, out hasMore);
        if (node.TryFind(word, out Node? exact))
        {
            Find(exact, rest, hasMore, wildcards: true, found);
        }

        if (wildcards && node.TryFind("+"u8, out Node? any))
        {
            Find(any, rest, hasMore, wildcards: true, found);
        }
    }

    private sealed class Node
    {
        private Dictionary<byte[], Node>? _children;

        public List<TValue>? Values { get; set; } // most nodes are on the way to others

        public Node Child(ReadOnlySpan<byte> word)
        {
            _children ??= new Dictionary<byte[], Node>(WordComparer.Instance);
            if (!TryFind(word, out Node? child))
            {
                _children.Add(word.ToArray(), child = new Node());
            }

            return child;
        }

        public bool TryFind(ReadOnlySpan<byte> word, [NotNullWhen(true)] out Node? child)
        {
            child = null;
            return _children is not null && _children.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(word, out child);
        }
    }

    // The hash is seeded anew in each process: nobody can choose words that collide.
    private sealed class WordComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static WordComparer Instance { get; } = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
