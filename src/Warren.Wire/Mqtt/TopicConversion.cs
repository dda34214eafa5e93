using System.Buffers;

namespace Warren.Wire.Mqtt;

/// <summary>MQTT topics as AMQP routing and binding keys, and back: the same words, parted by slashes here and by dots there.</summary>
/// <remarks>
/// A slash becomes a dot and a dot a slash, so that a topic comes back as it was whatever is in it; in filters <c>+</c>
/// becomes <c>*</c>, and <c>#</c> stays. Bytes are replaced one for one, so that the length stays. Vectorised. A
/// <c>*</c> in a filter, a letter like any other in MQTT, becomes a wildcard of AMQP: who binds with such a key asks
/// <see cref="Matches"/> of what comes.
/// </remarks>
public static class TopicConversion
{
    private const byte Slash = (byte)'/';
    private const byte Dot = (byte)'.';
    private const byte Plus = (byte)'+';
    private const byte Star = (byte)'*';
    private const byte Hash = (byte)'#';

    private static readonly SearchValues<byte> Separators = SearchValues.Create("/."u8);
    private static readonly SearchValues<byte> NotInNames = SearchValues.Create("\0+#"u8);

    /// <summary>A topic name as a routing key, or a routing key as a topic name.</summary>
    /// <param name="from">The one.</param>
    /// <param name="to">At least as long.</param>
    public static void Swap(ReadOnlySpan<byte> from, Span<byte> to)
    {
        from.CopyTo(to);
        Span<byte> rest = to[..from.Length];
        for (int at = rest.IndexOfAny(Separators); at >= 0; at = rest.IndexOfAny(Separators))
        {
            rest[at] = rest[at] == Slash ? Dot : Slash;
            rest = rest[(at + 1)..];
        }
    }

    /// <summary>A topic filter as a binding key of a topic exchange.</summary>
    public static byte[] ToBindingKey(ReadOnlySpan<byte> topicFilter)
    {
        byte[] key = new byte[topicFilter.Length];
        Swap(topicFilter, key);
        key.AsSpan().Replace(Plus, Star);
        return key;
    }

    /// <summary>Whether a routing key can be a topic name: wildcards have no place in one ([MQTT-3.3.2-2]).</summary>
    public static bool IsTopicName(ReadOnlySpan<byte> routingKey) =>
        !routingKey.IsEmpty && routingKey.Length <= Utf8Text.MaxLength && !routingKey.ContainsAny(NotInNames);

    /// <summary>Whether a filter takes in a topic; both with dots and slashes swapped (MQTT 5.0, 4.7).</summary>
    public static bool Matches(ReadOnlySpan<byte> filter, ReadOnlySpan<byte> topic)
    {
        if (topic is [(byte)'$', ..] && filter is [Plus or Hash, ..])
        {
            return false; // [MQTT-4.7.2-1]
        }

        while (true)
        {
            if (filter is [Hash])
            {
                return true;
            }

            int filterEnd = filter.IndexOf(Dot);
            int topicEnd = topic.IndexOf(Dot);
            ReadOnlySpan<byte> filterWord = filterEnd < 0 ? filter : filter[..filterEnd];
            ReadOnlySpan<byte> topicWord = topicEnd < 0 ? topic : topic[..topicEnd];
            if (filterWord is not [Plus] && !filterWord.SequenceEqual(topicWord))
            {
                return false;
            }

            if (filterEnd < 0 || topicEnd < 0)
            {
                // "a/#" takes in "a" as well.
                return topicEnd < 0 && (filterEnd < 0 || filter[filterEnd..].SequenceEqual(".#"u8));
            }

            filter = filter[(filterEnd + 1)..];
            topic = topic[(topicEnd + 1)..];
        }
    }

    /// <summary>The first word of a key, which is taken off it.</summary>
    /// <param name="key">Words parted by dots.</param>
    /// <param name="hasMore">Whether there was a dot behind the word.</param>
    public static ReadOnlySpan<byte> TakeWord(ref ReadOnlySpan<byte> key, out bool hasMore)
    {
        int end = key.IndexOf(Dot);
        hasMore = end >= 0;
        ReadOnlySpan<byte> word = hasMore ? key[..end] : key;
        key = hasMore ? key[(end + 1)..] : [];
        return word;
    }
}
