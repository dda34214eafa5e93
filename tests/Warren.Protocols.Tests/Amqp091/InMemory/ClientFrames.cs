using Warren.Wire.Amqp091;

namespace Warren.Protocols.Tests.Amqp091.InMemory;

/// <summary>Frames of channel 1 as a client sends them, many in one array.</summary>
internal static class ClientFrames
{
    /// <summary>The same message again and again: basic.publish, header and body.</summary>
    /// <param name="count">How many.</param>
    /// <param name="exchange">The exchange.</param>
    /// <param name="routingKey">The routing key.</param>
    /// <param name="bodySize">Bytes of each body.</param>
    /// <param name="persistent">Whether the log keeps them in durable queues.</param>
    public static byte[] Publishes(
        int count, ReadOnlySpan<byte> exchange, ReadOnlySpan<byte> routingKey, int bodySize, bool persistent)
    {
        byte[] properties = BasicPropertiesWriter.Write(new BasicPropertyValues { DeliveryMode = persistent ? (byte)2 : (byte)1 });
        byte[] one = new byte[bodySize + 1024];
        int length = ClientMethodWriter.WritePublish(one, 1, exchange, routingKey);
        length += MethodWriter.WriteContentHeader(one.AsSpan(length), 1, (ulong)bodySize, properties);
        length += MethodWriter.WriteBody(one.AsSpan(length), 1, new byte[bodySize]);
        byte[] all = new byte[length * count];
        for (int i = 0; i < count; i++)
        {
            one.AsSpan(0, length).CopyTo(all.AsSpan(i * length));
        }

        return all;
    }

    /// <summary>basic.ack for each tag of a run.</summary>
    /// <returns>Bytes written.</returns>
    public static int WriteAcks(Span<byte> destination, ulong first, ulong last)
    {
        int length = 0;
        for (ulong tag = first; tag <= last; tag++)
        {
            length += MethodWriter.WriteAck(destination[length..], 1, tag, multiple: false);
        }

        return length;
    }
}
