using System.Diagnostics;
using Warren.Buffers;

namespace Warren.Wire.Mqtt;

/// <summary>Writes PUBLISH packets of a server or a client. Nothing is allocated.</summary>
/// <remarks>
/// What a message is published with is the same for every subscriber, what is added is not: properties come in two
/// parts, which are written one behind the other. Before MQTT 5.0 both are left out.
/// </remarks>
public static class PublishWriter
{
    /// <summary>Payloads from this size on, in bytes, are sent from where they lie.</summary>
    public const int ByReference = 8 * 1024;

    /// <summary>Bytes of a whole packet, to compare with what the client takes; above
    /// <see cref="PacketReader.MaxPacketSize"/> it cannot be sent at all.</summary>
    public static long SizeOf(ProtocolVersion version, QoS qos, int topicLength, int propertiesLength, int payloadLength)
    {
        long body = (long)SizeOfBodyHead(version, qos, topicLength, propertiesLength) + payloadLength;
        return body > VariableByteInteger.MaxValue
            ? long.MaxValue
            : 1 + VariableByteInteger.SizeOf((int)body) + body;
    }

    /// <summary>Bytes <see cref="WriteHead"/> writes.</summary>
    public static int SizeOfHead(ProtocolVersion version, QoS qos, int topicLength, int propertiesLength, int payloadLength)
    {
        int head = SizeOfBodyHead(version, qos, topicLength, propertiesLength);
        return 1 + VariableByteInteger.SizeOf(head + payloadLength) + head;
    }

    /// <summary>Writes all of a PUBLISH but its payload.</summary>
    /// <param name="publish">What to write; of its properties the encoded form, and of the payload the length.</param>
    /// <param name="added">Encoded properties behind those of the message.</param>
    /// <returns>Bytes written.</returns>
    public static int WriteHead(
        Span<byte> destination, ProtocolVersion version, in Publish publish, ReadOnlySpan<byte> added)
    {
        ReadOnlySpan<byte> properties = publish.Properties.Encoded;
        int propertyLength = properties.Length + added.Length;
        int head = SizeOfBodyHead(version, publish.QoS, publish.Topic.Length, propertyLength);
        var writer = new BodyWriter(destination, PacketType.Publish, FlagsOf(publish), head + publish.PayloadLength);
        writer.Binary(publish.Topic);
        if (publish.QoS != QoS.AtMostOnce)
        {
            writer.UInt16(publish.PacketIdentifier);
        }

        if (version == ProtocolVersion.Mqtt50)
        {
            writer.PropertyLength(propertyLength);
            writer.Raw(properties);
            writer.Raw(added);
        }

        return writer.Length;
    }

    /// <summary>Appends a PUBLISH to an output, under its lock; a large payload is not copied.</summary>
    /// <param name="publish">What to write; its payload and payload length are not looked at.</param>
    /// <param name="added">Encoded properties behind those of the message.</param>
    /// <param name="payload">The payload; the output takes its own reference when it needs one.</param>
    public static void Write(
        OutputBuffer output, ProtocolVersion version, in Publish publish, ReadOnlySpan<byte> added, Payload payload)
    {
        Publish whole = new()
        {
            Dup = publish.Dup,
            QoS = publish.QoS,
            Retain = publish.Retain,
            Topic = publish.Topic,
            PacketIdentifier = publish.PacketIdentifier,
            Properties = publish.Properties,
            PayloadLength = payload.Length,
        };
        int properties = publish.Properties.Encoded.Length + added.Length;
        Debug.Assert(
            SizeOf(version, publish.QoS, publish.Topic.Length, properties, payload.Length) <= PacketReader.MaxPacketSize,
            "a message too large for the protocol");
        int head = SizeOfHead(version, publish.QoS, publish.Topic.Length, properties, payload.Length);
        if (head > OutputBuffer.MaxSpan)
        {
            WriteLongHead(output, version, whole, added);
        }
        else if (payload.Length < ByReference && head + payload.Length <= OutputBuffer.MaxSpan)
        {
            Span<byte> span = output.GetSpan(head + payload.Length);
            int at = WriteHead(span, version, whole, added);
            payload.Span.CopyTo(span[at..]);
            output.Advance(at + payload.Length);
            return;
        }
        else
        {
            output.Advance(WriteHead(output.GetSpan(head), version, whole, added));
        }

        if (payload.Length >= ByReference)
        {
            output.AppendShared(payload);
        }
        else
        {
            output.Append(payload.Span);
        }
    }

    // A head that is longer than any block: topic and properties go in piece by piece.
    private static void WriteLongHead(
        OutputBuffer output, ProtocolVersion version, in Publish publish, ReadOnlySpan<byte> added)
    {
        ReadOnlySpan<byte> properties = publish.Properties.Encoded;
        int propertyLength = properties.Length + added.Length;
        int head = SizeOfBodyHead(version, publish.QoS, publish.Topic.Length, propertyLength);
        Span<byte> span = output.GetSpan(PacketReader.MaxHeaderSize + sizeof(ushort));
        var start = new BodyWriter(span, PacketType.Publish, FlagsOf(publish), head + publish.PayloadLength);
        start.UInt16(checked((ushort)publish.Topic.Length));
        output.Advance(start.Length);
        output.Append(publish.Topic);
        if (publish.QoS != QoS.AtMostOnce)
        {
            output.Append([(byte)(publish.PacketIdentifier >> 8), (byte)publish.PacketIdentifier]);
        }

        if (version == ProtocolVersion.Mqtt50)
        {
            output.Advance(VariableByteInteger.Write(output.GetSpan(VariableByteInteger.MaxSize), propertyLength));
            output.Append(properties);
            output.Append(added);
        }
    }

    private static int SizeOfBodyHead(ProtocolVersion version, QoS qos, int topicLength, int propertiesLength) =>
        sizeof(ushort) + topicLength
        + (qos == QoS.AtMostOnce ? 0 : sizeof(ushort))
        + (version == ProtocolVersion.Mqtt50 ? VariableByteInteger.SizeOf(propertiesLength) + propertiesLength : 0);

    private static int FlagsOf(in Publish publish) =>
        (publish.Dup ? PacketReader.DupFlag : 0)
        | ((int)publish.QoS << 1)
        | (publish.Retain ? PacketReader.RetainFlag : 0);
}
