using Warren.Interop.Tests.Running;
using Warren.Wire.Mqtt;

namespace Warren.Interop.Tests.Mqtt;

/// <summary>MQTT clients that come through a proxy, and who may come from other machines.</summary>
public sealed class MqttProxyTests : MqttTest
{
    private static readonly MqttLogin Nobody = new("nobody") { User = null, Password = null };

    public MqttProxyTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Theory]
    [InlineData(ProtocolVersion.Mqtt311, 5)]
    [InlineData(ProtocolVersion.Mqtt50, 0x87)]
    public async Task Address_in_the_header_is_that_of_the_client(ProtocolVersion version, int refused)
    {
        await StartAsync("mqtt.proxy_protocol=true", "mqtt.allow_anonymous=true");

        Assert.Equal(0, Login(version, "PROXY TCP4 127.0.0.1 127.0.0.1 40000 1883\r\n", Nobody));
        Assert.Equal(refused, Login(version, "PROXY TCP4 192.0.2.5 127.0.0.1 40000 1883\r\n", Nobody)); // guest, from elsewhere
        Assert.Null(Login(version, "", Nobody));

        // the listeners of AMQP have a switch of their own
        using var raw = OpenOwnRaw();
        Assert.NotNull(raw);
    }

    [Fact]
    public async Task Nobody_may_come_from_anywhere_where_that_is_said()
    {
        await StartAsync("mqtt.proxy_protocol=true", "mqtt.allow_anonymous=true", "mqtt.anonymous_from_anywhere=true");

        Assert.Equal(0, Login(ProtocolVersion.Mqtt50, "PROXY TCP4 192.0.2.5 127.0.0.1 40000 1883\r\n", Nobody));
        Assert.Equal(0x87, Login(ProtocolVersion.Mqtt50, "PROXY TCP4 192.0.2.5 127.0.0.1 40000 1883\r\n", new MqttLogin("guest")) ?? 0);
    }

    // The code of CONNACK; null: the connection was closed instead.
    private int? Login(ProtocolVersion version, string header, MqttLogin login)
    {
        MqttRaw client = Open(Own.MqttPort, version);
        client.Send(System.Text.Encoding.ASCII.GetBytes(header));
        client.SendConnect(login);
        return client.TryNext()?.Code;
    }
}
