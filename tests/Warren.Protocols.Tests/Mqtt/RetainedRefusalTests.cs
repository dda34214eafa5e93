using Warren.Protocols.Mqtt;
using Warren.Protocols.Tests.Mqtt.InMemory;
using Warren.Wire.Mqtt;
using Xunit;

namespace Warren.Protocols.Tests.Mqtt;

/// <summary>What a client learns of a message that is not retained.</summary>
public sealed class RetainedRefusalTests : IDisposable
{
    private const int NotRetained = 3011;
    private const int WillNotRetained = 3012;

    private readonly MqttBroker _broker = new(new MqttOptions { RetainedMessagesMax = 1 });

    public void Dispose() => _broker.Dispose();

    [Theory]
    [InlineData(ProtocolVersion.Mqtt31, 1)]
    [InlineData(ProtocolVersion.Mqtt311, 1)]
    [InlineData(ProtocolVersion.Mqtt311, 2)]
    [InlineData(ProtocolVersion.Mqtt50, 1)]
    [InlineData(ProtocolVersion.Mqtt50, 2)]
    public void Message_the_log_does_not_take_is_not_acknowledged_and_nobody_gets_it(ProtocolVersion version, int qos)
    {
        MqttClient subscriber = _broker.Connect("subscriber");
        subscriber.Subscribe("a");
        MqttClient client = _broker.Connect("c", version: version);
        _broker.LacksSpace();

        client.Publish("a", "x", qos, 7, retain: true);

        string expected = version != ProtocolVersion.Mqtt50 ? MqttClient.Closed : qos == 1 ? "PUBACK 7 83" : "PUBREC 7 83";
        Assert.Equal(expected, client.Receive());
        Assert.Empty(subscriber.ReceiveUntilPing());

        // the same one, sent again, is retained and comes once
        _broker.HasSpace();
        client = version == ProtocolVersion.Mqtt50 ? client : _broker.Connect("c", version: version);
        client.Publish("a", "x", qos, 7, retain: true);
        Assert.Equal(qos == 1 ? "PUBACK 7" : "PUBREC 7", client.Receive());
        Assert.Equal(["PUBLISH q0 a 'x'"], subscriber.ReceiveUntilPing());
        Assert.Equal(1, _broker.VirtualHost.Retained.Count);
    }

    [Fact]
    public void Message_without_room_is_acknowledged_to_an_older_client_and_logged_once_for_the_connection()
    {
        MqttClient subscriber = _broker.Connect("subscriber");
        subscriber.Subscribe("#");
        MqttClient client = _broker.Connect311("c");
        Assert.Equal("", client.PublishAcknowledged("first", "x", retain: true));

        Assert.Equal("", client.PublishAcknowledged("second", "x", retain: true));
        Assert.Equal("", client.PublishAcknowledged("third", "x", retain: true));
        MqttClient newer = _broker.Connect("newer");
        Assert.Equal("97", newer.PublishAcknowledged("fourth", "x", retain: true));

        Assert.Contains("'second'", Assert.Single(_broker.Loggers.Lines(NotRetained)), StringComparison.Ordinal);
        Assert.Equal(4, subscriber.ReceiveUntilPing().Length);
        Assert.Equal(1, _broker.VirtualHost.Retained.Count);

        newer.Publish("fifth", "x", retain: true);
        newer.ReceiveUntilPing();
        Assert.Equal(2, _broker.Loggers.Lines(NotRetained).Length); // quality of service 0 has no answer either
    }

    [Fact]
    public void Retained_will_the_log_does_not_take_is_kept_and_published_later()
    {
        MqttClient subscriber = _broker.Connect("subscriber");
        subscriber.Subscribe("w");
        MqttClient client = _broker.Open(ProtocolVersion.Mqtt50);
        client.Connect(
            "c",
            properties: Props.Of(PropertyId.SessionExpiryInterval, 1000),
            will: new WillOf("w", "gone", Retain: true, Properties: Props.Of(PropertyId.WillDelayInterval, 10)));
        client.Drop();
        _broker.LacksSpace();
        _broker.Advance(11);
        Assert.Empty(subscriber.ReceiveUntilPing());

        _broker.HasSpace();
        _broker.Advance(600);

        Assert.Equal(["PUBLISH q0 w 'gone'"], subscriber.ReceiveUntilPing());
        Assert.Equal(1, _broker.VirtualHost.Retained.Count);
    }

    [Fact]
    public void Will_without_room_is_published_and_logged()
    {
        _broker.Connect("publisher").PublishAcknowledged("first", "x", retain: true);
        MqttClient subscriber = _broker.Connect("subscriber");
        subscriber.Subscribe("w");
        MqttClient client = _broker.Open(ProtocolVersion.Mqtt311);
        client.Connect("c", will: new WillOf("w", "gone", Retain: true));

        client.Drop();

        Assert.Equal(["PUBLISH q0 w 'gone'"], subscriber.ReceiveUntilPing());
        Assert.Single(_broker.Loggers.Lines(WillNotRetained));
    }
}
