using System.Buffers.Binary;

namespace Warren.Wire.Mqtt;

/// <summary>PUBLISH: a message (MQTT 5.0 and 3.1.1, 3.3).</summary>
/// <remarks>Read once per message: nothing is allocated.</remarks>
public readonly ref struct Publish
{
    // 0       2       2+t                2+t (+2)
    // +-------+-------+-----------------+----------------------------+---------+
    // |   t   | topic | packet id       | property length, properties| payload |
    // +-------+-------+-----------------+----------------------------+---------+
    //   u16     t       u16, QoS 1 and 2   MQTT 5.0 only                the rest

    /// <summary>The message is sent again.</summary>
    public bool Dup { get; init; }

    /// <summary>Quality of service.</summary>
    public QoS QoS { get; init; }

    /// <summary>Keep it for those who subscribe later; or, from the server, it was kept.</summary>
    public bool Retain { get; init; }

    /// <summary>The topic name: well-formed UTF-8 without wildcards. Empty only beside a topic alias.</summary>
    public ReadOnlySpan<byte> Topic { get; init; }

    /// <summary>The packet identifier; 0 for QoS 0.</summary>
    public ushort PacketIdentifier { get; init; }

    /// <summary>The properties; empty before MQTT 5.0.</summary>
    public Properties Properties { get; init; }

    /// <summary>The payload, as much of it as has arrived.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>Bytes of the whole payload.</summary>
    public int PayloadLength { get; init; }

    /// <summary>The topic alias; 0 when absent.</summary>
    public ushort TopicAlias => (ushort)Properties.Number(PropertyId.TopicAlias, 0);

    /// <summary>Reads a whole PUBLISH.</summary>
    /// <exception cref="PacketError">0x81, 0x82 or 0x97.</exception>
    public static Publish Read(Packet packet, ProtocolVersion version, PacketSender sender = PacketSender.Client)
    {
        // The body is whole, so the head is or the packet is malformed.
        int head = FindPayload(packet.Body, packet.Header, version);
        return ReadHead(packet.Body, packet.Header, head, version, sender);
    }

    /// <summary>Reads all of a PUBLISH but the payload, which may still be on its way.</summary>
    /// <param name="body">What has arrived after the fixed header; what is beyond the packet is not looked at.</param>
    /// <param name="header">The fixed header.</param>
    /// <param name="version">What the connection speaks.</param>
    /// <param name="maxHeadSize">Bytes allowed before the payload.</param>
    /// <param name="publish">The message with the part of the payload that is in <paramref name="body"/>.</param>
    /// <param name="sender">Who sends.</param>
    /// <returns>False when topic and properties have not arrived whole.</returns>
    /// <exception cref="PacketError">0x81, 0x82, 0x95 (head too large) or 0x97.</exception>
    public static bool TryReadHead(
        ReadOnlySpan<byte> body,
        PacketHeader header,
        ProtocolVersion version,
        int maxHeadSize,
        out Publish publish,
        PacketSender sender = PacketSender.Client)
    {
        ReadOnlySpan<byte> own = body[..Math.Min(body.Length, header.RemainingLength)];
        int head = FindPayload(own, header, version);
        if (head > maxHeadSize)
        {
            PacketError.ThrowTooLarge(PacketType.Publish, head, maxHeadSize);
        }

        if (head == 0 || own.Length < head)
        {
            publish = default;
            return false;
        }

        publish = ReadHead(own, header, head, version, sender);
        return true;
    }

    // Where the payload begins; 0 when too little has arrived to tell.
    private static int FindPayload(ReadOnlySpan<byte> body, PacketHeader header, ProtocolVersion version)
    {
        int head = sizeof(ushort);
        if (body.Length >= head)
        {
            head += BinaryPrimitives.ReadUInt16BigEndian(body);
        }

        head += (header.Flags & PacketReader.QoSMask) != 0 ? sizeof(ushort) : 0;
        int length = 0;
        int lengthSize = 0;
        if (version == ProtocolVersion.Mqtt50)
        {
            lengthSize = VariableByteInteger.Read(body[Math.Min(head, body.Length)..], out length);
            if (lengthSize < 0)
            {
                PacketError.ThrowMalformed(PacketType.Publish, "bad property length");
            }
        }

        bool known = body.Length >= sizeof(ushort) && (version != ProtocolVersion.Mqtt50 || lengthSize > 0);
        head += known ? lengthSize + length : 0;
        if (head > header.RemainingLength || (!known && body.Length == header.RemainingLength))
        {
            PacketError.ThrowMalformed(PacketType.Publish, "cut off");
        }

        return known ? head : 0;
    }

    private static Publish ReadHead(
        ReadOnlySpan<byte> body, PacketHeader header, int head, ProtocolVersion version, PacketSender sender)
    {
        var reader = new BodyReader(PacketType.Publish, body[..head]);
        ReadOnlySpan<byte> topic = reader.Topic("the topic");
        int flags = header.Flags;
        ushort identifier = (flags & PacketReader.QoSMask) != 0 ? reader.PacketIdentifier() : (ushort)0;
        PropertyPlace place = sender == PacketSender.Client ? PropertyPlace.Publish : PropertyPlace.ServerPublish;
        Properties properties = reader.Properties(version, place);
        if (topic.IsEmpty && !properties.Has(PropertyId.TopicAlias))
        {
            PacketError.ThrowProtocol(PacketType.Publish, "neither topic nor topic alias");
        }

        return new Publish
        {
            Dup = (flags & PacketReader.DupFlag) != 0,
            QoS = (QoS)((flags & PacketReader.QoSMask) >> 1),
            Retain = (flags & PacketReader.RetainFlag) != 0,
            Topic = topic,
            PacketIdentifier = identifier,
            Properties = properties,
            Payload = body[head..],
            PayloadLength = header.RemainingLength - head,
        };
    }
}
