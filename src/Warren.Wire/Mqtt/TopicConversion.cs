using System.Buffers;
using System.Text.Unicode;

namespace Warren.Wire.Mqtt;

/// <summary>MQTT topics as AMQP routing and binding keys, and back.</summary>
/// <remarks>
/// <para>Bytes are replaced one for one, so that the length stays: <c>/</c> becomes <c>.</c>, in filters <c>+</c> becomes
/// <c>*</c>, and <c>#</c> stays. Vectorised. Source and destination may be the same memory.</para>
/// <para>What is lost: a <c>.</c> in a topic comes back as <c>/</c>, and a <c>*</c> in a filter, a letter like any other
/// in MQTT, becomes a wildcard.</para>
/// </remarks>
public static class TopicConversion
{
    private const byte Slash = (byte)'/';
    private const byte Dot = (byte)'.';
    private const byte Plus = (byte)'+';
    private const byte Star = (byte)'*';

    private static readonly SearchValues<byte> NotInNames = SearchValues.Create("\0+#*"u8);

    /// <summary>A topic name as a routing key.</summary>
    /// <param name="destination">At least as long as the name.</param>
    /// <returns>Bytes written: as many as the name has.</returns>
    public static int ToRoutingKey(ReadOnlySpan<byte> topicName, Span<byte> destination)
    {
        topicName.Replace(destination, Slash, Dot);
        return topicName.Length;
    }

    /// <summary>A topic filter as a binding key of a topic exchange.</summary>
    /// <param name="destination">At least as long as the filter.</param>
    /// <returns>Bytes written: as many as the filter has.</returns>
    public static int ToBindingKey(ReadOnlySpan<byte> topicFilter, Span<byte> destination)
    {
        topicFilter.Replace(destination, Slash, Dot);
        destination[..topicFilter.Length].Replace(Plus, Star);
        return topicFilter.Length;
    }

    /// <summary>A routing key as a topic name.</summary>
    /// <param name="destination">At least as long as the key.</param>
    /// <returns>
    /// False, with nothing written, for a key that is no topic name: empty, too long, not UTF-8, or with a wildcard of
    /// either protocol.
    /// </returns>
    public static bool TryToTopicName(ReadOnlySpan<byte> routingKey, Span<byte> destination)
    {
        if (routingKey.IsEmpty
            || routingKey.Length > Utf8Text.MaxLength
            || routingKey.ContainsAny(NotInNames)
            || !Utf8.IsValid(routingKey))
        {
            return false;
        }

        routingKey.Replace(destination, Dot, Slash);
        return true;
    }

    /// <summary>A binding key of a topic exchange as a topic filter.</summary>
    /// <param name="destination">At least as long as the key; overwritten even when the result is false.</param>
    /// <returns>False for a key that is no topic filter: empty, not UTF-8, or <c>#</c> not at the end.</returns>
    public static bool TryToTopicFilter(ReadOnlySpan<byte> bindingKey, Span<byte> destination)
    {
        if (bindingKey.Contains(Plus))
        {
            return false;
        }

        Span<byte> filter = destination[..bindingKey.Length];
        bindingKey.Replace(filter, Dot, Slash);
        ReplaceLoneStars(filter);
        return TopicFilter.Check(filter) == TopicFault.None;
    }

    // In AMQP a star is a wildcard only as a word of its own; elsewhere it is a letter, as it is in MQTT.
    private static void ReplaceLoneStars(Span<byte> filter)
    {
        int from = 0;
        while (true)
        {
            int next = filter[from..].IndexOf(Star);
            if (next < 0)
            {
                return;
            }

            int at = from + next;
            bool begins = at == 0 || filter[at - 1] == Slash;
            bool ends = at == filter.Length - 1 || filter[at + 1] == Slash;
            if (begins && ends)
            {
                filter[at] = Plus;
            }

            from = at + 1;
        }
    }
}
