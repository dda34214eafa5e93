using System.Text;
using Warren.Buffers;
using Warren.Core.Exchanges;
using Warren.Core.Messages;
using Warren.Core.Routing;
using Warren.Protocols.Mqtt;
using Warren.Protocols.Tests.Mqtt.InMemory;
using Warren.Wire.Mqtt;
using Warren.Wire.Tests;
using Xunit;

namespace Warren.Protocols.Tests.Mqtt;

/// <summary>SUBSCRIBE, UNSUBSCRIBE and which messages they bring (MQTT 5.0, 3.8 to 3.11 and 4.7).</summary>
public sealed class SubscribeTests : IDisposable
{
    private const int NoLocal = 4;
    private const int RetainAsPublished = 8;

    private readonly MqttBroker _broker = new();
    private readonly MqttClient _publisher;

    public SubscribeTests() => _publisher = _broker.Connect("publisher");

    public void Dispose() => _broker.Dispose();

    [Theory]
    [InlineData(ProtocolVersion.Mqtt31)]
    [InlineData(ProtocolVersion.Mqtt311)]
    [InlineData(ProtocolVersion.Mqtt50)]
    [Spec("MQTT-3.8.4-1")]
    [Spec("MQTT-3.8.4-2")]
    [Spec("MQTT-3.8.4-4")]
    [Spec("MQTT-3.8.4-5")]
    [Spec("MQTT-3.8.4-6")]
    [Spec("MQTT-3.8.4-7")]
    [Spec("MQTT-3.9.3-1")]
    [Spec("MQTT-3.9.3-2")]
    [Spec("MQTT-2.2.1-6")]
    [Spec("MQTT-2.3.1-7")]
    public void Suback_has_the_identifier_and_a_code_for_each_filter_in_order(ProtocolVersion version)
    {
        _broker.Broker.Users.SetTopicPermissions("guest", "/", "amq.topic", ".*", "^[a-z]");
        MqttClient client = _broker.Connect("c", version: version);
        string is50 = version == ProtocolVersion.Mqtt50 ? "00" : "";

        client.SendHex($"82 {(is50.Length > 0 ? "17" : "16")} ABCD {is50} 0001 61 00 0001 58 02 0001 62 01 0001 63 02 0001 61 01");

        Assert.Equal($"SUBACK 43981 00 {(is50.Length > 0 ? "87" : "80")} 01 02 01", client.Receive());
        _publisher.PublishAcknowledged("b", "x");
        Assert.Equal("PUBLISH q1 #1 b 'x'", client.Receive());
        _publisher.PublishAcknowledged("a", "the later one counts");
        Assert.Equal("PUBLISH q1 #2 a 'the later one counts'", client.Receive());
    }

    [Theory]
    [InlineData("#", "a", true)]
    [InlineData("#", "a/b/c", true)]
    [InlineData("#", "/", true)]
    [InlineData("+", "a", true)]
    [InlineData("+", "/", false)]
    [InlineData("+", "a/b", false)]
    [InlineData("+/+", "/", true)]
    [InlineData("/+", "/a", true)]
    [InlineData("/+", "a", false)]
    [InlineData("+/a", "/a", true)]
    [InlineData("sport/#", "sport", true)]
    [InlineData("sport/#", "sport/", true)]
    [InlineData("sport/#", "sport/tennis/player1", true)]
    [InlineData("sport/#", "sports", false)]
    [InlineData("sport/+", "sport", false)]
    [InlineData("sport/+", "sport/", true)]
    [InlineData("sport/+", "sport/a/b", false)]
    [InlineData("sport/+/player", "sport//player", true)]
    [InlineData("+/b/#", "a/b", true)]
    [InlineData("+/+/#", "a", false)]
    [InlineData("a/+/c/+/e", "a/b/c/d/e", true)]
    [InlineData("a", "A", false)]
    [InlineData("a", "a/", false)]
    [InlineData("a/b", "a//b", false)]
    [InlineData("a.b/c", "a.b/c", true)]
    [InlineData("a.b/c", "a/b.c", false)]
    [InlineData("a/b", "a.b", false)]
    [InlineData("+", "a.b", true)]
    [InlineData("+/c", "a.b/c", true)]
    [InlineData("a/*", "a/b", false)]
    [InlineData("a/*", "a/*", true)]
    [InlineData("*", "a", false)]
    [InlineData(" ", " ", true)]
    [InlineData("ü/é", "ü/é", true)]
    [InlineData("é", "e\u0301", false)]
    [Spec("MQTT-4.7.1-1")]
    [Spec("MQTT-4.7.1-2")]
    [Spec("MQTT-4.7.1-3")]
    [Spec("MQTT-4.7.3-4")]
    [Spec("MQTT-3.3.2-3")]
    public void Filter_takes_in_a_topic_as_the_specification_says(string filter, string topic, bool matches)
    {
        MqttClient client = _broker.Connect("c");
        client.Subscribe(filter, 1);
        client.Subscribe("the/end/of/this", 1);

        _publisher.PublishAcknowledged(topic, "x");
        _publisher.PublishAcknowledged("the/end/of/this", "end");

        string first = client.Receive();
        Assert.Equal(matches ? $"PUBLISH q1 #1 {topic} 'x'" : "PUBLISH q1 #1 the/end/of/this 'end'", first);

        // A retained message is found by the same rules.
        _publisher.PublishAcknowledged(topic, "kept", retain: true);
        MqttClient late = _broker.Connect("late");
        late.Subscribe(filter, 0);
        Assert.Equal(matches ? [$"PUBLISH q0 retain {topic} 'kept'"] : [], late.ReceiveUntilPing());
    }

    [Theory]
    [InlineData("#")]
    [InlineData("+/a")]
    [InlineData("+/#")]
    [Spec("MQTT-4.7.2-1")]
    public void Wildcard_at_the_front_takes_in_no_topic_of_the_server(string filter)
    {
        MqttClient client = _broker.Connect("c");
        MqttClient exact = _broker.Connect("exact");
        client.Subscribe(filter, 0);
        exact.Subscribe("$SYS/a", 0);
        exact.Subscribe("$other/a", 0);

        PublishFromWithin("$SYS.a", "x");
        PublishFromWithin("$other.a", "x");

        Assert.Empty(client.ReceiveUntilPing());
        Assert.Equal("PUBLISH q0 $other/a 'x'", exact.Receive());
    }

    [Theory]
    [InlineData(ProtocolVersion.Mqtt311)]
    [InlineData(ProtocolVersion.Mqtt50)]
    [Spec("MQTT-3.3.5-1")]
    [Spec("MQTT-3.3.4-2")]
    public void Overlapping_subscriptions_bring_one_copy_of_the_highest_quality(ProtocolVersion version)
    {
        MqttClient client = _broker.Connect("c", version: version);
        client.Subscribe("a/#", 0);
        client.Subscribe("a/+", 2);
        client.Subscribe("a/b", 1);

        _publisher.Publish("a/b", "x", 2, 900);
        _publisher.PublishAcknowledged("a/c/d", "y");

        Assert.Equal(["PUBLISH q0 a/c/d 'y'", "PUBLISH q2 #1 a/b 'x'"], client.Receive(2).Order(StringComparer.Ordinal));
        Assert.Empty(client.ReceiveUntilPing());
    }

    [Fact]
    [Spec("MQTT-3.3.4-3")]
    [Spec("MQTT-3.3.4-4")]
    public void All_identifiers_of_the_subscriptions_come_with_the_message()
    {
        MqttClient client = _broker.Connect("c");
        client.Subscribe("a/#", 1, Props.Of(PropertyId.SubscriptionIdentifier, 1));
        client.Subscribe("a/+", 1, Props.Of(PropertyId.SubscriptionIdentifier, 268_435_455));
        client.Subscribe("a/b", 1);
        client.Subscribe("+/b", 0, Props.Of(PropertyId.SubscriptionIdentifier, 1));
        client.Subscribe("z", 1, Props.Of(PropertyId.SubscriptionIdentifier, 9));

        _publisher.PublishAcknowledged("a/b", "x");

        Assert.Equal(
            "PUBLISH q1 #1 a/b 'x' SubscriptionIdentifier=1 SubscriptionIdentifier=268435455 SubscriptionIdentifier=1",
            client.Receive());
        Assert.Empty(client.ReceiveUntilPing());
    }

    [Fact]
    [Spec("MQTT-3.8.3-3")]
    public void Messages_of_their_own_are_kept_from_those_who_want_none()
    {
        MqttClient client = _broker.Connect("c");
        client.Subscribe("a", 1 | NoLocal);
        client.Subscribe("b", 1);

        client.PublishAcknowledged("a", "own");
        _publisher.PublishAcknowledged("a", "another's");
        Assert.Equal("PUBLISH q1 #1 a 'another's'", client.Receive());
        client.Publish("b", "own", 1, 500);
        Assert.Equal(["PUBACK 500", "PUBLISH q1 #2 b 'own'"], client.Receive(2).Order(StringComparer.Ordinal));
    }

    [Fact]
    [Spec("MQTT-3.8.3-3")]
    public void Messages_of_their_own_are_told_by_the_client_id_over_connections()
    {
        MqttClient client = _broker.Connect50("c");
        client.Subscribe("a", 1 | NoLocal);
        client.Publish("b", "x");
        client.Drop();
        MqttClient again = _broker.Connect50("c");

        again.PublishAcknowledged("a", "own");
        _publisher.PublishAcknowledged("a", "another's");

        Assert.Equal("PUBLISH q1 #1 a 'another's'", again.Receive());
    }

    [Fact]
    [Spec("MQTT-3.3.1-9")]
    [Spec("MQTT-3.3.1-12")]
    [Spec("MQTT-3.3.1-13")]
    public void Retain_flag_of_a_message_on_its_way_is_kept_for_those_who_ask()
    {
        MqttClient plain = _broker.Connect("plain");
        MqttClient asks = _broker.Connect("asks");
        MqttClient old = _broker.Connect311("old");
        plain.Subscribe("a", 1);
        asks.Subscribe("a", 1 | RetainAsPublished);
        old.Subscribe("a", 1);

        _publisher.PublishAcknowledged("a", "kept", retain: true);
        _publisher.PublishAcknowledged("a", "not kept");

        Assert.Equal(["PUBLISH q1 #1 a 'kept'", "PUBLISH q1 #2 a 'not kept'"], plain.Receive(2));
        Assert.Equal(["PUBLISH q1 #1 a 'kept'", "PUBLISH q1 #2 a 'not kept'"], old.Receive(2));
        Assert.Equal(["PUBLISH q1 #1 retain a 'kept'", "PUBLISH q1 #2 a 'not kept'"], asks.Receive(2));
    }

    [Fact]
    [Spec("MQTT-3.8.4-3")]
    [Spec("MQTT-3.8.4-4")]
    public void Same_filter_again_replaces_the_subscription_and_loses_nothing()
    {
        MqttClient client = _broker.Connect50("c");
        client.Subscribe("a", 0, Props.Of(PropertyId.SubscriptionIdentifier, 1));
        _publisher.PublishAcknowledged("a", "one");
        Assert.Equal("PUBLISH q0 a 'one' SubscriptionIdentifier=1", client.Receive());

        Assert.Equal("02", client.Subscribe("a", 2, Props.Of(PropertyId.SubscriptionIdentifier, 2)));
        _publisher.PublishAcknowledged("a", "two");
        Assert.Equal("PUBLISH q1 #1 a 'two' SubscriptionIdentifier=2", client.Receive());

        Assert.Equal("00", client.Subscribe("a", 0));
        client.Acknowledge(PacketType.PubAck, 1);
        _publisher.PublishAcknowledged("a", "three");
        Assert.Equal("PUBLISH q0 a 'three'", client.Receive());
        Assert.Equal(" 00", client.Unsubscribe("a"));
        Assert.Equal("10", _publisher.PublishAcknowledged("a", "four"));
    }

    [Fact]
    [Spec("MQTT-3.8.4-4")]
    public void Messages_that_wait_come_although_the_subscription_is_replaced()
    {
        MqttClient client = _broker.Connect50("c");
        client.Subscribe("a", 1);
        client.Drop();
        _publisher.PublishAcknowledged("a", "waits");

        MqttClient again = _broker.Open(ProtocolVersion.Mqtt50);
        again.SendConnect("c", cleanStart: false, Props.Of(PropertyId.SessionExpiryInterval, 100));
        again.SendSubscribe("a", 1);

        Assert.Equal(
            ["CONNACK 00 present", "PUBLISH q1 #1 a 'waits'", "SUBACK 1 01"],
            again.Receive(3).Select(p => p.Split(" Maximum")[0]).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(ProtocolVersion.Mqtt31, "")]
    [InlineData(ProtocolVersion.Mqtt311, "")]
    [InlineData(ProtocolVersion.Mqtt50, " 00 11 00 11")]
    [Spec("MQTT-3.10.4-1")]
    [Spec("MQTT-3.10.4-2")]
    [Spec("MQTT-3.10.4-4")]
    [Spec("MQTT-3.10.4-5")]
    [Spec("MQTT-3.10.4-6")]
    [Spec("MQTT-3.11.3-1")]
    [Spec("MQTT-3.11.3-2")]
    public void Unsubscribe_ends_what_is_the_same_to_the_letter(ProtocolVersion version, string codes)
    {
        MqttClient client = _broker.Connect("c", version: version);
        client.SubscribeAll(1, "a/#", "b", "c");

        Assert.Equal(codes, client.Unsubscribe("a/#", "b/", "b", "+"));

        _publisher.PublishAcknowledged("a/1", "x");
        _publisher.PublishAcknowledged("b", "x");
        _publisher.PublishAcknowledged("c", "still");
        Assert.Equal("PUBLISH q1 #1 c 'still'", client.Receive());
    }

    [Fact]
    [Spec("MQTT-3.10.4-3")]
    public void Delivery_that_has_begun_is_completed_after_unsubscribe()
    {
        MqttClient client = _broker.Connect50("c");
        client.Subscribe("a", 2);
        _publisher.Publish("a", "x", 2, 700);
        Assert.Equal("PUBLISH q2 #1 a 'x'", client.Receive());

        client.Unsubscribe("a");

        client.Acknowledge(PacketType.PubRec, 1);
        Assert.Equal("PUBREL 1", client.Receive());
        client.Drop();
        MqttClient again = _broker.Connect50("c");
        Assert.Equal("PUBREL 1", again.Receive());
        again.Acknowledge(PacketType.PubComp, 1);
        Assert.Empty(again.ReceiveUntilPing());
    }

    [Fact]
    [Spec("MQTT-3.10.4-3")]
    public void Message_of_quality_1_that_was_sent_comes_again_after_unsubscribe()
    {
        MqttClient client = _broker.Connect50("c");
        client.Subscribe("a", 1);
        _publisher.PublishAcknowledged("a", "x");
        Assert.Equal("PUBLISH q1 #1 a 'x'", client.Receive());

        client.Unsubscribe("a");
        client.Drop();

        Assert.Equal("PUBLISH q1 #1 dup a 'x'", _broker.Connect50("c").Receive());
    }

    [Fact]
    public void Filter_that_is_not_to_be_read_is_refused_and_the_others_are_not()
    {
        _broker.Broker.Users.SetTopicPermissions("guest", "/", "amq.topic", ".*", "^open");
        MqttClient client = _broker.Connect("c");

        Assert.Equal("01 87 01", client.SubscribeAll(1, "open/a", "secret/a", "open/b"));
    }

    [Fact]
    public void Too_many_subscriptions_and_levels_are_refused()
    {
        using var broker = new MqttBroker(new MqttOptions { MaxSubscriptions = 2, MaxTopicLevels = 3 });
        MqttClient client = broker.Connect("c");

        Assert.Equal("00 8F 00 97 00", client.SubscribeAll(0, "a/b/c", "a/b/c/d", "b", "c", "b"));
        Assert.Equal("10", client.PublishAcknowledged("1/2/3", "x"));
        Assert.Equal("90", client.PublishAcknowledged("1/2/3/4", "x"));
    }

    [Fact]
    public void Topic_of_65535_bytes_is_taken_and_delivered()
    {
        string topic = new('t', 65535);
        MqttClient client = _broker.Connect("c");
        client.Subscribe("#", 1);

        _publisher.PublishAcknowledged(topic, "x");

        Assert.Equal($"PUBLISH q1 #1 {topic} 'x'", client.Receive());
    }

    // What no client may do.
    private void PublishFromWithin(string routingKey, string body)
    {
        byte[] key = Encoding.UTF8.GetBytes(routingKey);
        byte[] payload = Encoding.UTF8.GetBytes(body);
        byte[] properties = new byte[1];
        StoredProperties.Write(properties, 0, retain: false, 0, [], [], hasHeaders: false);
        var envelope = new MessageEnvelope(MqttMessageFormat.FormatTag, MessageFlags.None, 0, _broker.Broker.Clock.NowMs, -1);
        Payload image = _broker.Broker.Slabs.Allocate(
            (int)Message.SizeOf("amq.topic"u8.Length, key.Length, properties.Length, payload.Length));
        int at = Message.WriteHead(image.Writable, envelope, "amq.topic"u8, key, properties, payload.Length);
        payload.CopyTo(image.Writable[at..]);
        var message = new Message(image);
        Exchange exchange = _broker.VirtualHost.FindExchange("amq.topic")!;
        var routes = new RouteSet();
        _broker.VirtualHost.Publishing.Route(exchange, message, default, MqttMessageFormat.Instance, routes);
        var flush = new FlushSet();
        _broker.VirtualHost.Publishing.Publish(message, Route.Of(routes, exchange), flush, out _);
        flush.FlushAll();
        image.Release();
    }
}
