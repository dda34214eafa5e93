using System.Text;
using Warren.Wire.Mqtt;
using Warren.Wire.Tests.Mqtt;

namespace Warren.Protocols.Tests.Mqtt.Table;

/// <summary>What a server makes of a row of the packet table: sent on a connection of its own.</summary>
internal static class ServerOutcome
{
    /// <summary>The connection was closed without a word.</summary>
    public const string Closed = "closed";

    /// <summary>The packet was taken.</summary>
    public const string Taken = "ok";

    /// <summary>Sends the packet of a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="send">Sends bytes.</param>
    /// <param name="receive">The next packet as a line of text, or "closed".</param>
    /// <returns><see cref="Taken"/>, <see cref="Closed"/>, or the reason code.</returns>
    public static string Of(PacketRow row, Action<byte[]> send, Func<string> receive)
    {
        var type = (PacketType)(row.Bytes[0] >> 4);
        if (type == PacketType.Connect)
        {
            send(row.Bytes);
            string answer = receive();
            return answer == Closed ? Closed : OfConnAck(answer.Split(' ')[1]);
        }

        send(Connect(row.Version));
        string connAck = receive();
        if (!connAck.StartsWith("CONNACK 00", StringComparison.Ordinal))
        {
            return connAck;
        }

        send(row.Bytes);
        if (type == PacketType.Disconnect && row.IsAccepted)
        {
            string answer = receive();
            return answer == Closed ? Taken : answer;
        }

        send(ClientPacketWriter.PingReq.ToArray());
        while (true)
        {
            string packet = receive();
            string[] words = packet.Split(' ');
            switch (words[0])
            {
                case "PINGRESP":
                    return Taken;
                case "DISCONNECT":
                    return words[1];
                case Closed:
                    return Closed;
                default:
                    break; // an acknowledgement
            }
        }
    }

    /// <summary>What a server should make of it: without a code before 5.0.</summary>
    public static bool IsAsExpected(PacketRow row, string outcome) =>
        row.IsAccepted ? outcome == Taken
        : row.Outcome == outcome || (outcome == Closed && (row.Version != ProtocolVersion.Mqtt50 || row.Bytes[0] >> 4 == (int)PacketType.Connect));

    // A login that is refused is none of the table's business.
    private static string OfConnAck(string code) => code switch
    {
        "01" => "84",
        "81" or "82" or "84" or "95" or "97" => code,
        _ => Taken,
    };

    private static byte[] Connect(ProtocolVersion version)
    {
        var connect = new Connect
        {
            Version = version,
            CleanStart = true,
            ClientId = Encoding.UTF8.GetBytes($"table-{Guid.NewGuid():N}"[..20]),
            KeepAlive = 60,
        };
        byte[] packet = new byte[ClientPacketWriter.SizeOfConnect(connect)];
        return packet[..ClientPacketWriter.WriteConnect(packet, connect)];
    }
}
