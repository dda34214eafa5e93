using Warren.Protocols.Tests.Mqtt.InMemory;
using Warren.Wire.Mqtt;
using Warren.Wire.Tests;
using Xunit;

namespace Warren.Protocols.Tests.Mqtt;

/// <summary>Shared subscriptions (MQTT 5.0, 4.8.2).</summary>
public sealed class SharedSubscriptionTests : IDisposable
{
    private readonly MqttBroker _broker = new();
    private readonly MqttClient _publisher;

    public SharedSubscriptionTests() => _publisher = _broker.Connect("publisher");

    public void Dispose() => _broker.Dispose();

    [Fact]
    [Spec("MQTT-4.8.2-1")]
    public void Each_message_goes_to_one_member_of_each_group_and_to_everybody_else()
    {
        MqttClient[] members = [Member("m1", "$share/g/a"), Member("m2", "$share/g/a"), Member("m3", "$share/g/a")];
        MqttClient other = Member("other", "$share/h/a");
        MqttClient alone = Member("alone", "a");

        for (int i = 1; i <= 9; i++)
        {
            _publisher.PublishAcknowledged("a", $"{i}");
        }

        string[][] received = [.. members.Select(m => m.ReceiveUntilPing())];
        Assert.All(received, packets => Assert.Equal(3, packets.Length)); // in turn
        Assert.Equal(
            Enumerable.Range(1, 9).Select(i => $"'{i}'"),
            received.SelectMany(p => p).Select(p => p.Split(' ')[^1]).Order(StringComparer.Ordinal));
        Assert.Equal(9, other.ReceiveUntilPing().Length);
        Assert.Equal(9, alone.ReceiveUntilPing().Length);
    }

    [Theory]
    [InlineData("$share/g")]
    [InlineData("$share/g/")]
    [InlineData("$share//a")]
    [InlineData("$share/g#/a")]
    [InlineData("$share/+/a")]
    [InlineData("$share/g/a#")]
    [Spec("MQTT-4.8.2-1")]
    [Spec("MQTT-4.8.2-2")]
    public void Wrongly_written_share_ends_the_connection(string filter)
    {
        MqttClient client = _broker.Connect("c");

        client.SendSubscribe(filter);

        Assert.Matches("^DISCONNECT 8[12F] why$", client.Receive());
        Assert.Equal(MqttClient.Closed, client.Receive());
    }

    [Fact]
    [Spec("MQTT-3.8.3-4")]
    public void No_local_with_a_share_ends_the_connection()
    {
        MqttClient client = _broker.Connect("c");

        client.SendSubscribe("$share/g/a", 4);

        Assert.Equal(["DISCONNECT 82 why", MqttClient.Closed], client.Receive(2));
    }

    [Fact]
    [Spec("MQTT-4.8.2-3")]
    public void Each_member_gets_its_own_quality_of_service()
    {
        MqttClient zero = _broker.Connect("zero");
        MqttClient two = _broker.Connect("two");
        Assert.Equal("00", zero.Subscribe("$share/g/a", 0));
        Assert.Equal("02", two.Subscribe("$share/g/a", 2));

        _publisher.PublishAcknowledged("a", "x");
        _publisher.PublishAcknowledged("a", "x");

        Assert.Equal("PUBLISH q0 a 'x'", zero.Receive());
        Assert.Equal("PUBLISH q1 #1 a 'x'", two.Receive());
    }

    [Fact]
    public void Identifier_of_the_shared_subscription_comes_with_the_message()
    {
        MqttClient client = _broker.Connect("c");
        client.Subscribe("$share/g/+", 1, Props.Of(PropertyId.SubscriptionIdentifier, 7));
        client.Subscribe("a", 0, Props.Of(PropertyId.SubscriptionIdentifier, 8));

        _publisher.PublishAcknowledged("a", "x");

        Assert.Equal(
            ["PUBLISH q0 a 'x' SubscriptionIdentifier=8", "PUBLISH q1 #1 a 'x' SubscriptionIdentifier=7"],
            client.Receive(2).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_retained_message_comes_with_a_shared_subscription()
    {
        _publisher.PublishAcknowledged("a", "kept", retain: true);
        MqttClient client = Member("c", "$share/g/#");

        Assert.Empty(client.ReceiveUntilPing());
    }

    [Fact]
    public void Message_of_quality_1_that_a_lost_member_had_goes_to_another()
    {
        MqttClient first = Member("first", "$share/g/a");
        _publisher.PublishAcknowledged("a", "x");
        Assert.Equal("PUBLISH q1 #1 a 'x'", first.Receive());
        MqttClient second = Member("second", "$share/g/a");
        Assert.Empty(second.ReceiveUntilPing());

        first.Drop();

        Assert.Matches("^PUBLISH q1 #1( dup)? a 'x'$", second.Receive());
    }

    [Fact]
    [Spec("MQTT-4.8.2-4")]
    public void Message_of_quality_2_that_a_lost_member_had_waits_for_it()
    {
        MqttClient first = LastingMember("first", "$share/g/a");
        Publish2("a", "x");
        Assert.Equal("PUBLISH q2 #1 a 'x'", first.Receive());
        MqttClient second = LastingMember("second", "$share/g/a");
        first.Drop();
        Assert.Empty(second.ReceiveUntilPing());

        MqttClient again = _broker.Connect50("first");

        Assert.Equal("PUBLISH q2 #1 dup a 'x'", again.Receive());
        again.Acknowledge(PacketType.PubRec, 1);
        Assert.Equal("PUBREL 1", again.Receive());
        again.Acknowledge(PacketType.PubComp, 1);
        Assert.Empty(again.ReceiveUntilPing());
        Assert.Empty(second.ReceiveUntilPing());
    }

    [Fact]
    [Spec("MQTT-4.8.2-5")]
    public void Message_of_quality_2_goes_to_nobody_else_when_the_session_of_its_member_ends()
    {
        MqttClient first = LastingMember("first", "$share/g/a", 10);
        Publish2("a", "x");
        Assert.Equal("PUBLISH q2 #1 a 'x'", first.Receive());
        MqttClient second = LastingMember("second", "$share/g/a");
        first.Drop();

        _broker.Advance(11);

        Assert.Empty(second.ReceiveUntilPing());
        Assert.False(_broker.Connect50("first").IsSessionPresent);
        Publish2("a", "y");
        Assert.Equal("PUBLISH q2 #1 a 'y'", second.Receive());
    }

    [Fact]
    [Spec("MQTT-4.8.2-6")]
    public void Message_a_member_refuses_goes_to_nobody_else()
    {
        MqttClient first = Member("first", "$share/g/a");
        _publisher.PublishAcknowledged("a", "x");
        Assert.Equal("PUBLISH q1 #1 a 'x'", first.Receive());
        MqttClient second = Member("second", "$share/g/a");

        first.Acknowledge(PacketType.PubAck, 1, ReasonCode.NotAuthorized);

        Assert.Empty(first.ReceiveUntilPing());
        Assert.Empty(second.ReceiveUntilPing());
        first.Drop();
        Assert.Empty(second.ReceiveUntilPing());
    }

    [Fact]
    public void Group_ends_with_its_last_member()
    {
        MqttClient first = Member("first", "$share/g/a");
        MqttClient second = Member("second", "$share/g/a");
        Assert.Equal(" 00", first.Unsubscribe("$share/g/a"));
        _publisher.PublishAcknowledged("a", "x");
        Assert.Equal("PUBLISH q1 #1 a 'x'", second.Receive());

        second.Drop();

        Assert.Equal("10", _publisher.PublishAcknowledged("a", "y"));
    }

    [Fact]
    public void Messages_wait_for_a_group_whose_members_are_all_away()
    {
        LastingMember("first", "$share/g/a").Disconnect();
        Assert.Equal("", _publisher.PublishAcknowledged("a", "x"));

        Assert.Equal("PUBLISH q1 #1 a 'x'", _broker.Connect50("first").Receive());
    }

    [Fact]
    public void Older_client_can_share_too()
    {
        MqttClient old = _broker.Connect311("old");
        Assert.Equal("01", old.Subscribe("$share/g/a", 1));
        MqttClient other = Member("other", "$share/g/a");

        _publisher.PublishAcknowledged("a", "1");
        _publisher.PublishAcknowledged("a", "2");

        Assert.Single(old.ReceiveUntilPing());
        Assert.Single(other.ReceiveUntilPing());
    }

    [Fact]
    public void Same_filter_in_two_groups_and_none_is_three_subscriptions()
    {
        MqttClient client = Member("c", "a");
        Assert.Equal("01 01", client.SubscribeAll(1, "$share/g/a", "$share/h/a"));
        _publisher.PublishAcknowledged("a", "x");
        Assert.Equal(3, client.Receive(3).Length);

        Assert.Equal(" 00 11", client.Unsubscribe("$share/g/a", "$share/g/a"));

        _publisher.PublishAcknowledged("a", "y");
        Assert.Equal(2, client.ReceiveUntilPing().Count(p => p.EndsWith("'y'", StringComparison.Ordinal)));
    }

    [Fact]
    public void Last_member_that_unsubscribes_stays_connected()
    {
        MqttClient client = Member("c", "$share/g/a");
        for (int i = 0; i < 20; i++)
        {
            _publisher.PublishAcknowledged("a", "x");
            Assert.Equal("PUBLISH q1", client.Receive()[..10]);
            Assert.Equal(" 00", client.Unsubscribe("$share/g/a"));
            Assert.Equal("10", _publisher.PublishAcknowledged("a", "y"));
            Assert.Equal("01", client.Subscribe("$share/g/a", 1));
        }

        Assert.Empty(client.ReceiveUntilPing());
    }

    private MqttClient Member(string name, string filter)
    {
        MqttClient client = _broker.Connect(name);
        Assert.Equal("01", client.Subscribe(filter, 1));
        return client;
    }

    private MqttClient LastingMember(string name, string filter, uint expiry = 1000)
    {
        MqttClient client = _broker.Connect50(name, expiry);
        Assert.Equal("02", client.Subscribe(filter, 2));
        return client;
    }

    private void Publish2(string topic, string payload)
    {
        _publisher.Publish(topic, payload, 2, 77);
        Assert.Equal("PUBREC 77", _publisher.Receive());
        _publisher.Acknowledge(PacketType.PubRel, 77);
        Assert.Equal("PUBCOMP 77", _publisher.Receive());
    }
}
