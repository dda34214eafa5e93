using System.Buffers;
using Warren.Buffers;
using Warren.Core;
using Warren.Core.Messages;
using Warren.Wire.Mqtt;

namespace Warren.Protocols.Mqtt;

/// <summary>A PUBLISH as the broker keeps it, in memory of its slabs.</summary>
/// <remarks>Pure but for the memory. Allocates nothing on the heap.</remarks>
internal static class PublishImage
{
    /// <summary>Builds it; the caller releases it.</summary>
    /// <param name="broker">Memory and time.</param>
    /// <param name="publish">The packet.</param>
    /// <param name="exchange">Name of the exchange it goes to.</param>
    /// <param name="key">Its routing key.</param>
    /// <param name="origin">Who published it, for subscriptions that leave out their own; 0: nobody asks.</param>
    public static Payload Of(Broker broker, in Publish publish, ReadOnlySpan<byte> exchange, ReadOnlySpan<byte> key, ulong origin)
    {
        var flags = MessageFlags.None;
        long ttlMs = -1;
        int length = 0;
        byte[]? without = null;
        ReadOnlySpan<byte> encoded = publish.Properties.Encoded;
        if (!encoded.IsEmpty)
        {
            if (publish.Properties.Has(PropertyId.MessageExpiryInterval))
            {
                ttlMs = publish.Properties.Number(PropertyId.MessageExpiryInterval, 0) * 1000L;
                flags |= MessageFlags.HasTtl;
            }

            if (publish.Properties.Has(PropertyId.UserProperty))
            {
                flags |= MessageFlags.HasHeaders;
            }

            if (publish.Properties.Has(PropertyId.TopicAlias))
            {
                without = ArrayPool<byte>.Shared.Rent(encoded.Length);
                length = publish.Properties.CopyWithout(without, PropertyId.TopicAlias);
                encoded = without.AsSpan(0, length);
            }
        }

        flags |= publish.QoS == QoS.AtMostOnce ? MessageFlags.None : MessageFlags.Persistent;
        Span<byte> head = stackalloc byte[16];
        int size = StoredProperties.SizeOf(origin, encoded.Length, 0);
        byte[]? rented = size > head.Length ? ArrayPool<byte>.Shared.Rent(size) : null;
        Span<byte> properties = (rented ?? head)[..size];
        StoredProperties.Write(properties, (int)publish.QoS, publish.Retain, origin, encoded, [], hasHeaders: false);
        var envelope = new MessageEnvelope(MqttMessageFormat.FormatTag, flags, 0, broker.Clock.NowMs, ttlMs);
        int body = publish.Payload.Length;
        Payload image = broker.Slabs.Allocate((int)Message.SizeOf(exchange.Length, key.Length, size, body));
        int at = Message.WriteHead(image.Writable, envelope, exchange, key, properties, body);
        publish.Payload.CopyTo(image.Writable[at..]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        if (without is not null)
        {
            ArrayPool<byte>.Shared.Return(without);
        }

        return image;
    }
}
