using Warren.Protocols.Tests.Mqtt.InMemory;
using Warren.Wire.Mqtt;
using Warren.Wire.Tests;
using Xunit;

namespace Warren.Protocols.Tests.Mqtt;

/// <summary>The properties of a message on its way through the server (MQTT 5.0, 3.3.2.3).</summary>
public sealed class PropertyTests : IDisposable
{
    private readonly MqttBroker _broker = new();
    private readonly MqttClient _publisher;

    public PropertyTests() => _publisher = _broker.Connect("publisher");

    public void Dispose() => _broker.Dispose();

    [Fact]
    [Spec("MQTT-3.3.2-4")]
    [Spec("MQTT-3.3.2-15")]
    [Spec("MQTT-3.3.2-16")]
    [Spec("MQTT-3.3.2-17")]
    [Spec("MQTT-3.3.2-18")]
    [Spec("MQTT-3.3.2-20")]
    public void All_properties_of_a_message_arrive_as_they_were_in_their_order()
    {
        MqttClient client = _broker.Connect("c");
        client.Subscribe("a", 1);
        MqttClient old = _broker.Connect311("old");
        old.Subscribe("a", 1);

        _publisher.PublishAcknowledged("a", "x", properties: Props.User("z", "1")
            .AndUser("a", "2").And(PropertyId.PayloadFormatIndicator, 1).AndUser("z", "1").And(PropertyId.ContentType, "text/plain")
            .And(PropertyId.ResponseTopic, "answers/here").AndUser("", "").And(PropertyId.CorrelationData, "\u0000\u0001id"));

        Assert.Equal(
            "PUBLISH q1 #1 a 'x' z:1 a:2 PayloadFormatIndicator=1 z:1 ContentType=text/plain ResponseTopic=answers/here : "
            + "CorrelationData=\u0000\u0001id",
            client.Receive());
        Assert.Equal("PUBLISH q1 #1 a 'x'", old.Receive());
    }

    [Fact]
    [Spec("MQTT-3.3.2-18")]
    public void Thousand_user_properties_keep_their_order()
    {
        MqttClient client = _broker.Connect("c");
        client.Subscribe("a", 0);
        var properties = new Props();
        for (int i = 0; i < 1000; i++)
        {
            properties.AndUser($"{i % 7}", $"{i}");
        }

        _publisher.PublishAcknowledged("a", "x", properties: properties);

        Assert.Equal(
            "PUBLISH q0 a 'x' " + string.Join(' ', Enumerable.Range(0, 1000).Select(i => $"{i % 7}:{i}")), client.Receive());
    }

    [Fact]
    [Spec("MQTT-3.3.2-6")]
    public void Expiry_interval_counts_down_while_the_message_waits()
    {
        MqttClient client = _broker.Connect50("c");
        client.Subscribe("a", 1);
        client.Disconnect();
        _publisher.PublishAcknowledged("a", "x", properties: Props.Of(PropertyId.MessageExpiryInterval, 100));
        _broker.Advance(30);

        Assert.Equal("PUBLISH q1 #1 a 'x' MessageExpiryInterval=70", _broker.Connect50("c").Receive());
    }

    [Fact]
    [Spec("MQTT-3.3.2-5")]
    public void Expired_message_is_not_delivered()
    {
        MqttClient client = _broker.Connect50("c");
        client.Subscribe("a", 1);
        client.Disconnect();
        _publisher.PublishAcknowledged("a", "expires", properties: Props.Of(PropertyId.MessageExpiryInterval, 10));
        _publisher.PublishAcknowledged("a", "stays");
        _broker.Advance(11);

        Assert.Equal("PUBLISH q1 #1 a 'stays'", _broker.Connect50("c").Receive());
    }

    [Fact]
    [Spec("MQTT-3.3.2-5")]
    public void Message_behind_a_full_window_expires_too()
    {
        MqttClient client = _broker.Connect("c", properties: Props.Of(PropertyId.ReceiveMaximum, 1));
        client.Subscribe("a", 1);
        _publisher.PublishAcknowledged("a", "first");
        _publisher.PublishAcknowledged("a", "expires", properties: Props.Of(PropertyId.MessageExpiryInterval, 10));
        _publisher.PublishAcknowledged("a", "last");
        Assert.Equal("PUBLISH q1 #1 a 'first'", client.Receive());
        _broker.Advance(11);

        client.Acknowledge(PacketType.PubAck, 1);

        Assert.Equal("PUBLISH q1 #2 a 'last'", client.Receive());
    }

    [Fact]
    [Spec("MQTT-4.3.3-13")]
    public void Exchange_of_quality_2_is_completed_for_a_message_that_expired()
    {
        MqttClient away = _broker.Connect50("away");
        away.Subscribe("a", 2);
        away.Disconnect();
        _publisher.Publish("a", "x", 2, 5, properties: Props.Of(PropertyId.MessageExpiryInterval, 1));
        Assert.Equal("PUBREC 5", _publisher.Receive());
        _broker.Advance(10);

        _publisher.Acknowledge(PacketType.PubRel, 5);

        Assert.Equal("PUBCOMP 5", _publisher.Receive());
    }

    [Fact]
    public void Expiry_interval_of_0_is_delivered_to_who_is_there()
    {
        MqttClient client = _broker.Connect("c");
        client.Subscribe("a", 0);

        _publisher.PublishAcknowledged("a", "x", properties: Props.Of(PropertyId.MessageExpiryInterval, 0));
        _publisher.PublishAcknowledged("a", "end");

        Assert.EndsWith("PUBLISH q0 a 'end'", string.Join('\n', client.ReceiveUntilPing()), StringComparison.Ordinal);
    }

    [Fact]
    [Spec("MQTT-3.3.4-6")]
    public void Subscription_identifier_from_a_client_ends_its_connection()
    {
        _publisher.SendHex("30 07 0001 61 02 0B 01 78");

        Assert.Equal(["DISCONNECT 82 why", MqttClient.Closed], _publisher.Receive(2));
    }

    [Theory]
    [InlineData("30 0A 0001 61 05 08 0002 612B 78")] // a wildcard
    [InlineData("30 09 0001 61 04 08 0001 FF 78")] // not UTF-8
    [Spec("MQTT-3.3.2-13")]
    [Spec("MQTT-3.3.2-14")]
    public void Response_topic_that_is_no_topic_ends_the_connection(string packet)
    {
        _publisher.SendHex(packet);

        Assert.Matches("^DISCONNECT 8[12] why$", _publisher.Receive());
    }
}
