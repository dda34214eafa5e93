using System.Globalization;
using Warren.Protocols.Mqtt;
using Warren.Protocols.Tests.Mqtt.InMemory;
using Warren.Protocols.Tests.Mqtt.Table;
using Warren.Wire.Mqtt;
using Warren.Wire.Tests;
using Warren.Wire.Tests.Mqtt;
using Xunit;

namespace Warren.Protocols.Tests.Mqtt;

/// <summary>The packet table, sent to a server.</summary>
/// <remarks>
/// To this one, in memory; or with the environment variable WARREN_MQTT_TABLE_PORT to whatever listens on that port of
/// this machine and lets clients in without a name: that is how the table itself is held against other servers.
/// </remarks>
public sealed class PacketTableServerTests
{
    // Rows about the form of a packet that a server refuses for what it says.
    private static readonly string[] NotForServers =
    [
        "topic '$SYS/x'", // the server's own
        "topic alias instead of a topic", // which was never set
        "session expiry from the client", // where CONNECT had none
    ];

    [Fact]
    [Spec("MQTT-2.1.3-1")]
    [Spec("MQTT-4.8.0-1")]
    [Spec("MQTT-4.13.1-1")]
    public void Server_takes_or_refuses_each_packet_as_the_table_says()
    {
        int port = int.Parse(Environment.GetEnvironmentVariable("WARREN_MQTT_TABLE_PORT") ?? "0", CultureInfo.InvariantCulture);
        using var broker = new MqttBroker(new MqttOptions { AllowAnonymous = true });
        string[] differences =
        [
            .. from row in PacketTable.Rows
               where row.Sender == PacketSender.Client && IsForServers(row)
               let outcome = port == 0 ? InMemory(broker, row) : Live(port, row)
               where !ServerOutcome.IsAsExpected(row, outcome)
               select $"{row.Statements} | {row.Version} | {row.Name} | {Convert.ToHexString(row.Bytes)} | {row.Outcome} | {outcome}",
        ];

        Assert.True(differences.Length == 0, string.Join('\n', differences));
    }

    private static bool IsForServers(PacketRow row) =>
        !(row.IsAccepted && row.Bytes[0] >> 4 == (int)PacketType.Auth) && !NotForServers.Contains(row.Name);

    private static string InMemory(MqttBroker broker, PacketRow row)
    {
        using MqttClient client = broker.Open(row.Version);
        return ServerOutcome.Of(row, bytes => client.Send(bytes), client.Receive);
    }

    private static string Live(int port, PacketRow row)
    {
        using var client = new SocketClient(port, row.Version);
        return ServerOutcome.Of(row, client.Send, client.Receive);
    }
}
