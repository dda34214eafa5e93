using Warren.Protocols.Mqtt;
using Warren.Protocols.Tests.Mqtt.InMemory;
using Warren.Wire.Mqtt;
using Warren.Wire.Tests;
using Xunit;

namespace Warren.Protocols.Tests.Mqtt;

/// <summary>What clients publish: the server as the receiver (MQTT 5.0, 3.3 and 4.3).</summary>
public sealed class MqttPublishTests : IDisposable
{
    private readonly MqttBroker _broker = new();

    public void Dispose() => _broker.Dispose();

    [Theory]
    [InlineData(ProtocolVersion.Mqtt31)]
    [InlineData(ProtocolVersion.Mqtt311)]
    [InlineData(ProtocolVersion.Mqtt50)]
    [Spec("MQTT-3.3.4-1")]
    [Spec("MQTT-4.3.1-1")]
    [Spec("MQTT-4.3.2-2")]
    [Spec("MQTT-4.3.2-4")]
    [Spec("MQTT-4.3.3-8")]
    [Spec("MQTT-4.3.3-11")]
    [Spec("MQTT-2.2.1-5")]
    public void Each_quality_of_service_has_its_answer(ProtocolVersion version)
    {
        MqttClient subscriber = _broker.Connect311("subscriber");
        subscriber.Subscribe("#", 0);
        MqttClient client = _broker.Connect("c", version: version);

        client.Publish("a", "0");
        Assert.Empty(client.ReceiveUntilPing());
        client.Publish("a", "1", 1, 0xFFFF);
        Assert.Equal("PUBACK 65535", client.Receive());
        client.Publish("a", "2", 2, 1);
        Assert.Equal("PUBREC 1", client.Receive());
        client.Acknowledge(PacketType.PubRel, 1);
        Assert.Equal("PUBCOMP 1", client.Receive());
        Assert.Equal(["PUBLISH q0 a '0'", "PUBLISH q0 a '1'", "PUBLISH q0 a '2'"], subscriber.Receive(3));
    }

    [Fact]
    public void Nobody_there_is_told_to_clients_of_5_0_only()
    {
        MqttClient client = _broker.Connect("c");
        MqttClient old = _broker.Connect311("old");

        Assert.Equal("10", client.PublishAcknowledged("a", "x"));
        client.Publish("a", "x", 2, 7);
        Assert.Equal("PUBREC 7 10", client.Receive());
        Assert.Equal("", old.PublishAcknowledged("a", "x"));
    }

    [Fact]
    [Spec("MQTT-4.3.3-10")]
    [Spec("MQTT-4.3.3-2")]
    public void Message_sent_again_before_its_release_is_received_once()
    {
        MqttClient subscriber = SubscriberOf("a");
        MqttClient client = _broker.Connect("c");

        client.Publish("a", "once", 2, 5);
        Assert.Equal("PUBREC 5", client.Receive());
        client.Publish("a", "once", 2, 5, dup: true);
        Assert.Equal("PUBREC 5", client.Receive());
        client.Publish("a", "even without the flag", 2, 5);
        Assert.Equal("PUBREC 5", client.Receive());
        client.Acknowledge(PacketType.PubRel, 5);
        Assert.Equal("PUBCOMP 5", client.Receive());

        client.PublishAcknowledged("a", "end");
        Assert.Equal(["PUBLISH q0 a 'once'", "PUBLISH q0 a 'end'"], subscriber.Receive(2));
    }

    [Fact]
    [Spec("MQTT-4.3.3-10")]
    [Spec("MQTT-4.4.0-1")]
    [Spec("MQTT-3.1.2-5")]
    public void Message_sent_again_on_the_next_connection_is_received_once()
    {
        MqttClient subscriber = SubscriberOf("a");
        MqttClient client = _broker.Connect50("c");
        client.Publish("a", "once", 2, 5);
        Assert.Equal("PUBREC 5", client.Receive());
        client.Drop();

        MqttClient again = _broker.Connect50("c");
        again.Publish("a", "once", 2, 5, dup: true);
        Assert.Equal("PUBREC 5", again.Receive());
        again.Acknowledge(PacketType.PubRel, 5);
        Assert.Equal("PUBCOMP 5", again.Receive());

        again.PublishAcknowledged("a", "end");
        Assert.Equal(["PUBLISH q0 a 'once'", "PUBLISH q0 a 'end'"], subscriber.Receive(2));
    }

    [Fact]
    [Spec("MQTT-4.3.3-10")]
    public void Message_sent_again_after_a_restart_of_the_broker_is_received_once()
    {
        MqttClient keeper = _broker.Connect50("keeper");
        keeper.Subscribe("a", 1);
        keeper.Disconnect();
        MqttClient client = _broker.Connect50("c");
        client.Publish("a", "once", 2, 5);
        Assert.Equal("PUBREC 5", client.Receive());

        _broker.Restart();

        MqttClient again = _broker.Connect50("c");
        again.Publish("a", "once", 2, 5, dup: true);
        Assert.Equal("PUBREC 5", again.Receive());
        again.Acknowledge(PacketType.PubRel, 5);
        Assert.Equal("PUBCOMP 5", again.Receive());
        again.PublishAcknowledged("a", "end");
        Assert.Equal(["PUBLISH q1 #1 a 'once'", "PUBLISH q1 #2 a 'end'"], _broker.Connect50("keeper").Receive(2));
    }

    [Fact]
    [Spec("MQTT-4.3.3-12")]
    public void Identifier_is_free_again_after_pubcomp()
    {
        MqttClient subscriber = SubscriberOf("a");
        MqttClient client = _broker.Connect("c");

        foreach (string payload in (string[])["one", "two"])
        {
            client.Publish("a", payload, 2, 5);
            Assert.Equal("PUBREC 5", client.Receive());
            client.Acknowledge(PacketType.PubRel, 5);
            Assert.Equal("PUBCOMP 5", client.Receive());
        }

        Assert.Equal(["PUBLISH q0 a 'one'", "PUBLISH q0 a 'two'"], subscriber.Receive(2));
    }

    [Fact]
    [Spec("MQTT-4.3.2-2")]
    [Spec("MQTT-4.3.2-5")]
    public void Message_of_quality_1_with_the_same_identifier_is_a_new_one()
    {
        MqttClient subscriber = SubscriberOf("a");
        MqttClient client = _broker.Connect("c");

        client.Publish("a", "one", 1, 5);
        client.Publish("a", "two", 1, 5, dup: true);

        Assert.Equal(["PUBACK 5", "PUBACK 5"], client.Receive(2));
        Assert.Equal(["PUBLISH q0 a 'one'", "PUBLISH q0 a 'two'"], subscriber.Receive(2));
    }

    [Fact]
    [Spec("MQTT-4.3.3-11")]
    public void Release_sent_again_is_completed_again()
    {
        MqttClient client = _broker.Connect("c");
        MqttClient old = _broker.Connect311("old");

        client.Acknowledge(PacketType.PubRel, 9);
        old.Acknowledge(PacketType.PubRel, 9);

        Assert.Equal("PUBCOMP 9 92", client.Receive());
        Assert.Equal("PUBCOMP 9", old.Receive());
    }

    [Fact]
    [Spec("MQTT-4.3.3-9")]
    public void Identifier_of_a_refused_message_is_free()
    {
        MqttClient subscriber = SubscriberOf("a");
        MqttClient client = _broker.Connect("c");

        client.Publish("a", "\u0001", 2, 5, properties: Props.Of(PropertyId.PayloadFormatIndicator, 1));
        Assert.Equal("PUBREC 5", client.Receive());
        client.Acknowledge(PacketType.PubRel, 5);
        Assert.Equal("PUBCOMP 5", client.Receive());
        client.SendHex("34 09 0001 61 0005 02 01 01 FF"); // payload FF, said to be UTF-8
        Assert.Equal("PUBREC 5 99", client.Receive());
        client.Publish("a", "good", 2, 5);
        Assert.Equal("PUBREC 5", client.Receive());

        Assert.Equal("PUBLISH q0 a '\u0001' PayloadFormatIndicator=1", subscriber.Receive());
        Assert.Equal("PUBLISH q0 a 'good'", subscriber.Receive());
    }

    [Fact]
    public void Payload_that_is_not_what_its_format_says_is_refused()
    {
        MqttClient client = _broker.Connect("c");

        client.SendHex("32 09 0001 61 0005 02 01 01 FF");
        Assert.Equal("PUBACK 5 99", client.Receive());
        client.SendHex("32 09 0001 61 0006 02 01 00 FF");
        Assert.Equal("PUBACK 6 10", client.Receive());
        client.SendHex("30 07 0001 61 02 01 01 FF");
        Assert.Equal(["DISCONNECT 99 why", MqttClient.Closed], client.Receive(2));
    }

    [Fact]
    [Spec("MQTT-3.3.1-3")]
    public void Flag_of_a_repeated_message_is_not_passed_on()
    {
        MqttClient subscriber = SubscriberOf("a", 1);
        MqttClient client = _broker.Connect("c");

        client.Publish("a", "x", 1, 5, dup: true);

        Assert.Equal("PUBLISH q1 #1 a 'x'", subscriber.Receive());
    }

    [Fact]
    [Spec("MQTT-4.6.0-2")]
    [Spec("MQTT-4.6.0-3")]
    public void Answers_come_in_the_order_of_the_messages()
    {
        SubscriberOf("a", 1);
        MqttClient client = _broker.Connect("c");
        for (int i = 1; i <= 20; i++)
        {
            client.Publish(i % 3 == 0 ? "nobody" : "a", "x", 1 + (i % 2), i);
        }

        Assert.Equal(
            Enumerable.Range(1, 20).Select(i => (i % 2 == 1 ? "PUBREC " : "PUBACK ") + i + (i % 3 == 0 ? " 10" : "")),
            client.Receive(20));
    }

    [Fact]
    [Spec("MQTT-3.3.4-7")]
    public void More_messages_under_way_than_the_receive_maximum_end_the_connection()
    {
        using var broker = new MqttBroker(new MqttOptions { ReceiveMaximum = 2 });
        MqttClient client = broker.Connect("c");
        client.Publish("a", "x", 2, 1);
        client.Publish("a", "x", 2, 2);
        Assert.Equal(["PUBREC 1 10", "PUBREC 2 10"], client.Receive(2));

        client.Publish("a", "x", 2, 3);

        Assert.Equal(["DISCONNECT 93 why", MqttClient.Closed], client.Receive(2));
    }

    [Fact]
    [Spec("MQTT-4.9.0-2")]
    [Spec("MQTT-4.9.0-3")]
    public void Released_messages_give_their_place_back()
    {
        using var broker = new MqttBroker(new MqttOptions { ReceiveMaximum = 2 });
        MqttClient client = broker.Connect("c");
        for (int i = 1; i <= 10; i++)
        {
            client.Publish("a", "x", 2, i);
            Assert.Equal($"PUBREC {i} 10", client.Receive());
            client.Acknowledge(PacketType.PubRel, i);
            Assert.Equal($"PUBCOMP {i}", client.Receive());
        }
    }

    [Fact]
    [Spec("MQTT-3.2.2-15")]
    public void Packet_larger_than_the_server_takes_is_refused_at_its_header()
    {
        using var broker = new MqttBroker(new MqttOptions { MaxPacketSize = 100 });
        MqttClient client = broker.Connect("c");
        client.Publish("a", new string('x', 94));
        Assert.Empty(client.ReceiveUntilPing());

        client.SendHex("30 63");

        Assert.Equal(["DISCONNECT 95 why", MqttClient.Closed], client.Receive(2));
    }

    [Fact]
    [Spec("MQTT-3.3.2-12")]
    [Spec("MQTT-3.3.2-7")]
    public void Topic_alias_stands_for_its_topic_on_this_connection()
    {
        MqttClient subscriber = SubscriberOf("#");
        MqttClient client = _broker.Connect50("c");
        for (uint alias = 1; alias <= 16; alias++)
        {
            client.Publish($"t/{alias}", "set", properties: Props.Of(PropertyId.TopicAlias, alias));
            client.Publish("", "used", properties: Props.Of(PropertyId.TopicAlias, alias));
        }

        client.Publish("other", "set anew", properties: Props.Of(PropertyId.TopicAlias, 16));
        client.Publish("", "used", properties: Props.Of(PropertyId.TopicAlias, 16));
        string[] expected =
        [
            .. Enumerable.Range(1, 16).SelectMany(i => (string[])[$"PUBLISH q0 t/{i} 'set'", $"PUBLISH q0 t/{i} 'used'"]),
            "PUBLISH q0 other 'set anew'", "PUBLISH q0 other 'used'",
        ];
        Assert.Equal(expected, subscriber.Receive(34));

        client.Drop();
        MqttClient again = _broker.Connect50("c");
        again.Publish("", "not known here", properties: Props.Of(PropertyId.TopicAlias, 1));
        Assert.Equal(["DISCONNECT 82 why", MqttClient.Closed], again.Receive(2));
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(17u)]
    [InlineData(65535u)]
    [Spec("MQTT-3.2.2-17")]
    [Spec("MQTT-3.3.2-8")]
    [Spec("MQTT-3.3.2-9")]
    public void Topic_alias_out_of_range_ends_the_connection(uint alias)
    {
        MqttClient client = _broker.Connect("c");

        client.Publish("a", "x", properties: Props.Of(PropertyId.TopicAlias, alias));

        Assert.Equal(["DISCONNECT 94 why", MqttClient.Closed], client.Receive(2));
    }

    [Fact]
    [Spec("MQTT-3.2.2-18")]
    public void Topic_alias_where_none_is_taken_ends_the_connection()
    {
        using var broker = new MqttBroker(new MqttOptions { TopicAliasMaximum = 0 });
        MqttClient client = broker.Connect("c");

        client.Publish("a", "x", properties: Props.Of(PropertyId.TopicAlias, 1));

        Assert.Equal("DISCONNECT 94 why", client.Receive());
    }

    [Fact]
    [Spec("MQTT-3.2.2-14")]
    public void Retained_message_where_none_is_kept_ends_the_connection()
    {
        using var broker = new MqttBroker(new MqttOptions { RetainAvailable = false });
        MqttClient client = broker.Connect("c");

        client.Publish("a", "x", retain: true);

        Assert.Equal(["DISCONNECT 9A why", MqttClient.Closed], client.Receive(2));
    }

    [Fact]
    [Spec("MQTT-3.3.5-2")]
    public void Publish_without_the_right_ends_the_connection_or_is_answered()
    {
        Restrict(_broker);
        MqttClient old = _broker.Connect311("old");
        old.Publish("secret/a", "x", 1, 1);
        Assert.Equal(MqttClient.Closed, old.Receive());
        MqttClient client = _broker.Connect("c");
        client.Publish("secret/a", "x", 1, 1);
        Assert.Equal(["DISCONNECT 87 why", MqttClient.Closed], client.Receive(2));

        using var mild = new MqttBroker(new MqttOptions { DisconnectOnUnauthorized = false });
        Restrict(mild);
        MqttClient told = mild.Connect("told");
        Assert.Equal("87", told.PublishAcknowledged("secret/a", "x"));
        told.Publish("secret/a", "x", 2, 9);
        Assert.Equal("PUBREC 9 87", told.Receive());
        told.Publish("secret/a", "x");
        Assert.Empty(told.ReceiveUntilPing());
        MqttClient untold = mild.Connect311("untold");
        Assert.Equal("", untold.PublishAcknowledged("secret/a", "x"));
        untold.Publish("secret/a", "x", 2, 9);
        Assert.Equal("PUBREC 9", untold.Receive());
        untold.Acknowledge(PacketType.PubRel, 9);
        Assert.Equal("PUBCOMP 9", untold.Receive());

        static void Restrict(MqttBroker broker) =>
            broker.Broker.Users.SetTopicPermissions("guest", "/", "amq.topic", "^open", ".*");
    }

    [Fact]
    public void Topic_of_the_server_is_not_published_to()
    {
        MqttClient client = _broker.Connect("c");

        client.Publish("$SYS/broker/uptime", "0", 1, 1);

        Assert.Equal(["DISCONNECT 87 why", MqttClient.Closed], client.Receive(2));
    }

    [Fact]
    [Spec("MQTT-3.4.2-1")]
    [Spec("MQTT-3.5.2-1")]
    [Spec("MQTT-3.7.2-1")]
    [Spec("MQTT-3.1.2-29")]
    public void Answers_have_no_properties_when_the_client_wants_no_reasons()
    {
        MqttClient client = _broker.Connect("c", properties: Props.Of(PropertyId.RequestProblemInformation, 0));

        client.Publish("a", "x", 2, 5);
        Assert.Equal("PUBREC 5 10", client.Receive());
        Assert.Equal("10", client.PublishAcknowledged("a", "x"));
        client.Acknowledge(PacketType.PubRel, 77);
        Assert.Equal("PUBCOMP 77 92", client.Receive());
        Assert.Equal("8F", client.Subscribe(string.Join('/', new string[258])));
        Assert.Equal(" 11", client.Unsubscribe("never"));
    }

    private MqttClient SubscriberOf(string filter, int qos = 0)
    {
        MqttClient subscriber = _broker.Connect("subscriber");
        Assert.Equal($"0{qos}", subscriber.Subscribe(filter, qos));
        return subscriber;
    }
}
