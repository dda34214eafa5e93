using Warren.Protocols.Tests.Mqtt.InMemory;
using Warren.Wire.Mqtt;
using Warren.Wire.Tests;
using Xunit;

namespace Warren.Protocols.Tests.Mqtt;

/// <summary>The message that is published when a client is lost (MQTT 5.0, 3.1.2.5 to 3.1.2.7 and 3.1.3.2).</summary>
public sealed class WillTests : IDisposable
{
    private readonly MqttBroker _broker = new();
    private readonly MqttClient _watcher;

    public WillTests()
    {
        _watcher = _broker.Connect("watcher");
        _watcher.Subscribe("#", 2);
    }

    public void Dispose() => _broker.Dispose();

    [Theory]
    [InlineData(ProtocolVersion.Mqtt31, 0, "PUBLISH q0 w 'gone'")]
    [InlineData(ProtocolVersion.Mqtt311, 1, "PUBLISH q1 #1 w 'gone'")]
    [InlineData(ProtocolVersion.Mqtt311, 2, "PUBLISH q2 #1 w 'gone'")]
    [InlineData(ProtocolVersion.Mqtt50, 0, "PUBLISH q0 w 'gone'")]
    [InlineData(ProtocolVersion.Mqtt50, 2, "PUBLISH q2 #1 w 'gone'")]
    [Spec("MQTT-3.1.2-7")]
    [Spec("MQTT-3.1.2-8")]
    [Spec("MQTT-3.1.2-9")]
    [Spec("MQTT-3.1.2-12")]
    [Spec("MQTT-3.1.2-14")]
    [Spec("MQTT-3.1.2-16")]
    public void Will_is_published_when_the_network_fails(ProtocolVersion version, int qos, string expected)
    {
        MqttClient client = Client(new WillOf("w", "gone", qos), version);
        Assert.Empty(_watcher.ReceiveUntilPing());

        client.Drop();

        Assert.Equal(expected, _watcher.Receive());
        Assert.Equal(0, _broker.VirtualHost.Retained.Count);
    }

    [Theory]
    [InlineData(ProtocolVersion.Mqtt31)]
    [InlineData(ProtocolVersion.Mqtt311)]
    [InlineData(ProtocolVersion.Mqtt50)]
    [Spec("MQTT-3.1.2-10")]
    [Spec("MQTT-3.14.4-3")]
    public void Will_is_forgotten_when_the_client_says_good_bye(ProtocolVersion version)
    {
        Client(new WillOf("w", "gone"), version).Disconnect();

        Assert.Empty(_watcher.ReceiveUntilPing());
    }

    [Fact]
    [Spec("MQTT-3.1.2-10")]
    public void Will_is_published_once()
    {
        Client(new WillOf("w", "gone")).Drop();
        Assert.Equal("PUBLISH q0 w 'gone'", _watcher.Receive());

        Client(null).Drop();

        Assert.Empty(_watcher.ReceiveUntilPing());
    }

    [Fact]
    [Spec("MQTT-3.1.2-12")]
    public void Without_a_will_nothing_is_published()
    {
        Client(null).Drop();

        Assert.Empty(_watcher.ReceiveUntilPing());
    }

    [Theory]
    [InlineData(0x04)]
    [InlineData(0x80)]
    [InlineData(0x93)]
    public void Will_is_published_when_the_client_asks_for_it_or_leaves_with_an_error(int reason)
    {
        Client(new WillOf("w", "gone")).Disconnect(reason);

        Assert.Equal("PUBLISH q0 w 'gone'", _watcher.Receive());
    }

    [Fact]
    [Spec("MQTT-3.1.2-8")]
    public void Will_is_published_when_the_keep_alive_runs_out()
    {
        MqttClient client = _broker.Open(ProtocolVersion.Mqtt50);
        client.Connect("c", keepAlive: 10, will: new WillOf("w", "gone"));

        _broker.Advance(16);
        Assert.Equal("DISCONNECT 8D why", client.Receive());
        _broker.Advance(10);

        Assert.Equal("PUBLISH q0 w 'gone'", _watcher.Receive());
    }

    [Fact]
    [Spec("MQTT-3.1.2-8")]
    public void Will_is_published_after_a_protocol_error()
    {
        MqttClient client = Client(new WillOf("w", "gone"));

        client.SendHex("00 00");
        Assert.Equal("DISCONNECT 81 why", client.Receive());
        client.Drop();

        Assert.Equal("PUBLISH q0 w 'gone'", _watcher.Receive());
    }

    [Fact]
    [Spec("MQTT-3.1.4-3")]
    public void Will_is_published_when_the_session_is_taken_over()
    {
        Client(new WillOf("w", "gone"));

        Client(null);

        Assert.Equal("PUBLISH q0 w 'gone'", _watcher.Receive());
    }

    [Fact]
    [Spec("MQTT-3.1.2-15")]
    [Spec("MQTT-3.1.2-17")]
    public void Will_can_be_retained()
    {
        Client(new WillOf("w", "gone", 1, Retain: true)).Drop();
        Assert.Equal("PUBLISH q1 #1 w 'gone'", _watcher.Receive());

        MqttClient late = _broker.Connect("late");
        late.Subscribe("w");

        Assert.Equal("PUBLISH q0 retain w 'gone'", late.Receive());
    }

    [Fact]
    [Spec("MQTT-3.1.3-10")]
    public void Will_has_its_properties()
    {
        Client(new WillOf("w", "gone", Properties: Props.User("b", "1").AndUser("a", "2").AndUser("b", "3")
            .And(PropertyId.PayloadFormatIndicator, 1).And(PropertyId.ContentType, "text").And(PropertyId.ResponseTopic, "r")
            .And(PropertyId.CorrelationData, "id").And(PropertyId.MessageExpiryInterval, 50).And(PropertyId.WillDelayInterval, 0))).Drop();

        Assert.Equal(
            "PUBLISH q0 w 'gone' b:1 a:2 b:3 PayloadFormatIndicator=1 ContentType=text ResponseTopic=r CorrelationData=id MessageExpiryInterval=50",
            _watcher.Receive());
    }

    [Fact]
    [Spec("MQTT-3.1.2-8")]
    public void Will_waits_for_its_delay()
    {
        Client(Delayed(30), expiry: 100).Drop();
        _broker.Advance(29);
        Assert.Empty(_watcher.ReceiveUntilPing());

        _broker.Advance(2);

        Assert.Equal("PUBLISH q0 w 'gone'", _watcher.Receive());
        Assert.True(_broker.Connect50("c").IsSessionPresent);
    }

    [Fact]
    [Spec("MQTT-3.1.3-9")]
    public void Will_is_not_published_when_the_client_is_back_in_time()
    {
        Client(Delayed(30), expiry: 100).Drop();
        _broker.Advance(20);
        MqttClient again = _broker.Connect50("c", 100);
        Assert.True(again.IsSessionPresent);

        _broker.Advance(60);
        again.Drop();
        _broker.Advance(60);

        Assert.Empty(_watcher.ReceiveUntilPing());
    }

    [Fact]
    [Spec("MQTT-3.1.2-8")]
    public void Will_does_not_wait_longer_than_its_session()
    {
        Client(Delayed(1000), expiry: 10).Drop();
        _broker.Advance(9);
        Assert.Empty(_watcher.ReceiveUntilPing());

        _broker.Advance(2);

        Assert.Equal("PUBLISH q0 w 'gone'", _watcher.Receive());
    }

    [Fact]
    [Spec("MQTT-3.1.2-8")]
    public void Will_of_a_session_that_ends_at_once_does_not_wait()
    {
        Client(Delayed(1000), expiry: 0).Drop();

        Assert.Equal("PUBLISH q0 w 'gone'", _watcher.Receive());
    }

    [Fact]
    [Spec("MQTT-3.1.2-8")]
    public void Will_that_waits_is_published_when_a_clean_start_ends_the_session()
    {
        Client(Delayed(1000), expiry: 2000).Drop();

        _broker.Connect("c");

        Assert.Equal("PUBLISH q0 w 'gone'", _watcher.Receive());
    }

    [Fact]
    public void Will_that_waits_is_dropped_by_a_normal_disconnection_and_kept_by_another()
    {
        Client(Delayed(10), expiry: 100).Disconnect();
        _broker.Advance(20);
        Assert.Empty(_watcher.ReceiveUntilPing());

        Client(Delayed(10), expiry: 100).Disconnect(0x04);
        Assert.Empty(_watcher.ReceiveUntilPing());
        _broker.Advance(20);
        Assert.Equal("PUBLISH q0 w 'gone'", _watcher.Receive());
    }

    [Fact]
    [Spec("MQTT-3.1.4-2")]
    public void Will_that_may_not_be_published_is_refused_at_once()
    {
        _broker.Broker.Users.SetTopicPermissions("guest", "/", "amq.topic", "^open", ".*");

        Assert.Equal("CONNACK 87", _broker.Open(ProtocolVersion.Mqtt50).Connect("c", will: new WillOf("secret", "x")));
        Assert.Equal("CONNACK 05", _broker.Open(ProtocolVersion.Mqtt311).Connect("c", will: new WillOf("secret", "x")));
        Assert.Equal("CONNACK 87", _broker.Open(ProtocolVersion.Mqtt50).Connect("c", will: new WillOf("$SYS/x", "x")));
    }

    [Fact]
    public void Will_is_not_published_by_a_user_who_has_lost_the_right()
    {
        MqttClient client = Client(new WillOf("w", "gone"));
        _broker.Broker.Users.SetTopicPermissions("guest", "/", "amq.topic", "^open", ".*");

        client.Drop();

        Assert.Empty(_watcher.ReceiveUntilPing());
    }

    private static WillOf Delayed(uint seconds) =>
        new("w", "gone", Properties: Props.Of(PropertyId.WillDelayInterval, seconds));

    private MqttClient Client(WillOf? will, ProtocolVersion version = ProtocolVersion.Mqtt50, uint expiry = 0)
    {
        MqttClient client = _broker.Open(version);
        Props? properties = expiry == 0 ? null : Props.Of(PropertyId.SessionExpiryInterval, expiry);
        Assert.StartsWith("CONNACK 00", client.Connect("c", expiry == 0, properties, will: will), StringComparison.Ordinal);
        return client;
    }
}
