using Warren.Protocols.Tests.Mqtt.InMemory;
using Warren.Wire.Mqtt;
using Warren.Wire.Tests;
using Xunit;

namespace Warren.Protocols.Tests.Mqtt;

/// <summary>Retained messages (MQTT 5.0, 3.3.1.3 and 3.8.3.1).</summary>
public sealed class RetainedTests : IDisposable
{
    private const int OnlyNew = 0x10;
    private const int Never = 0x20;

    private readonly MqttBroker _broker = new();
    private readonly MqttClient _publisher;

    public RetainedTests() => _publisher = _broker.Connect("publisher");

    public void Dispose() => _broker.Dispose();

    [Theory]
    [InlineData(ProtocolVersion.Mqtt31)]
    [InlineData(ProtocolVersion.Mqtt311)]
    [InlineData(ProtocolVersion.Mqtt50)]
    [Spec("MQTT-3.3.1-5")]
    [Spec("MQTT-3.3.1-6")]
    [Spec("MQTT-3.3.1-8")]
    public void Last_retained_message_of_a_topic_comes_with_the_subscription(ProtocolVersion version)
    {
        Retain("a", "first");
        Retain("a", "last");
        MqttClient client = _broker.Connect("c", version: version);

        Assert.Equal("01", client.Subscribe("a", 1));

        Assert.Equal("PUBLISH q1 #1 retain a 'last'", client.Receive());
        Assert.Empty(client.ReceiveUntilPing());
    }

    [Theory]
    [InlineData(0, 2, 0)]
    [InlineData(1, 2, 1)]
    [InlineData(2, 2, 2)]
    [InlineData(2, 1, 1)]
    [InlineData(2, 0, 0)]
    [Spec("MQTT-3.3.1-5")]
    [Spec("MQTT-3.3.1-7")]
    [Spec("MQTT-3.8.4-8")]
    public void Retained_message_keeps_its_quality_of_service(int published, int subscribed, int delivered)
    {
        _publisher.Publish("a", "x", published, published == 0 ? 0 : 1, retain: true);
        _publisher.ReceiveUntilPing();
        MqttClient client = _broker.Connect("c");

        client.Subscribe("a", subscribed);

        Assert.Equal($"PUBLISH q{delivered}{(delivered > 0 ? " #1" : "")} retain a 'x'", client.Receive());
    }

    [Fact]
    public void Subscribing_again_before_the_retained_messages_have_come_begins_them_anew_and_piles_up_nothing()
    {
        const int Count = 1000;
        string body = new('x', 2000);
        for (int i = 0; i < Count; i++)
        {
            _publisher.Publish($"many/{i}", body, retain: true);
        }

        MqttClient subscriber = _broker.Connect("impatient");
        subscriber.StopsReading = true;
        for (int i = 0; i < 20; i++)
        {
            subscriber.SendSubscribe("many/#");
        }

        subscriber.StopsReading = false;
        string[] got = subscriber.ReceiveUntilPing();

        Assert.Equal(20, got.Count(static p => p.StartsWith("SUBACK", StringComparison.Ordinal)));
        string[] topics = [.. got.Where(static p => p.StartsWith("PUBLISH", StringComparison.Ordinal)).Select(static p => p.Split(' ')[3])];
        Assert.Equal(Count, topics.Distinct().Count());
        Assert.InRange(topics.Length, Count, 2 * Count);
    }

    [Fact]
    [Spec("MQTT-3.3.1-6")]
    public void Wildcards_bring_the_retained_messages_of_all_topics_they_take_in()
    {
        Retain("a", "1");
        Retain("a/b", "2");
        Retain("a/b/c", "3");
        Retain("b", "4");
        MqttClient client = _broker.Connect("c");

        client.Subscribe("a/#");

        Assert.Equal(
            ["PUBLISH q0 retain a '1'", "PUBLISH q0 retain a/b '2'", "PUBLISH q0 retain a/b/c '3'"],
            client.ReceiveUntilPing().Order(StringComparer.Ordinal));
    }

    [Fact]
    [Spec("MQTT-3.3.1-6")]
    [Spec("MQTT-3.3.1-7")]
    [Spec("MQTT-3.3.1-10")]
    [Spec("MQTT-3.3.1-11")]
    public void Empty_message_is_delivered_and_removes_what_was_retained()
    {
        Retain("a", "x");
        MqttClient there = _broker.Connect("there");
        there.Subscribe("a", 0);
        Assert.Equal("PUBLISH q0 retain a 'x'", there.Receive());

        _publisher.PublishAcknowledged("a", "", retain: true);

        Assert.Equal("PUBLISH q0 a ''", there.Receive());
        MqttClient late = _broker.Connect("late");
        late.Subscribe("a");
        Assert.Empty(late.ReceiveUntilPing());
        Assert.Equal(0, _broker.VirtualHost.Retained.Count);
    }

    [Fact]
    [Spec("MQTT-3.3.1-8")]
    [Spec("MQTT-3.3.1-12")]
    public void Message_without_the_flag_changes_nothing_that_is_retained()
    {
        Retain("a", "stays");
        _publisher.PublishAcknowledged("a", "passes");
        _publisher.PublishAcknowledged("a", "");
        _publisher.PublishAcknowledged("b", "passes");
        MqttClient client = _broker.Connect("c");

        client.Subscribe("#");

        Assert.Equal(["PUBLISH q0 retain a 'stays'"], client.ReceiveUntilPing());
    }

    [Theory]
    [InlineData(0, true, true)]
    [InlineData(OnlyNew, true, false)]
    [InlineData(Never, false, false)]
    [Spec("MQTT-3.3.1-9")]
    [Spec("MQTT-3.3.1-10")]
    [Spec("MQTT-3.3.1-11")]
    [Spec("MQTT-3.8.4-4")]
    public void Retain_handling_says_when_they_come(int handling, bool first, bool again)
    {
        Retain("a", "x");
        MqttClient client = _broker.Connect("c");
        string[] retained = ["PUBLISH q0 retain a 'x'"];

        client.Subscribe("a", handling);
        Assert.Equal(first ? retained : [], client.ReceiveUntilPing());
        client.Subscribe("a", handling);
        Assert.Equal(again ? retained : [], client.ReceiveUntilPing());
        client.Unsubscribe("a");
        client.Subscribe("a", handling);
        Assert.Equal(first ? retained : [], client.ReceiveUntilPing());
    }

    [Fact]
    [Spec("MQTT-3.8.4-3")]
    public void Older_client_that_subscribes_again_gets_them_again()
    {
        Retain("a", "x");
        MqttClient client = _broker.Connect311("c");

        client.Subscribe("a");
        Assert.Equal("PUBLISH q0 retain a 'x'", client.Receive());
        client.Subscribe("a");
        Assert.Equal("PUBLISH q0 retain a 'x'", client.Receive());
    }

    [Fact]
    public void Retained_message_comes_for_the_new_subscription_only()
    {
        Retain("a", "x");
        MqttClient client = _broker.Connect("c");
        client.Subscribe("a", 0, Props.Of(PropertyId.SubscriptionIdentifier, 1));
        Assert.Equal("PUBLISH q0 retain a 'x' SubscriptionIdentifier=1", client.Receive());

        client.Subscribe("b", 0, Props.Of(PropertyId.SubscriptionIdentifier, 2));

        Assert.Empty(client.ReceiveUntilPing());
    }

    [Fact]
    public void Session_that_is_gone_on_with_gets_none_anew()
    {
        Retain("a", "x");
        MqttClient client = _broker.Connect50("c");
        client.Subscribe("a");
        Assert.Equal("PUBLISH q0 retain a 'x'", client.Receive());
        client.Drop();

        Assert.Empty(_broker.Connect50("c").ReceiveUntilPing());
    }

    [Fact]
    [Spec("MQTT-3.3.2-5")]
    [Spec("MQTT-3.3.2-6")]
    public void Retained_message_expires_and_tells_what_is_left_of_it()
    {
        _publisher.PublishAcknowledged("a", "x", retain: true, Props.Of(PropertyId.MessageExpiryInterval, 100));
        _broker.Advance(40);
        MqttClient client = _broker.Connect("c");
        client.Subscribe("a");
        Assert.Equal("PUBLISH q0 retain a 'x' MessageExpiryInterval=60", client.Receive());

        _broker.Advance(60);

        client.Subscribe("a");
        Assert.Empty(client.ReceiveUntilPing());
        Assert.Equal(0, _broker.VirtualHost.Retained.Count);
    }

    [Fact]
    [Spec("MQTT-3.1.2-7")]
    public void Retained_message_survives_a_restart_with_all_its_properties()
    {
        _publisher.PublishAcknowledged("a", "x", retain: true, Props.User("k", "v").And(PropertyId.ContentType, "text"));

        _broker.Restart();

        MqttClient client = _broker.Connect("c");
        client.Subscribe("#", 1);
        Assert.Equal("PUBLISH q1 #1 retain a 'x' k:v ContentType=text", client.Receive());
    }

    [Fact]
    public void Retained_message_of_a_topic_that_is_not_to_be_read_does_not_come()
    {
        Retain("open/a", "1");
        Retain("secret/a", "2");
        _broker.Broker.Users.SetTopicPermissions("guest", "/", "amq.topic", ".*", @"^(open\.a|#|\*\.a)$");
        MqttClient client = _broker.Connect("c");

        Assert.Equal("00", client.Subscribe("#"));

        Assert.Equal(["PUBLISH q0 retain open/a '1'"], client.ReceiveUntilPing());
    }

    [Fact]
    public void Message_comes_only_while_who_published_it_still_might()
    {
        Authorize(".*");
        MqttClient planter = _broker.Open(ProtocolVersion.Mqtt50);
        planter.Connect("p", user: "eve", password: "eve");
        planter.Publish("kept", "x", 1, 1, retain: true);
        planter.Publish("lost", "x", 1, 2, retain: true);
        planter.ReceiveUntilPing();
        Retain("guests", "x");
        _broker.Restart();

        Assert.Equal(["guests", "kept", "lost"], Seen());
        _broker.Broker.Users.SetTopicPermissions("eve", "/", "amq.topic", "^kept$", ".*");
        Assert.Equal(["guests", "kept"], Seen());
        Authorize("^none$");
        Assert.Equal(["guests"], Seen());
        _broker.Broker.Users.Remove("eve");
        Assert.Equal(["guests"], Seen());

        void Authorize(string write)
        {
            if (_broker.Broker.Users.Find("eve") is null)
            {
                _broker.Broker.Users.Add("eve", "eve", []);
            }

            _broker.Broker.Users.SetPermissions("eve", "/", ".*", write, ".*");
        }

        string[] Seen()
        {
            MqttClient client = _broker.Connect("seen");
            client.Subscribe("#");
            string[] topics = [.. client.ReceiveUntilPing().Select(static m => m.Split(' ')[3]).Order()];
            client.Drop();
            return topics;
        }
    }

    [Fact]
    public void What_the_client_has_not_got_when_it_is_lost_comes_when_it_is_back()
    {
        const int Many = 1000; // more than wait in the queue at a time
        for (int i = 0; i < Many; i++)
        {
            _publisher.Publish($"many/{i}", "x", 1, 1, retain: true);
            Assert.StartsWith("PUBACK", _publisher.Receive(), StringComparison.Ordinal);
        }

        Props small = Props.Of(PropertyId.SessionExpiryInterval, 100).And(PropertyId.ReceiveMaximum, 1);
        MqttClient client = _broker.Connect("c", cleanStart: false, small);
        client.Subscribe("many/#", 1);
        Assert.StartsWith("PUBLISH q1 #1 retain many/", client.Receive(), StringComparison.Ordinal);
        client.Drop();

        client = _broker.Connect("c", cleanStart: false, Props.Of(PropertyId.SessionExpiryInterval, 100));
        var topics = new HashSet<string>();
        while (topics.Count < Many && client.Receive().Split(' ') is ["PUBLISH", _, var number, .., var topic, "'x'"])
        {
            topics.Add(topic);
            client.Acknowledge(PacketType.PubAck, ushort.Parse(number[1..], System.Globalization.CultureInfo.InvariantCulture));
        }

        Assert.Equal(Many, topics.Count);
    }

    [Fact]
    public void Message_with_no_right_to_publish_is_not_retained()
    {
        _broker.Broker.Users.SetTopicPermissions("guest", "/", "amq.topic", "^open", ".*");
        _publisher.Publish("secret", "x", retain: true);
        Assert.Equal("DISCONNECT 87 why", _publisher.Receive());

        MqttClient client = _broker.Connect("c");
        client.Subscribe("#");
        Assert.Empty(client.ReceiveUntilPing());
    }

    private void Retain(string topic, string payload) => _publisher.PublishAcknowledged(topic, payload, retain: true);
}
