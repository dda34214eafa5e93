using System.Globalization;
using System.Text;
using Warren.Wire.Mqtt;

namespace Warren.Protocols.Tests.Mqtt.InMemory;

/// <summary>What a server sends, as one line of text: <c>PUBLISH q1 #3 dup a/b 'hello' ContentType=text</c>.</summary>
/// <remarks>Of a reason string only that it is there (<c>why</c>): its words are nobody's contract.</remarks>
internal static class PacketText
{
    public static string Of(Packet packet, ProtocolVersion version)
    {
        switch (packet.Type)
        {
            case PacketType.ConnAck:
                ConnAck connAck = ConnAck.Read(packet, version);
                return $"CONNACK {connAck.Code:X2}{(connAck.SessionPresent ? " present" : "")}{Of(connAck.Properties)}";
            case PacketType.Publish:
                Publish publish = Publish.Read(packet, version, PacketSender.Server);
                return $"PUBLISH q{(int)publish.QoS}{(publish.QoS > 0 ? $" #{publish.PacketIdentifier}" : "")}"
                    + $"{(publish.Dup ? " dup" : "")}{(publish.Retain ? " retain" : "")} {Encoding.UTF8.GetString(publish.Topic)}"
                    + $" '{Encoding.UTF8.GetString(publish.Payload)}'{Of(publish.Properties)}";
            case PacketType.PubAck or PacketType.PubRec or PacketType.PubRel or PacketType.PubComp:
                Acknowledgement ack = Acknowledgement.Read(packet, version);
                string reason = ack.Reason == ReasonCode.Success ? "" : $" {(byte)ack.Reason:X2}";
                return $"{ack.Type.ToString().ToUpperInvariant()} {ack.PacketIdentifier}{reason}{Of(ack.Properties)}";
            case PacketType.SubAck or PacketType.UnsubAck:
                SubAck subAck = SubAck.Read(packet, version);
                var text = new StringBuilder($"{packet.Type.ToString().ToUpperInvariant()} {subAck.PacketIdentifier}");
                foreach (ReasonCode code in subAck.Reasons)
                {
                    text.Append(CultureInfo.InvariantCulture, $" {(byte)code:X2}");
                }

                return text.Append(Of(subAck.Properties)).ToString();
            case PacketType.Disconnect:
                Disconnect disconnect = Disconnect.Read(packet, version, PacketSender.Server);
                return $"DISCONNECT {(byte)disconnect.Reason:X2}{Of(disconnect.Properties)}";
            case PacketType.Auth:
                Auth auth = Auth.Read(packet);
                return $"AUTH {(byte)auth.Reason:X2}{Of(auth.Properties)}";
            default:
                Ping.Read(packet);
                return packet.Type.ToString().ToUpperInvariant();
        }
    }

    private static string Of(Properties properties)
    {
        var text = new StringBuilder();
        foreach (Property property in properties)
        {
            text.Append(' ').Append(PropertyRules.TypeOf(property.Id) switch
            {
                _ when property.Id == PropertyId.ReasonString => "why",
                PropertyType.TextPair => $"{Encoding.UTF8.GetString(property.Name)}:{Encoding.UTF8.GetString(property.Value)}",
                PropertyType.Text or PropertyType.Binary => $"{property.Id}={Encoding.UTF8.GetString(property.Value)}",
                _ => $"{property.Id}={property.Number}",
            });
        }

        return text.ToString();
    }
}
