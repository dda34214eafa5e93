using Warren.Buffers;
using Warren.Core.Messages;
using Warren.Core.Sessions;
using Warren.Wire.Mqtt;

namespace Warren.Protocols.Mqtt;

/// <summary>A retained message as one subscription brings it: with its quality of service and its identifier (MQTT 5.0, 3.3.4).</summary>
/// <remarks>
/// What passes through the queue later is told apart by topic alone; a retained message is sent because of one
/// subscription, whatever others take its topic in. So the copy says it all.
/// </remarks>
internal static class RetainedCopy
{
    private const int IdentifierSize = 5;

    /// <summary>Makes the copy.</summary>
    /// <param name="subscription">What brings it.</param>
    /// <param name="message">The retained message.</param>
    /// <param name="own">What marks messages of the subscriber itself.</param>
    /// <param name="slabs">Where the copy lies.</param>
    /// <returns>With a reference for the caller; empty when the subscription does not want it.</returns>
    public static Payload For(SessionSubscription subscription, Message message, ulong own, SlabPool slabs)
    {
        bool isMqtt = message.Format == MqttMessageFormat.FormatTag;
        StoredProperties stored = isMqtt ? new StoredProperties(message.Properties) : default;
        if (!isMqtt || (stored.QoS <= subscription.MaxQoS && subscription.Identifier == 0 && !subscription.NoLocal))
        {
            message.Payload.Retain();
            return message.Payload;
        }

        if (subscription.NoLocal && stored.Origin == own)
        {
            return default;
        }

        byte[] encoded = new byte[stored.Encoded.Length + IdentifierSize];
        stored.Encoded.CopyTo(encoded);
        int length = stored.Encoded.Length;
        if (subscription.Identifier != 0)
        {
            encoded[length++] = (byte)PropertyId.SubscriptionIdentifier;
            length += VariableByteInteger.Write(encoded.AsSpan(length), (int)subscription.Identifier);
        }

        byte[] properties = new byte[StoredProperties.SizeOf(stored.Origin, length, stored.Headers.Length)];
        StoredProperties.Write(
            properties,
            Math.Min(stored.QoS, subscription.MaxQoS),
            stored.Retain,
            stored.Origin,
            encoded.AsSpan(0, length),
            stored.Headers,
            stored.HasHeaders);
        var envelope = new MessageEnvelope(message.Format, message.Flags, message.Priority, message.PublishedAtMs, message.TtlMs);
        Payload copy = slabs.Allocate(
            (int)Message.SizeOf(message.Exchange.Length, message.RoutingKey.Length, properties.Length, message.BodyLength));
        int at = Message.WriteHead(copy.Writable, envelope, message.Exchange, message.RoutingKey, properties, message.BodyLength);
        message.Body.CopyTo(copy.Writable[at..]);
        return copy;
    }
}
