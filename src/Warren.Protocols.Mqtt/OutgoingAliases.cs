using System.Buffers.Binary;
using Warren.Wire.Mqtt;

namespace Warren.Protocols.Mqtt;

/// <summary>The topic aliases this server has set for one client (MQTT 5.0, 3.3.2.3.4).</summary>
/// <remarks>Not thread-safe: the lock of the connection's output guards it. The first topics seen get the aliases.</remarks>
internal sealed class OutgoingAliases(int maximum)
{
    private readonly List<byte[]> _topics = [];

    /// <summary>Adds the alias of a topic to the properties.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="properties">Where the alias goes.</param>
    /// <param name="at">Where there; moved behind it.</param>
    /// <returns>The topic when the client does not know the alias yet or there is none; empty when it does.</returns>
    public ReadOnlySpan<byte> Shorten(ReadOnlySpan<byte> topic, scoped Span<byte> properties, scoped ref int at)
    {
        for (int i = 0; i < _topics.Count; i++)
        {
            if (topic.SequenceEqual(_topics[i]))
            {
                Write(properties, i + 1, ref at);
                return [];
            }
        }

        if (_topics.Count < maximum)
        {
            _topics.Add(topic.ToArray());
            Write(properties, _topics.Count, ref at);
        }

        return topic;
    }

    private static void Write(scoped Span<byte> properties, int alias, ref int at)
    {
        properties[at] = (byte)PropertyId.TopicAlias;
        BinaryPrimitives.WriteUInt16BigEndian(properties[(at + 1)..], (ushort)alias);
        at += 3;
    }
}
