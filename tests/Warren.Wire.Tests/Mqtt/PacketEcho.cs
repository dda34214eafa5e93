using Warren.Wire.Mqtt;

namespace Warren.Wire.Tests.Mqtt;

/// <summary>Reads a packet through its view and writes it again from what the view says.</summary>
internal static class PacketEcho
{
    /// <summary>Bytes the copy of a packet may take beyond the packet.</summary>
    internal const int Room = 16;

    /// <returns>Bytes written.</returns>
    /// <exception cref="PacketError">What the view throws.</exception>
    internal static int Write(Packet packet, ProtocolVersion version, PacketSender sender, Span<byte> destination)
    {
        switch (packet.Type)
        {
            case PacketType.Connect:
                return ClientPacketWriter.WriteConnect(destination, Connect.Read(packet.Body));
            case PacketType.ConnAck:
                ConnAck connAck = ConnAck.Read(packet, version);
                return PacketWriter.WriteConnAck(
                    destination, version, connAck.SessionPresent, ReasonOf(connAck.Code, version),
                    connAck.Properties.Encoded, default);
            case PacketType.Publish:
                Publish publish = Publish.Read(packet, version, sender);
                int head = PublishWriter.WriteHead(destination, version, publish, []);
                publish.Payload.CopyTo(destination[head..]);
                return head + publish.Payload.Length;
            case PacketType.PubAck or PacketType.PubRec or PacketType.PubRel or PacketType.PubComp:
                Acknowledgement ack = Acknowledgement.Read(packet, version);
                return PacketWriter.WriteAcknowledgement(
                    destination, version, ack.Type, ack.PacketIdentifier, ack.Reason, AllOf(ack.Properties));
            case PacketType.Subscribe:
                return WriteSubscribe(Subscribe.Read(packet, version), version, destination);
            case PacketType.Unsubscribe:
                return WriteUnsubscribe(Unsubscribe.Read(packet, version), version, destination);
            case PacketType.SubAck:
                SubAck subAck = SubAck.Read(packet, version);
                return PacketWriter.WriteSubAck(
                    destination, version, subAck.PacketIdentifier, subAck.Reasons, AllOf(subAck.Properties));
            case PacketType.UnsubAck:
                SubAck unsubAck = SubAck.Read(packet, version);
                return PacketWriter.WriteUnsubAck(
                    destination, version, unsubAck.PacketIdentifier, unsubAck.Reasons, AllOf(unsubAck.Properties));
            case PacketType.Disconnect:
                Disconnect disconnect = Disconnect.Read(packet, version, sender);
                return version == ProtocolVersion.Mqtt50
                    ? PacketWriter.WriteDisconnect(
                        destination, version, disconnect.Reason, disconnect.Properties.Encoded, default)
                    : Copy(ClientPacketWriter.Disconnect, destination);
            case PacketType.Auth:
                Auth auth = Auth.Read(packet);
                return PacketWriter.WriteAuth(destination, auth.Reason, auth.Properties.Encoded, default);
            default:
                Ping.Read(packet);
                return Copy(
                    packet.Type == PacketType.PingReq ? ClientPacketWriter.PingReq : PacketWriter.PingResp, destination);
        }
    }

    private static OptionalProperties AllOf(Properties properties) => new() { UserProperties = properties.Encoded };

    private static int WriteSubscribe(Subscribe subscribe, ProtocolVersion version, Span<byte> destination)
    {
        // One filter after the other behind the head of the first: the writer has the same options for all of them.
        int length = 0;
        foreach (Subscription subscription in subscribe)
        {
            length += sizeof(ushort) + subscription.Filter.Length + 1;
        }

        byte[] filters = new byte[length];
        int at = 0;
        foreach (Subscription subscription in subscribe)
        {
            at += WriteText(filters.AsSpan(at), subscription.Filter);
            filters[at++] = subscription.Options;
        }

        return WriteFilters(
            PacketType.Subscribe, subscribe.PacketIdentifier, subscribe.Properties, filters, version, destination);
    }

    private static int WriteUnsubscribe(Unsubscribe unsubscribe, ProtocolVersion version, Span<byte> destination)
    {
        var filters = new List<byte[]>(unsubscribe.Count);
        foreach (ReadOnlySpan<byte> filter in unsubscribe)
        {
            filters.Add(filter.ToArray());
        }

        return ClientPacketWriter.WriteUnsubscribe(
            destination, version, unsubscribe.PacketIdentifier, filters.ToArray(), unsubscribe.Properties.Encoded);
    }

    private static int WriteFilters(
        PacketType type,
        ushort identifier,
        Properties properties,
        ReadOnlySpan<byte> filters,
        ProtocolVersion version,
        Span<byte> destination)
    {
        int propertyLength = properties.Encoded.Length;
        bool is50 = version == ProtocolVersion.Mqtt50;
        int body = sizeof(ushort) + filters.Length
            + (is50 ? VariableByteInteger.SizeOf(propertyLength) + propertyLength : 0);
        destination[0] = (byte)(((int)type << 4) | 0b0010);
        int at = 1 + VariableByteInteger.Write(destination[1..], body);
        destination[at++] = (byte)(identifier >> 8);
        destination[at++] = (byte)identifier;
        if (is50)
        {
            at += VariableByteInteger.Write(destination[at..], propertyLength);
            at += Copy(properties.Encoded, destination[at..]);
        }

        return at + Copy(filters, destination[at..]);
    }

    private static int WriteText(Span<byte> destination, ReadOnlySpan<byte> text)
    {
        destination[0] = (byte)(text.Length >> 8);
        destination[1] = (byte)text.Length;
        return sizeof(ushort) + Copy(text, destination[sizeof(ushort)..]);
    }

    private static ReasonCode ReasonOf(byte code, ProtocolVersion version) =>
        version == ProtocolVersion.Mqtt50
            ? (ReasonCode)code
            : (ConnectReturnCode)code switch
            {
                ConnectReturnCode.Accepted => ReasonCode.Success,
                ConnectReturnCode.UnacceptableProtocolVersion => ReasonCode.UnsupportedProtocolVersion,
                ConnectReturnCode.IdentifierRejected => ReasonCode.ClientIdentifierNotValid,
                ConnectReturnCode.ServerUnavailable => ReasonCode.ServerUnavailable,
                ConnectReturnCode.BadUserNameOrPassword => ReasonCode.BadUserNameOrPassword,
                _ => ReasonCode.NotAuthorized,
            };

    private static int Copy(ReadOnlySpan<byte> bytes, Span<byte> destination)
    {
        bytes.CopyTo(destination);
        return bytes.Length;
    }
}
