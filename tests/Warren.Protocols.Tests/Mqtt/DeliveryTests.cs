using System.Globalization;
using Warren.Protocols.Mqtt;
using Warren.Protocols.Tests.Mqtt.InMemory;
using Warren.Wire.Mqtt;
using Warren.Wire.Tests;
using Xunit;

namespace Warren.Protocols.Tests.Mqtt;

/// <summary>What clients are sent: the server as the sender (MQTT 5.0, 4.3, 4.4, 4.6 and 4.9).</summary>
public sealed class DeliveryTests : IDisposable
{
    private readonly MqttBroker _broker = new();
    private readonly MqttClient _publisher;

    public DeliveryTests() => _publisher = _broker.Connect("publisher");

    public void Dispose() => _broker.Dispose();

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 2, 0)]
    [InlineData(1, 0, 0)]
    [InlineData(1, 1, 1)]
    [InlineData(1, 2, 1)]
    [InlineData(2, 0, 0)]
    [InlineData(2, 1, 1)]
    [InlineData(2, 2, 2)]
    [Spec("MQTT-3.8.4-6")]
    [Spec("MQTT-3.8.4-8")]
    [Spec("MQTT-4.3.2-1")]
    [Spec("MQTT-4.3.2-2")]
    [Spec("MQTT-4.3.3-2")]
    [Spec("MQTT-2.2.1-2")]
    public void Quality_of_service_is_the_lower_of_the_two(int published, int subscribed, int delivered)
    {
        foreach (ProtocolVersion version in (ProtocolVersion[])[ProtocolVersion.Mqtt31, ProtocolVersion.Mqtt311, ProtocolVersion.Mqtt50])
        {
            MqttClient client = _broker.Connect("c", version: version);
            Assert.Equal($"0{subscribed}", client.Subscribe("a", subscribed));

            _publisher.Publish("a", "x", published, published == 0 ? 0 : 100 + (int)version);

            Assert.Equal(delivered == 0 ? "PUBLISH q0 a 'x'" : $"PUBLISH q{delivered} #1 a 'x'", client.Receive());
        }
    }

    [Fact]
    [Spec("MQTT-4.3.2-3")]
    public void Acknowledged_message_does_not_come_again()
    {
        MqttClient client = Subscriber("c", "a", 1);
        Send("a", "one");
        Assert.Equal("PUBLISH q1 #1 a 'one'", client.Receive());
        client.Acknowledge(PacketType.PubAck, 1);
        client.ReceiveUntilPing();
        client.Drop();

        MqttClient again = _broker.Connect50("c");
        Send("a", "two");

        Assert.StartsWith("PUBLISH q1 #", again.Receive(), StringComparison.Ordinal);
        Assert.Empty(again.ReceiveUntilPing());
    }

    [Fact]
    [Spec("MQTT-3.3.1-1")]
    [Spec("MQTT-4.4.0-1")]
    [Spec("MQTT-4.6.0-1")]
    [Spec("MQTT-2.3.1-4")]
    public void Messages_whose_puback_is_lost_come_again_in_order_under_their_identifiers()
    {
        MqttClient client = Subscriber("c", "a", 1);
        Send("a", "one", "two", "three");
        Assert.Equal(["PUBLISH q1 #1 a 'one'", "PUBLISH q1 #2 a 'two'", "PUBLISH q1 #3 a 'three'"], client.Receive(3));
        client.Acknowledge(PacketType.PubAck, 2);
        client.ReceiveUntilPing();
        client.Drop();
        Send("a", "four");

        MqttClient again = _broker.Connect50("c");

        Assert.Equal(["PUBLISH q1 #1 dup a 'one'", "PUBLISH q1 #3 dup a 'three'"], again.Receive(2));
        Assert.Matches("^PUBLISH q1 #[24] a 'four'$", again.Receive());
    }

    [Fact]
    [Spec("MQTT-3.3.1-2")]
    public void Message_that_comes_again_with_quality_0_is_no_duplicate()
    {
        MqttClient client = Subscriber("c", "a", 1);
        Send("a", "one");
        Assert.Equal("PUBLISH q1 #1 a 'one'", client.Receive());
        client.Subscribe("a", 0);
        client.Drop();

        MqttClient again = _broker.Connect50("c");

        Assert.Equal("PUBLISH q0 a 'one'", again.Receive());
    }

    [Theory]
    [InlineData(ProtocolVersion.Mqtt311)]
    [InlineData(ProtocolVersion.Mqtt50)]
    [Spec("MQTT-4.3.3-1")]
    [Spec("MQTT-4.3.3-4")]
    [Spec("MQTT-4.6.0-4")]
    public void Message_of_quality_2_takes_four_packets(ProtocolVersion version)
    {
        MqttClient client = _broker.Connect("c", version: version);
        client.Subscribe("a", 2);
        Send2("a", "one", "two");
        Assert.Equal(["PUBLISH q2 #1 a 'one'", "PUBLISH q2 #2 a 'two'"], client.Receive(2));

        client.Acknowledge(PacketType.PubRec, 2);
        client.Acknowledge(PacketType.PubRec, 1);
        Assert.Equal(["PUBREL 2", "PUBREL 1"], client.Receive(2));
        client.Acknowledge(PacketType.PubComp, 1);
        client.Acknowledge(PacketType.PubComp, 2);
        Assert.Empty(client.ReceiveUntilPing());
    }

    [Fact]
    [Spec("MQTT-4.3.3-3")]
    [Spec("MQTT-4.4.0-1")]
    public void Message_whose_pubrec_is_lost_comes_again()
    {
        MqttClient client = Subscriber("c", "a", 2);
        Send2("a", "one");
        Assert.Equal("PUBLISH q2 #1 a 'one'", client.Receive());
        client.Drop();

        MqttClient again = _broker.Connect50("c");

        Assert.Equal("PUBLISH q2 #1 dup a 'one'", again.Receive());
        again.Acknowledge(PacketType.PubRec, 1);
        Assert.Equal("PUBREL 1", again.Receive());
        again.Acknowledge(PacketType.PubComp, 1);
        again.ReceiveUntilPing();
        again.Drop();
        Assert.Empty(_broker.Connect50("c").ReceiveUntilPing());
    }

    [Fact]
    [Spec("MQTT-4.3.3-5")]
    [Spec("MQTT-4.3.3-6")]
    [Spec("MQTT-4.4.0-1")]
    public void Message_that_was_received_is_released_again_and_not_sent_again()
    {
        MqttClient client = Subscriber("c", "a", 2);
        Send2("a", "one");
        Assert.Equal("PUBLISH q2 #1 a 'one'", client.Receive());
        client.Acknowledge(PacketType.PubRec, 1);
        Assert.Equal("PUBREL 1", client.Receive());
        client.Drop(); // PUBREL or PUBCOMP is lost

        MqttClient again = _broker.Connect50("c");

        Assert.Equal("PUBREL 1", again.Receive());
        again.Acknowledge(PacketType.PubComp, 1);
        Send2("a", "two");
        Assert.StartsWith("PUBLISH q2 #", again.Receive(), StringComparison.Ordinal);
    }

    [Fact]
    [Spec("MQTT-4.3.3-5")]
    [Spec("MQTT-4.4.0-1")]
    public void Exchange_of_quality_2_goes_on_after_a_restart_of_the_broker()
    {
        MqttClient client = Subscriber("c", "a", 2);
        Send2("a", "received", "sent");
        Assert.Equal(["PUBLISH q2 #1 a 'received'", "PUBLISH q2 #2 a 'sent'"], client.Receive(2));
        client.Acknowledge(PacketType.PubRec, 1);
        Assert.Equal("PUBREL 1", client.Receive());

        _broker.Restart();

        MqttClient again = _broker.Connect50("c");
        Assert.Equal(["PUBREL 1", "PUBLISH q2 #2 dup a 'sent'"], again.Receive(2));
        again.Acknowledge(PacketType.PubComp, 1);
        again.Acknowledge(PacketType.PubRec, 2);
        Assert.Equal("PUBREL 2", again.Receive());
        again.Acknowledge(PacketType.PubComp, 2);
        Assert.Empty(again.ReceiveUntilPing());
    }

    [Fact]
    [Spec("MQTT-3.3.1-1")]
    public void Message_of_quality_1_that_was_under_way_at_a_stop_comes_as_a_duplicate_after_any_number_of_starts()
    {
        MqttClient client = Subscriber("c", "a", 1);
        _broker.Connect("publisher").PublishAcknowledged("a", "sent");
        Assert.Equal("PUBLISH q1 #1 a 'sent'", client.Receive());

        _broker.Restart();
        _broker.Restart();
        _broker.Connect("publisher").PublishAcknowledged("a", "not sent");

        MqttClient again = _broker.Connect50("c");
        Assert.Equal(["PUBLISH q1 #1 dup a 'sent'", "PUBLISH q1 #2 a 'not sent'"], again.Receive(2));
    }

    [Fact]
    [Spec("MQTT-3.3.1-2")]
    [Spec("MQTT-4.3.1-1")]
    public void Message_of_quality_0_is_sent_once_and_never_again()
    {
        MqttClient client = Subscriber("c", "a", 0);
        Send("a", "x");
        Assert.Equal("PUBLISH q0 a 'x'", client.Receive());
        client.Drop();

        Assert.Empty(_broker.Connect50("c").ReceiveUntilPing());
    }

    [Fact]
    [Spec("MQTT-4.4.0-2")]
    [Spec("MQTT-4.3.3-4")]
    public void Message_the_client_refuses_is_done_with()
    {
        MqttClient client = Subscriber("c", "+", 2);
        Send("a", "one");
        Send2("b", "two");
        Assert.Equal(["PUBLISH q1 #1 a 'one'", "PUBLISH q2 #2 b 'two'"], client.Receive(2));

        client.Acknowledge(PacketType.PubAck, 1, ReasonCode.QuotaExceeded);
        client.Acknowledge(PacketType.PubRec, 2, ReasonCode.QuotaExceeded);
        Assert.Empty(client.ReceiveUntilPing());
        client.Drop();

        Assert.Empty(_broker.Connect50("c").ReceiveUntilPing());
    }

    [Theory]
    [InlineData(null, 3)]
    [InlineData(1u, 1)]
    [InlineData(2u, 2)]
    [Spec("MQTT-3.3.4-9")]
    [Spec("MQTT-3.3.4-10")]
    [Spec("MQTT-4.9.0-1")]
    [Spec("MQTT-4.9.0-2")]
    [Spec("MQTT-4.9.0-3")]
    public void Not_more_is_under_way_than_the_client_takes(uint? receiveMaximum, int window)
    {
        using var broker = new MqttBroker(new MqttOptions { Prefetch = 3 });
        MqttClient client = broker.Connect(
            "c", properties: receiveMaximum is { } most ? Props.Of(PropertyId.ReceiveMaximum, most) : null);
        client.SubscribeAll(1, "a");
        client.SubscribeAll(0, "zero");
        MqttClient publisher = broker.Connect("publisher");
        for (int i = 1; i <= 6; i++)
        {
            publisher.PublishAcknowledged("a", $"{i}");
        }

        publisher.PublishAcknowledged("zero", "not counted");

        string[] first = client.Receive(window + 1);
        Assert.Equal(window, first.Count(p => p.StartsWith("PUBLISH q1", StringComparison.Ordinal)));
        Assert.Empty(client.ReceiveUntilPing()); // and everything else is answered
        for (int i = window + 1; i <= 6; i++)
        {
            client.Acknowledge(PacketType.PubAck, i - window);
            Assert.Equal($"PUBLISH q1 #{i} a '{i}'", client.Receive());
            Assert.Empty(client.ReceiveUntilPing());
        }
    }

    [Fact]
    [Spec("MQTT-3.3.4-9")]
    public void Message_of_quality_2_counts_until_pubcomp()
    {
        MqttClient client = _broker.Connect("c", properties: Props.Of(PropertyId.ReceiveMaximum, 1));
        client.Subscribe("a", 2);
        Send2("a", "one", "two");
        Assert.Equal("PUBLISH q2 #1 a 'one'", client.Receive());
        client.Acknowledge(PacketType.PubRec, 1);
        Assert.Equal("PUBREL 1", client.Receive());
        Assert.Empty(client.ReceiveUntilPing());

        client.Acknowledge(PacketType.PubComp, 1);

        Assert.Equal("PUBLISH q2 #2 a 'two'", client.Receive());
    }

    [Fact]
    [Spec("MQTT-4.6.0-5")]
    [Spec("MQTT-4.6.0-6")]
    public void Messages_of_a_topic_come_in_the_order_in_which_they_were_published()
    {
        MqttClient all = Subscriber("all", "#", 2);
        MqttClient one = Subscriber("one", "a", 0);
        for (int i = 0; i < 200; i++)
        {
            _publisher.Publish("a", $"{i}", 1, i + 1);
        }

        for (int i = 0; i < 200; i++)
        {
            Assert.Equal($"PUBLISH q0 a '{i}'", one.Receive());
            Assert.Equal($"PUBLISH q1 #{i + 1} a '{i}'", all.Receive());
            all.Acknowledge(PacketType.PubAck, i + 1);
        }
    }

    [Fact]
    [Spec("MQTT-2.2.1-4")]
    [Spec("MQTT-2.3.1-4")]
    [Spec("MQTT-4.3.2-1")]
    public void Identifiers_under_way_are_passed_over_when_they_come_round_again()
    {
        MqttClient client = _broker.Connect("c");
        client.Subscribe("a", 1);
        Send("a", "stays");
        Assert.Equal("PUBLISH q1 #1 a 'stays'", client.Receive());
        int last = 0;
        for (int i = 1, id = 1; id > last; i++)
        {
            last = id;
            _publisher.Publish("a", "x", 1, (i % 60_000) + 1);
            Assert.Equal($"PUBACK {(i % 60_000) + 1}", _publisher.Receive());
            id = int.Parse(client.Receive().Split(' ')[2][1..], CultureInfo.InvariantCulture);
            client.Acknowledge(PacketType.PubAck, id);
            Assert.NotInRange(id, 0, 1);
        }

        Assert.InRange(last, 65_000, 65_535);
    }

    [Fact]
    [Spec("MQTT-3.1.2-24")]
    [Spec("MQTT-3.1.2-25")]
    public void Message_larger_than_the_client_takes_is_left_out_and_counts_as_sent()
    {
        MqttClient client = _broker.Connect50("c", more: Props.Of(PropertyId.MaximumPacketSize, 40).And(PropertyId.ReceiveMaximum, 1));
        client.Subscribe("a", 1);
        Send("a", new string('x', 33), new string('y', 32), "small"); // 41 and 40 bytes

        Assert.Equal($"PUBLISH q1 #1 a '{new string('y', 32)}'", client.Receive());
        client.Acknowledge(PacketType.PubAck, 1);
        Assert.Equal("PUBLISH q1 #2 a 'small'", client.Receive());
        client.Acknowledge(PacketType.PubAck, 2);
        client.ReceiveUntilPing();
        client.Drop();
        Assert.Empty(_broker.Connect50("c").ReceiveUntilPing());
    }

    [Fact]
    [Spec("MQTT-3.1.2-24")]
    public void Suback_larger_than_the_client_takes_ends_the_connection_instead()
    {
        MqttClient client = _broker.Connect("c", properties: Props.Of(PropertyId.MaximumPacketSize, 30));

        string answer = client.SubscribeAll(0, [.. Enumerable.Range(0, 40).Select(i => $"{i}")]);

        Assert.Equal("DISCONNECT 95", answer);
        Assert.Equal(MqttClient.Closed, client.Receive());
    }

    [Fact]
    [Spec("MQTT-3.1.2-26")]
    [Spec("MQTT-3.3.2-11")]
    public void Topic_aliases_are_used_up_to_what_the_client_takes()
    {
        MqttClient client = _broker.Connect("c", properties: Props.Of(PropertyId.TopicAliasMaximum, 2));
        client.Subscribe("#", 0);

        Send("first", "1");
        Send("second", "1");
        Send("third", "1");
        Send("first", "2");
        Send("second", "2");
        Send("third", "2");

        Assert.Equal(
            [
                "PUBLISH q0 first '1' TopicAlias=1", "PUBLISH q0 second '1' TopicAlias=2", "PUBLISH q0 third '1'",
                "PUBLISH q0  '2' TopicAlias=1", "PUBLISH q0  '2' TopicAlias=2", "PUBLISH q0 third '2'",
            ],
            client.Receive(6));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0u)]
    [Spec("MQTT-3.1.2-27")]
    public void No_topic_alias_goes_to_a_client_that_takes_none(uint? maximum)
    {
        MqttClient client = _broker.Connect(
            "c", properties: maximum is { } most ? Props.Of(PropertyId.TopicAliasMaximum, most) : null);
        client.Subscribe("#", 0);
        _publisher.Publish("a", "1", properties: Props.Of(PropertyId.TopicAlias, 3));
        _publisher.Publish("", "2", properties: Props.Of(PropertyId.TopicAlias, 3));

        Assert.Equal(["PUBLISH q0 a '1'", "PUBLISH q0 a '2'"], client.Receive(2));
    }

    [Fact]
    [Spec("MQTT-3.3.2-7")]
    public void Topic_aliases_of_an_earlier_connection_are_forgotten()
    {
        MqttClient client = _broker.Connect50("c", more: Props.Of(PropertyId.TopicAliasMaximum, 2));
        client.Subscribe("#", 1);
        Send("a", "1");
        Assert.Equal("PUBLISH q1 #1 a '1' TopicAlias=1", client.Receive());
        client.Drop();

        MqttClient again = _broker.Connect50("c", more: Props.Of(PropertyId.TopicAliasMaximum, 2));

        Assert.Equal("PUBLISH q1 #1 dup a '1' TopicAlias=1", again.Receive());
    }

    [Theory]
    [InlineData("40 02 0063")]
    [InlineData("70 02 0063")]
    public void Acknowledgement_of_nothing_is_taken_for_a_late_one(string packet)
    {
        MqttClient client = _broker.Connect("c");

        client.SendHex(packet);

        Assert.Empty(client.ReceiveUntilPing());
    }

    [Fact]
    public void Pubrec_of_nothing_is_released()
    {
        MqttClient client = _broker.Connect("c");

        client.Acknowledge(PacketType.PubRec, 99);

        Assert.Equal("PUBREL 99 92", client.Receive());
    }

    [Fact]
    [Spec("MQTT-4.3.3-7")]
    [Spec("MQTT-3.3.2-5")]
    public void Message_that_was_sent_once_does_not_expire()
    {
        MqttClient client = Subscriber("c", "a", 2);
        _publisher.Publish("a", "x", 2, 1, properties: Props.Of(PropertyId.MessageExpiryInterval, 10));
        Assert.Equal("PUBLISH q2 #1 a 'x' MessageExpiryInterval=10", client.Receive());
        client.Drop();
        _broker.Advance(20);

        MqttClient again = _broker.Connect50("c");

        Assert.StartsWith("PUBLISH q2 #1 dup a 'x'", again.Receive(), StringComparison.Ordinal);
        again.Acknowledge(PacketType.PubRec, 1);
        Assert.Equal("PUBREL 1", again.Receive());
    }

    private MqttClient Subscriber(string name, string filter, int qos)
    {
        MqttClient client = _broker.Connect50(name);
        Assert.Equal($"0{qos}", client.Subscribe(filter, qos));
        return client;
    }

    private void Send(string topic, params string[] payloads)
    {
        foreach (string payload in payloads)
        {
            _publisher.PublishAcknowledged(topic, payload);
        }
    }

    private void Send2(string topic, params string[] payloads)
    {
        for (int i = 0; i < payloads.Length; i++)
        {
            int id = 1000 + i;
            _publisher.Publish(topic, payloads[i], 2, id);
            Assert.Equal($"PUBREC {id}", _publisher.Receive());
            _publisher.Acknowledge(PacketType.PubRel, id);
            Assert.Equal($"PUBCOMP {id}", _publisher.Receive());
        }
    }
}
