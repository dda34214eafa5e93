using System.Text;
using Warren.Wire.Mqtt;

namespace Warren.Protocols.Mqtt;

/// <summary>Writes what the server says besides messages, once a connection is open.</summary>
internal static class ControlPackets
{
    private const int ReasonStringMax = 1024; // for people; what the text names may be as long as a topic

    /// <summary>A text as a reason string. Empty when it cannot be one: names in it may hold what MQTT does not allow in a text.</summary>
    public static byte[] ReasonString(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return bytes.Length <= ReasonStringMax && Utf8Text.IsWellFormed(bytes) ? bytes : [];
    }

    /// <summary>An acknowledgement. Under the output's lock.</summary>
    public static void WriteAcknowledgement(MqttConnection connection, PacketType type, ushort packetId, ReasonCode reason)
    {
        connection.Counted.PacketsOut++;
        Span<byte> span = connection.Output.GetSpan(PacketWriter.MaxAcknowledgementSize);
        connection.Output.Advance(PacketWriter.WriteAcknowledgement(span, connection.Limits.Version, type, packetId, reason));
    }

    /// <summary>PINGRESP.</summary>
    public static void WritePingResponse(MqttConnection connection)
    {
        lock (connection.Output.Lock)
        {
            connection.Output.Append(PacketWriter.PingResp);
            connection.Counted.PacketsOut++;
        }
    }

    /// <summary>DISCONNECT; nothing to versions without one.</summary>
    public static void WriteDisconnect(MqttConnection connection, ReasonCode code, string text)
    {
        ClientLimits limits = connection.Limits;
        byte[] reason = limits.WantsReasons || code.IsFailure() ? ReasonString(text) : [];
        var optional = new OptionalProperties { ReasonString = reason };
        lock (connection.Output.Lock)
        {
            connection.Counted.PacketsOut++;
            Span<byte> span = connection.Output.GetSpan(PacketWriter.SizeOf(0, optional));
            int most = Math.Min(limits.MaxPacketSize, PacketReader.MaxPacketSize);
            connection.Output.Advance(PacketWriter.WriteDisconnect(span, limits.Version, code, [], optional, most));
        }
    }
}
