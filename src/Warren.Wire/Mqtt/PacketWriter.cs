using System.Runtime.InteropServices;

namespace Warren.Wire.Mqtt;

/// <summary>Writes the packets a server sends, PUBLISH left aside, each whole, and returns its length in bytes.</summary>
/// <remarks>
/// <para>Pure, no allocation. <see cref="SizeOf"/> bytes are enough for each.</para>
/// <para>Every writer returns 0, with nothing written, when the packet is larger than the client takes even without
/// what is optional: then it must not be sent ([MQTT-3.1.2-24]).</para>
/// <para>Before MQTT 5.0 properties are left out, and reasons but in CONNACK and SUBACK.</para>
/// </remarks>
public static class PacketWriter
{
    /// <summary>PINGRESP.</summary>
    public static ReadOnlySpan<byte> PingResp => [(int)PacketType.PingResp << 4, 0];

    /// <summary>Bytes of an acknowledgement without properties, at most.</summary>
    public const int MaxAcknowledgementSize = 6;

    // Fixed header, identifier or flags, code, property length.
    private const int Overhead = PacketReader.MaxHeaderSize + sizeof(ushort) + 1 + VariableByteInteger.MaxSize;

    /// <summary>Bytes enough for any packet of these properties and so many reason codes.</summary>
    public static int SizeOf(int properties, OptionalProperties optional, int reasons = 1) =>
        Overhead + properties + optional.MaxSize + reasons;

    /// <summary>CONNACK. Before MQTT 5.0 the reason becomes a return code, and a refusal has no session.</summary>
    /// <param name="properties">Encoded, without their length.</param>
    public static int WriteConnAck(
        Span<byte> destination,
        ProtocolVersion version,
        bool sessionPresent,
        ReasonCode reason,
        ReadOnlySpan<byte> properties,
        OptionalProperties optional,
        int maxPacketSize = PacketReader.MaxPacketSize)
    {
        // MQTT 3.1 has no session present flag.
        byte flags = (byte)(sessionPresent && !reason.IsFailure() && version != ProtocolVersion.Mqtt31 ? 1 : 0);
        if (version != ProtocolVersion.Mqtt50)
        {
            ReadOnlySpan<byte> old = [(byte)PacketType.ConnAck << 4, 2, flags, (byte)reason.ToReturnCode()];
            return Copy(old, destination);
        }

        return Write(
            destination, PacketType.ConnAck, 0, [flags, (byte)reason], properties, optional, [], maxPacketSize);
    }

    /// <summary>PUBACK, PUBREC, PUBREL or PUBCOMP without properties.</summary>
    /// <param name="destination">At least <see cref="MaxAcknowledgementSize"/> bytes.</param>
    public static int WriteAcknowledgement(
        Span<byte> destination,
        ProtocolVersion version,
        PacketType type,
        ushort packetIdentifier,
        ReasonCode reason = ReasonCode.Success) =>
        WriteAcknowledgement(destination, version, type, packetIdentifier, reason, default);

    /// <summary>PUBACK, PUBREC, PUBREL or PUBCOMP.</summary>
    public static int WriteAcknowledgement(
        Span<byte> destination,
        ProtocolVersion version,
        PacketType type,
        ushort packetIdentifier,
        ReasonCode reason,
        OptionalProperties optional,
        int maxPacketSize = PacketReader.MaxPacketSize)
    {
        int flags = type == PacketType.PubRel ? 0b0010 : 0;
        byte high = (byte)(packetIdentifier >> 8);
        byte low = (byte)packetIdentifier;
        byte first = (byte)(((int)type << 4) | flags);
        if (version == ProtocolVersion.Mqtt50)
        {
            OptionalProperties fitting = optional.Fit(sizeof(ushort) + 1, 0, maxPacketSize);
            if (fitting.MaxSize > 0)
            {
                return Write(
                    destination, type, flags, [high, low, (byte)reason], default, fitting, [], maxPacketSize);
            }

            if (reason != ReasonCode.Success)
            {
                ReadOnlySpan<byte> withReason = [first, 3, high, low, (byte)reason];
                return withReason.Length > maxPacketSize ? 0 : Copy(withReason, destination);
            }
        }

        ReadOnlySpan<byte> shortest = [first, 2, high, low];
        return shortest.Length > maxPacketSize ? 0 : Copy(shortest, destination);
    }

    /// <summary>SUBACK: one reason for each filter. Before MQTT 5.0 failures become 0x80.</summary>
    public static int WriteSubAck(
        Span<byte> destination,
        ProtocolVersion version,
        ushort packetIdentifier,
        ReadOnlySpan<ReasonCode> reasons,
        OptionalProperties optional,
        int maxPacketSize = PacketReader.MaxPacketSize)
    {
        ReadOnlySpan<byte> identifier = [(byte)(packetIdentifier >> 8), (byte)packetIdentifier];
        if (version == ProtocolVersion.Mqtt50)
        {
            return Write(
                destination, PacketType.SubAck, 0, identifier, default, optional, MemoryMarshal.AsBytes(reasons),
                maxPacketSize);
        }

        var writer = new BodyWriter(destination, PacketType.SubAck, 0, sizeof(ushort) + reasons.Length);
        writer.UInt16(packetIdentifier);
        foreach (ReasonCode reason in reasons)
        {
            writer.Octet(reason.ToSubAckOctet(version));
        }

        return writer.Length;
    }

    /// <summary>UNSUBACK: one reason for each filter, none before MQTT 5.0.</summary>
    public static int WriteUnsubAck(
        Span<byte> destination,
        ProtocolVersion version,
        ushort packetIdentifier,
        ReadOnlySpan<ReasonCode> reasons,
        OptionalProperties optional,
        int maxPacketSize = PacketReader.MaxPacketSize)
    {
        ReadOnlySpan<byte> identifier = [(byte)(packetIdentifier >> 8), (byte)packetIdentifier];
        return version == ProtocolVersion.Mqtt50
            ? Write(
                destination, PacketType.UnsubAck, 0, identifier, default, optional, MemoryMarshal.AsBytes(reasons),
                maxPacketSize)
            : Copy([(byte)PacketType.UnsubAck << 4, 2, .. identifier], destination);
    }

    /// <summary>DISCONNECT of MQTT 5.0: a server says nothing to older clients, and 0 is returned.</summary>
    /// <param name="properties">Encoded, without their length.</param>
    public static int WriteDisconnect(
        Span<byte> destination,
        ProtocolVersion version,
        ReasonCode reason,
        ReadOnlySpan<byte> properties,
        OptionalProperties optional,
        int maxPacketSize = PacketReader.MaxPacketSize)
    {
        if (version != ProtocolVersion.Mqtt50)
        {
            return 0;
        }

        OptionalProperties fitting = optional.Fit(1, properties.Length, maxPacketSize);
        if (!properties.IsEmpty || fitting.MaxSize > 0)
        {
            return Write(
                destination, PacketType.Disconnect, 0, [(byte)reason], properties, fitting, [], maxPacketSize);
        }

        ReadOnlySpan<byte> shortest = [(byte)PacketType.Disconnect << 4, 1, (byte)reason];
        return shortest.Length > maxPacketSize ? 0 : Copy(shortest, destination);
    }

    /// <summary>AUTH; success without properties has no body.</summary>
    /// <param name="properties">Encoded, without their length; the authentication method among them.</param>
    public static int WriteAuth(
        Span<byte> destination,
        ReasonCode reason,
        ReadOnlySpan<byte> properties,
        OptionalProperties optional,
        int maxPacketSize = PacketReader.MaxPacketSize) =>
        reason == ReasonCode.Success && properties.IsEmpty && optional.MaxSize == 0
            ? Copy([(byte)PacketType.Auth << 4, 0], destination)
            : Write(destination, PacketType.Auth, 0, [(byte)reason], properties, optional, [], maxPacketSize);

    // Head, properties, tail: every packet of MQTT 5.0 that has properties is of that form.
    internal static int Write(
        Span<byte> destination,
        PacketType type,
        int flags,
        ReadOnlySpan<byte> head,
        ReadOnlySpan<byte> properties,
        OptionalProperties optional,
        ReadOnlySpan<byte> tail,
        int maxPacketSize)
    {
        OptionalProperties fitting = optional.Fit(head.Length + tail.Length, properties.Length, maxPacketSize);
        int propertyLength = properties.Length + fitting.MaxSize;
        int body = head.Length + VariableByteInteger.SizeOf(propertyLength) + propertyLength + tail.Length;
        if (1 + VariableByteInteger.SizeOf(body) + body > maxPacketSize)
        {
            return 0;
        }

        var writer = new BodyWriter(destination, type, flags, body);
        writer.Raw(head);
        writer.PropertyLength(propertyLength);
        writer.Raw(properties);
        if (!fitting.ReasonString.IsEmpty)
        {
            writer.Octet((byte)PropertyId.ReasonString);
            writer.Binary(fitting.ReasonString);
        }

        writer.Raw(fitting.UserProperties);
        writer.Raw(tail);
        return writer.Length;
    }

    private static int Copy(ReadOnlySpan<byte> packet, Span<byte> destination)
    {
        packet.CopyTo(destination);
        return packet.Length;
    }
}
