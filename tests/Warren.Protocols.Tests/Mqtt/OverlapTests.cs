using Warren.Protocols.Mqtt;
using Warren.Protocols.Tests.Mqtt.InMemory;
using Warren.Wire.Mqtt;
using Warren.Wire.Tests;
using Xunit;

namespace Warren.Protocols.Tests.Mqtt;

/// <summary>Rules of MQTT that meet: subscriptions that overlap with options, retained messages, and connections that change.</summary>
public sealed class OverlapTests : IDisposable
{
    private const int NoLocal = 4;

    private readonly MqttBroker _broker = new();
    private readonly MqttClient _publisher;

    public OverlapTests() => _publisher = _broker.Connect("publisher");

    public void Dispose() => _broker.Dispose();

    [Theory]
    [InlineData(1, 0, "PUBLISH q0 retain a/b 'x' SubscriptionIdentifier=2")]
    [InlineData(0, 1, "PUBLISH q1 #1 retain a/b 'x' SubscriptionIdentifier=2")]
    [InlineData(2, 1, "PUBLISH q1 #1 retain a/b 'x' SubscriptionIdentifier=2")]
    [Spec("MQTT-3.8.4-8")]
    public void Retained_message_comes_as_the_subscription_says_that_brings_it(int first, int second, string expected)
    {
        _publisher.Publish("a/b", "x", 2, 1, retain: true);
        Assert.Equal("PUBREC 1 10", _publisher.Receive());
        MqttClient client = _broker.Connect("c");
        client.Subscribe("a/#", first | 0x20, Props.Of(PropertyId.SubscriptionIdentifier, 1));

        client.Subscribe("a/b", second, Props.Of(PropertyId.SubscriptionIdentifier, 2));

        Assert.Equal(expected, client.Receive());
        Assert.Empty(client.ReceiveUntilPing());
    }

    [Fact]
    [Spec("MQTT-3.8.3-3")]
    public void Own_message_comes_only_for_the_subscriptions_that_want_it()
    {
        MqttClient client = _broker.Connect("c");
        client.Subscribe("a", 2 | NoLocal, Props.Of(PropertyId.SubscriptionIdentifier, 1));
        client.Subscribe("+", 1, Props.Of(PropertyId.SubscriptionIdentifier, 2));

        client.Publish("a", "own", 2, 9);
        Assert.Equal(
            ["PUBLISH q1 #1 a 'own' SubscriptionIdentifier=2", "PUBREC 9"], client.Receive(2).Order(StringComparer.Ordinal));
        _publisher.Publish("a", "another's", 2, 9);
        Assert.Equal("PUBLISH q2 #2 a 'another's' SubscriptionIdentifier=1 SubscriptionIdentifier=2", client.Receive());
    }

    [Fact]
    [Spec("MQTT-3.8.3-3")]
    public void Own_retained_message_does_not_come_to_who_wants_none()
    {
        MqttClient client = _broker.Connect("c");
        client.PublishAcknowledged("a", "own", retain: true);
        _publisher.PublishAcknowledged("b", "another's", retain: true);

        client.Subscribe("+", NoLocal);

        Assert.Equal(["PUBLISH q0 retain b 'another's'"], client.ReceiveUntilPing());
    }

    [Fact]
    public void Filters_with_the_same_binding_are_two_subscriptions()
    {
        MqttClient client = _broker.Connect("c");
        client.SubscribeAll(1, "a/+", "a/*");
        Assert.Equal(" 00", client.Unsubscribe("a/*"));
        _publisher.PublishAcknowledged("a/b", "x");
        Assert.Equal("PUBLISH q1 #1 a/b 'x'", client.Receive());

        client.Subscribe("a/*", 1);
        Assert.Equal(" 00", client.Unsubscribe("a/+"));
        _publisher.PublishAcknowledged("a/b", "not wanted");
        _publisher.PublishAcknowledged("a/*", "wanted");
        Assert.Equal("PUBLISH q1 #2 a/* 'wanted'", client.Receive());
    }

    [Fact]
    [Spec("MQTT-3.3.2-12")]
    public void Topic_alias_is_set_by_a_message_that_was_received_before_too()
    {
        MqttClient client = _broker.Connect50("c");
        client.Publish("a", "x", 2, 5);
        Assert.Equal("PUBREC 5 10", client.Receive());
        client.Drop();

        MqttClient again = _broker.Connect50("c");
        again.Publish("a", "x", 2, 5, dup: true, properties: Props.Of(PropertyId.TopicAlias, 1));
        Assert.StartsWith("PUBREC 5", again.Receive(), StringComparison.Ordinal);
        again.Publish("", "y", 1, 6, properties: Props.Of(PropertyId.TopicAlias, 1));

        Assert.Equal("PUBACK 6 10", again.Receive());
    }

    [Fact]
    public void Pubcomp_before_pubrec_ends_the_connection()
    {
        MqttClient client = _broker.Connect("c");
        client.Subscribe("a", 2);
        _publisher.Publish("a", "x", 2, 1);
        Assert.Equal("PUBLISH q2 #1 a 'x'", client.Receive());

        client.Acknowledge(PacketType.PubComp, 1);

        Assert.Equal(["DISCONNECT 82 why", MqttClient.Closed], client.Receive(2));
    }

    [Fact]
    public void Pubrec_sent_again_is_released_again()
    {
        MqttClient client = _broker.Connect50("c");
        client.Subscribe("a", 2);
        _publisher.Publish("a", "x", 2, 1);
        Assert.Equal("PUBLISH q2 #1 a 'x'", client.Receive());

        client.Acknowledge(PacketType.PubRec, 1);
        client.Acknowledge(PacketType.PubRec, 1);

        Assert.Equal(["PUBREL 1", "PUBREL 1"], client.Receive(2));
        client.Acknowledge(PacketType.PubComp, 1);
        client.Acknowledge(PacketType.PubComp, 1);
        Assert.Empty(client.ReceiveUntilPing());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Taker_of_a_session_gets_what_the_other_has_not_settled(int qos)
    {
        MqttClient old = _broker.Connect50("c");
        old.Subscribe("a", 2);
        for (int i = 1; i <= 3; i++)
        {
            _publisher.Publish("a", $"{i}", qos, i);
            Assert.Equal($"PUBLISH q{qos} #{i} a '{i}'", old.Receive());
        }

        MqttClient taker = _broker.Connect50("c");

        Assert.Equal([.. Enumerable.Range(1, 3).Select(i => $"PUBLISH q{qos} #{i} dup a '{i}'")], taker.Receive(3));
    }

    [Fact]
    [Spec("MQTT-4.1.0-2")]
    public void Session_that_is_gone_on_with_without_expiry_ends_with_that_connection()
    {
        MqttClient first = _broker.Connect50("c");
        first.Subscribe("a", 1);
        first.Disconnect();

        MqttClient second = _broker.Connect("c", cleanStart: false);
        Assert.True(second.IsSessionPresent);
        _publisher.PublishAcknowledged("a", "x");
        Assert.Equal("PUBLISH q1 #1 a 'x'", second.Receive());
        second.Drop();

        Assert.Equal("10", _publisher.PublishAcknowledged("a", "x"));
        Assert.False(_broker.Connect50("c").IsSessionPresent);
    }

    [Fact]
    [Spec("MQTT-4.1.0-2")]
    public void Session_without_expiry_that_is_taken_over_has_ended()
    {
        MqttClient old = _broker.Connect("c", cleanStart: false);
        old.Subscribe("a", 1);

        MqttClient taker = _broker.Connect50("c");

        Assert.False(taker.IsSessionPresent);
        taker.Subscribe("b", 1);
        taker.Drop();
        Assert.True(_broker.Connect50("c").IsSessionPresent);
    }

    [Theory]
    [InlineData(0, 200_000)]
    [InlineData(1, 200_000)]
    [InlineData(2, 200_000)]
    [InlineData(2, 8192)]
    public void Large_message_arrives_whole(int qos, int size)
    {
        string payload = string.Create(size, 7, static (span, seed) =>
        {
            for (int i = 0; i < span.Length; i++)
            {
                span[i] = (char)('a' + ((i * seed) % 26));
            }
        });
        MqttClient lasting = _broker.Connect50("lasting");
        MqttClient passing = _broker.Connect311("passing");
        lasting.Subscribe("a", 2);
        passing.Subscribe("a", 2);

        _publisher.Publish("a", payload, qos, qos == 0 ? 0 : 1, properties: Props.User("k", "v"));

        string id = qos == 0 ? "" : " #1";
        Assert.Equal($"PUBLISH q{qos}{id} a '{payload}' k:v", lasting.Receive());
        Assert.Equal($"PUBLISH q{qos}{id} a '{payload}'", passing.Receive());
    }

    [Fact]
    public void Empty_retained_will_removes_what_was_retained()
    {
        _publisher.PublishAcknowledged("w", "here", retain: true);
        MqttClient client = _broker.Open(ProtocolVersion.Mqtt50);
        client.Connect("c", will: new WillOf("w", "", Retain: true));

        client.Drop();

        Assert.Equal(0, _broker.VirtualHost.Retained.Count);
    }

    [Fact]
    public void Long_client_ids_that_differ_at_the_end_have_sessions_of_their_own()
    {
        string name = new('x', 300);
        MqttClient one = _broker.Connect50(name + "1");
        MqttClient two = _broker.Connect50(name + "2");
        one.Subscribe("1", 1);
        two.Subscribe("2", 1);
        one.Drop();
        two.Drop();
        _publisher.PublishAcknowledged("1", "x");
        _publisher.PublishAcknowledged("2", "y");

        Assert.Equal("PUBLISH q1 #1 1 'x'", _broker.Connect50(name + "1").Receive());
        Assert.Equal("PUBLISH q1 #1 2 'y'", _broker.Connect50(name + "2").Receive());
    }

    [Fact]
    public void Shared_subscriptions_survive_a_restart_with_what_waits_for_them()
    {
        MqttClient first = _broker.Connect50("first");
        MqttClient second = _broker.Connect50("second");
        first.Subscribe("$share/g/a", 1);
        second.Subscribe("$share/g/a", 1);
        first.Disconnect();
        second.Disconnect();
        _publisher.PublishAcknowledged("a", "waits");

        _broker.Restart();

        MqttClient again = _broker.Connect50("second");
        Assert.Equal("PUBLISH q1 #1 a 'waits'", again.Receive());
        again.Acknowledge(PacketType.PubAck, 1);
        MqttClient publisher = _broker.Connect("publisher");
        publisher.PublishAcknowledged("a", "after");
        Assert.Equal("PUBLISH q1 #2 a 'after'", again.Receive());
        again.Acknowledge(PacketType.PubAck, 2);
        Assert.Equal(" 00", again.Unsubscribe("$share/g/a"));
        Assert.Equal("", publisher.PublishAcknowledged("a", "for the other")); // which has a session still
        MqttClient other = _broker.Connect50("first");
        Assert.Equal("PUBLISH q1 #1 a 'for the other'", other.Receive());
        Assert.Equal(" 00", other.Unsubscribe("$share/g/a"));
        Assert.Equal("10", publisher.PublishAcknowledged("a", "nobody"));
    }

    [Fact]
    public void Client_that_stops_reading_gets_what_fits_into_its_mailbox_when_it_reads_again()
    {
        using var broker = new MqttBroker(new MqttOptions { MailboxSoftLimit = 100 });
        MqttClient client = broker.Connect("c");
        client.Subscribe("a", 0);
        MqttClient publisher = broker.Connect("publisher");
        client.StopsReading = true;
        string payload = new('x', 10_000);
        for (int i = 0; i < 3000; i++)
        {
            publisher.Publish("a", $"{i} {payload}");
        }

        publisher.ReceiveUntilPing();
        Assert.InRange(broker.VirtualHost.Queues.Sum(q => (long)q.Counts.Ready), 0, 100);
        client.StopsReading = false;
        int[] numbers = [.. client.ReceiveUntilPing().Select(p => int.Parse(p.Split('\'')[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture))];

        Assert.Equal(numbers.Order(), numbers);
        Assert.Equal(2999, numbers[^1]);
        Assert.InRange(numbers.Length, 100, 2999);
    }

    [Fact]
    public void Thousands_of_subscriptions_come_and_go()
    {
        MqttClient client = _broker.Connect50("c");
        string[] filters = [.. Enumerable.Range(0, 2000).Select(i => $"t/{i}/+")];
        Assert.Equal((2000 * 3) - 1, client.SubscribeAll(1, filters).Length);
        _publisher.PublishAcknowledged("t/1999/x", "x");
        Assert.Equal("PUBLISH q1 #1 t/1999/x 'x'", client.Receive());
        client.Drop();

        MqttClient again = _broker.Connect50("c");
        Assert.Equal("PUBLISH q1 #1 dup t/1999/x 'x'", again.Receive());
        Assert.Equal(2000 * 3, again.Unsubscribe(filters).Length);
        Assert.Equal("10", _publisher.PublishAcknowledged("t/1999/x", "x"));
    }
}
