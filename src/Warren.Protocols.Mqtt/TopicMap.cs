using System.Buffers;

namespace Warren.Protocols.Mqtt;

/// <summary>Topics of MQTT and routing keys of AMQP: the same words, parted by slashes here and by dots there.</summary>
/// <remarks>
/// A slash becomes a dot and a dot a slash, so that a topic comes back as it was whatever is in it; in filters <c>+</c>
/// becomes <c>*</c>. Pure.
/// </remarks>
internal static class TopicMap
{
    private static readonly SearchValues<byte> Separators = SearchValues.Create("/."u8);

    /// <summary>Turns a topic name into a routing key, or a routing key into a topic name.</summary>
    /// <param name="from">The one.</param>
    /// <param name="to">The other; as long.</param>
    public static void Swap(ReadOnlySpan<byte> from, Span<byte> to)
    {
        from.CopyTo(to);
        Span<byte> rest = to[..from.Length];
        for (int at = rest.IndexOfAny(Separators); at >= 0; at = rest.IndexOfAny(Separators))
        {
            rest[at] = rest[at] == (byte)'/' ? (byte)'.' : (byte)'/';
            rest = rest[(at + 1)..];
        }
    }

    /// <summary>Turns a topic filter into a binding key.</summary>
    public static byte[] KeyOf(ReadOnlySpan<byte> filter)
    {
        byte[] key = new byte[filter.Length];
        Swap(filter, key);
        key.AsSpan().Replace((byte)'+', (byte)'*');
        return key;
    }

    /// <summary>Whether a routing key can be a topic name: wildcards have no place in one ([MQTT-3.3.2-2]).</summary>
    public static bool IsTopic(ReadOnlySpan<byte> routingKey) => routingKey.IndexOfAny("\0+#"u8) < 0 && !routingKey.IsEmpty;

    /// <summary>Whether a filter takes in a topic; both with dots and slashes swapped (MQTT 5.0, 4.7).</summary>
    public static bool Matches(ReadOnlySpan<byte> filter, ReadOnlySpan<byte> topic)
    {
        if (topic is [(byte)'$', ..] && filter is [(byte)'+' or (byte)'#', ..])
        {
            return false; // [MQTT-4.7.2-1]
        }

        while (true)
        {
            if (filter is [(byte)'#'])
            {
                return true;
            }

            int filterEnd = filter.IndexOf((byte)'.');
            int topicEnd = topic.IndexOf((byte)'.');
            ReadOnlySpan<byte> filterWord = filterEnd < 0 ? filter : filter[..filterEnd];
            ReadOnlySpan<byte> topicWord = topicEnd < 0 ? topic : topic[..topicEnd];
            if (filterWord is not [(byte)'+'] && !filterWord.SequenceEqual(topicWord))
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
}
