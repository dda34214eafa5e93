using System.Text;
using Warren.Wire.Mqtt;

namespace Warren.Interop.Tests.Mqtt;

/// <summary>A packet as a client got it, copied out of its buffer.</summary>
public sealed class MqttPacket
{
    private byte[] _properties = [];

    private MqttPacket(PacketType type) => Type = type;

    /// <summary>What it is.</summary>
    public PacketType Type { get; }

    /// <summary>Packet identifier; 0 when it has none.</summary>
    public ushort Id { get; private init; }

    /// <summary>Reason or return code; the first of a SUBACK.</summary>
    public byte Code { get; private init; }

    /// <summary>All reason codes of a SUBACK or UNSUBACK.</summary>
    public byte[] Codes { get; private init; } = [];

    /// <summary>CONNACK: whether there was a session.</summary>
    public bool SessionPresent { get; private init; }

    /// <summary>PUBLISH: the topic.</summary>
    public string Topic { get; private init; } = "";

    /// <summary>PUBLISH: the payload.</summary>
    public byte[] Payload { get; private init; } = [];

    /// <summary>The payload as text.</summary>
    public string Body => Encoding.UTF8.GetString(Payload);

    /// <summary>PUBLISH: quality of service.</summary>
    public int QoS { get; private init; }

    /// <summary>PUBLISH: sent again.</summary>
    public bool Dup { get; private init; }

    /// <summary>PUBLISH: a retained message.</summary>
    public bool Retain { get; private init; }

    /// <summary>User properties in their order.</summary>
    public IReadOnlyList<(string Name, string Value)> UserProperties
    {
        get
        {
            var found = new List<(string, string)>();
            foreach (Property property in Properties.OfChecked(_properties))
            {
                if (property.Id == PropertyId.UserProperty)
                {
                    found.Add((Encoding.UTF8.GetString(property.Name), Encoding.UTF8.GetString(property.Value)));
                }
            }

            return found;
        }
    }

    /// <summary>Copies a packet a server has sent.</summary>
    public static MqttPacket Of(in Packet packet, ProtocolVersion version)
    {
        switch (packet.Type)
        {
            case PacketType.ConnAck:
                var connAck = ConnAck.Read(packet, version);
                return new MqttPacket(packet.Type)
                {
                    SessionPresent = connAck.SessionPresent,
                    Code = connAck.Code,
                    _properties = connAck.Properties.Encoded.ToArray(),
                };
            case PacketType.Publish:
                var publish = Publish.Read(packet, version, PacketSender.Server);
                return new MqttPacket(packet.Type)
                {
                    Id = publish.PacketIdentifier,
                    Topic = Encoding.UTF8.GetString(publish.Topic),
                    Payload = publish.Payload.ToArray(),
                    QoS = (int)publish.QoS,
                    Dup = publish.Dup,
                    Retain = publish.Retain,
                    _properties = publish.Properties.Encoded.ToArray(),
                };
            case PacketType.SubAck or PacketType.UnsubAck:
                var subAck = SubAck.Read(packet, version);
                byte[] codes = [.. subAck.Reasons.ToArray().Select(static r => (byte)r)];
                return new MqttPacket(packet.Type)
                {
                    Id = subAck.PacketIdentifier,
                    Codes = codes,
                    Code = codes.FirstOrDefault(),
                    _properties = subAck.Properties.Encoded.ToArray(),
                };
            case PacketType.PubAck or PacketType.PubRec or PacketType.PubRel or PacketType.PubComp:
                var acknowledgement = Acknowledgement.Read(packet, version);
                return new MqttPacket(packet.Type)
                {
                    Id = acknowledgement.PacketIdentifier,
                    Code = (byte)acknowledgement.Reason,
                    _properties = acknowledgement.Properties.Encoded.ToArray(),
                };
            case PacketType.Disconnect:
                var disconnect = Disconnect.Read(packet, version, PacketSender.Server);
                return new MqttPacket(packet.Type)
                {
                    Code = (byte)disconnect.Reason,
                    _properties = disconnect.Properties.Encoded.ToArray(),
                };
            default:
                return new MqttPacket(packet.Type);
        }
    }

    /// <summary>Whether a property is there.</summary>
    public bool Has(PropertyId id) => Properties.OfChecked(_properties).Has(id);

    /// <summary>A number of the properties; null when absent.</summary>
    public uint? Number(PropertyId id) => Has(id) ? Properties.OfChecked(_properties).Number(id, 0) : null;

    /// <summary>A text of the properties; null when absent.</summary>
    public string? Text(PropertyId id) => Has(id) ? Encoding.UTF8.GetString(Properties.OfChecked(_properties).Value(id)) : null;

    /// <summary>Bytes of the properties; null when absent.</summary>
    public byte[]? Bytes(PropertyId id) => Has(id) ? Properties.OfChecked(_properties).Value(id).ToArray() : null;

    /// <inheritdoc/>
    public override string ToString() => $"{Type} {Id} 0x{Code:X2} {Topic} QoS {QoS}{(Dup ? " dup" : "")} {Payload.Length} bytes";
}
