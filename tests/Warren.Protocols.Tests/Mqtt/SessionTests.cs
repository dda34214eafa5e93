using Warren.Protocols.Mqtt;
using Warren.Protocols.Tests.Mqtt.InMemory;
using Warren.Wire.Mqtt;
using Warren.Wire.Tests;
using Xunit;

namespace Warren.Protocols.Tests.Mqtt;

/// <summary>What is kept of a client between connections (MQTT 5.0, 3.1.2.4, 3.1.2.11.2, 4.1; MQTT 3.1.1, 3.1.2.4).</summary>
public sealed class SessionTests : IDisposable
{
    private readonly MqttBroker _broker = new();

    public void Dispose() => _broker.Dispose();

    [Fact]
    [Spec("MQTT-3.1.2-4")]
    [Spec("MQTT-3.1.2-5")]
    [Spec("MQTT-3.2.2-2")]
    [Spec("MQTT-3.2.2-3")]
    public void Session_of_3_1_1_is_found_again_with_its_subscriptions_and_messages()
    {
        MqttClient first = _broker.Connect311("c", cleanSession: false);
        Assert.Equal("CONNACK 00", first.Connack);
        Assert.Equal("01", first.Subscribe("a/#", 1));
        first.Disconnect();
        MqttClient publisher = _broker.Connect("publisher");
        Assert.Equal("", publisher.PublishAcknowledged("a/1", "while away"));

        MqttClient again = _broker.Connect311("c", cleanSession: false);

        Assert.True(again.IsSessionPresent);
        Assert.Equal("PUBLISH q1 #1 a/1 'while away'", again.Receive());
        Assert.Equal("", publisher.PublishAcknowledged("a/2", "while here"));
        Assert.Equal("PUBLISH q1 #2 a/2 'while here'", again.Receive());
    }

    [Fact]
    public void MQTT_3_1_knows_no_session_present()
    {
        _broker.Connect("c", cleanStart: false, version: ProtocolVersion.Mqtt31).Disconnect();

        Assert.Equal("CONNACK 00", _broker.Connect("c", cleanStart: false, version: ProtocolVersion.Mqtt31).Connack);
    }

    [Fact]
    [Spec("MQTT-3.1.2-6")]
    [Spec("MQTT-3.2.2-1")]
    public void Clean_session_forgets_the_one_before_and_is_forgotten_itself()
    {
        MqttClient kept = _broker.Connect311("c", cleanSession: false);
        kept.Subscribe("a", 1);
        kept.Disconnect();

        MqttClient clean = _broker.Connect311("c");
        Assert.False(clean.IsSessionPresent);
        _broker.Connect("publisher").PublishAcknowledged("a", "x");
        Assert.Empty(clean.ReceiveUntilPing());
        clean.Subscribe("a", 1);
        clean.Disconnect();

        MqttClient last = _broker.Connect311("c", cleanSession: false);
        Assert.False(last.IsSessionPresent);
        Assert.Equal("10", _broker.Connect("publisher").PublishAcknowledged("a", "x"));
    }

    [Fact]
    [Spec("MQTT-3.1.2-4")]
    [Spec("MQTT-3.2.2-2")]
    public void Clean_start_of_5_0_forgets_what_was_kept_but_keeps_from_now_on()
    {
        MqttClient first = _broker.Connect50("c");
        first.Subscribe("a", 1);
        first.Disconnect();

        MqttClient clean = _broker.Connect("c", cleanStart: true, Props.Of(PropertyId.SessionExpiryInterval, 100));
        Assert.False(clean.IsSessionPresent);
        Assert.Equal("10", _broker.Connect("publisher").PublishAcknowledged("a", "x"));
        clean.Subscribe("b", 1);
        clean.Disconnect();

        Assert.True(_broker.Connect50("c").IsSessionPresent);
    }

    [Fact]
    [Spec("MQTT-3.1.2-6")]
    [Spec("MQTT-3.2.2-3")]
    public void Session_that_is_not_there_is_made()
    {
        Assert.False(_broker.Connect50("c").IsSessionPresent);
    }

    [Fact]
    [Spec("MQTT-4.1.0-2")]
    public void Session_without_expiry_ends_with_its_connection()
    {
        MqttClient client = _broker.Connect("c", cleanStart: false);
        client.Subscribe("a", 1);
        client.Drop();

        Assert.False(_broker.Connect("c", cleanStart: false).IsSessionPresent);
        Assert.Equal("10", _broker.Connect("publisher").PublishAcknowledged("a", "x"));
    }

    [Fact]
    [Spec("MQTT-3.1.2-23")]
    [Spec("MQTT-4.1.0-2")]
    public void Session_lasts_for_its_expiry_interval_and_no_longer()
    {
        MqttClient first = _broker.Connect50("c", 60);
        first.Subscribe("a", 1);
        first.Drop();
        _broker.Advance(59);
        MqttClient second = _broker.Connect50("c", 60);
        Assert.True(second.IsSessionPresent);

        second.Drop();
        _broker.Advance(61);

        Assert.Empty(_broker.VirtualHost.Sessions.List());
        Assert.False(_broker.Connect50("c", 60).IsSessionPresent);
    }

    [Fact]
    [Spec("MQTT-4.1.0-1")]
    public void Session_does_not_expire_while_its_client_is_connected()
    {
        MqttClient client = _broker.Connect50("c", 1);
        client.Subscribe("a", 1);

        _broker.Advance(100);

        Assert.Equal("", _broker.Connect("publisher").PublishAcknowledged("a", "x"));
        Assert.Equal("PUBLISH q1 #1 a 'x'", client.Receive());
    }

    [Fact]
    [Spec("MQTT-3.1.2-23")]
    public void Largest_expiry_interval_means_never()
    {
        using var broker = new MqttBroker(new MqttOptions { MaxSessionExpirySeconds = null });
        broker.Connect50("c", uint.MaxValue).Drop();

        broker.Advance(400 * 86400.0);

        Assert.True(broker.Connect50("c").IsSessionPresent);
    }

    [Fact]
    public void Expiry_interval_is_what_the_latest_connect_says()
    {
        _broker.Connect50("c", 1000).Drop();
        _broker.Connect50("c", 10).Drop();

        _broker.Advance(11);

        Assert.False(_broker.Connect50("c").IsSessionPresent);
    }

    [Fact]
    public void Disconnect_can_change_the_expiry_interval()
    {
        _broker.Connect50("longer", 10).Disconnect(properties: Props.Of(PropertyId.SessionExpiryInterval, 100));
        _broker.Connect50("shorter", 100).Disconnect(properties: Props.Of(PropertyId.SessionExpiryInterval, 10));
        _broker.Connect50("ended", 100).Disconnect(properties: Props.Of(PropertyId.SessionExpiryInterval, 0));

        Assert.False(_broker.Connect50("ended").IsSessionPresent);
        _broker.Advance(50);
        Assert.True(_broker.Connect50("longer").IsSessionPresent);
        Assert.False(_broker.Connect50("shorter").IsSessionPresent);
    }

    [Fact]
    public void Disconnect_cannot_keep_a_session_that_was_to_end()
    {
        MqttClient client = _broker.Connect("c");

        client.SendHex("E0 07 00 05 11 0000003C");

        Assert.Equal(["DISCONNECT 82 why", MqttClient.Closed], client.Receive(2));
    }

    [Fact]
    [Spec("MQTT-3.1.4-3")]
    public void Second_connection_of_a_client_takes_the_session_over()
    {
        MqttClient old = _broker.Connect50("c");
        old.Subscribe("a", 1);

        MqttClient taker = _broker.Connect50("c");

        Assert.Equal(["DISCONNECT 8E why", MqttClient.Closed], old.Receive(2));
        Assert.True(taker.IsSessionPresent);
        _broker.Connect("publisher").PublishAcknowledged("a", "x");
        Assert.Equal("PUBLISH q1 #1 a 'x'", taker.Receive());
    }

    [Fact]
    [Spec("MQTT-3.1.4-2")]
    public void Second_connection_of_an_older_client_ends_the_first_without_a_word()
    {
        MqttClient old = _broker.Connect311("c");

        MqttClient taker = _broker.Connect311("c");

        Assert.Equal(MqttClient.Closed, old.Receive());
        Assert.Empty(taker.ReceiveUntilPing());
    }

    [Fact]
    [Spec("MQTT-3.1.4-3")]
    public void Session_that_was_taken_over_with_a_clean_start_begins_anew()
    {
        MqttClient old = _broker.Connect50("c");
        old.Subscribe("a", 1);

        MqttClient taker = _broker.Connect("c");

        Assert.Equal("DISCONNECT 8E why", old.Receive());
        Assert.False(taker.IsSessionPresent);
        Assert.Equal("10", _broker.Connect("publisher").PublishAcknowledged("a", "x"));
    }

    [Fact]
    public void Session_goes_on_in_another_version_of_the_protocol()
    {
        MqttClient old = _broker.Connect311("c", cleanSession: false);
        old.Subscribe("a", 2);
        old.Disconnect();
        _broker.Connect("publisher").PublishAcknowledged("a", "x", properties: Props.Of(PropertyId.ContentType, "text"));

        MqttClient client = _broker.Connect50("c");

        Assert.True(client.IsSessionPresent);
        Assert.Equal("PUBLISH q1 #1 a 'x' ContentType=text", client.Receive());
    }

    [Fact]
    [Spec("MQTT-3.1.2-5")]
    [Spec("MQTT-4.5.0-1")]
    public void Messages_wait_in_order_for_a_client_that_is_away()
    {
        MqttClient client = _broker.Connect50("c");
        client.Subscribe("a/#", 2);
        client.Disconnect();
        MqttClient publisher = _broker.Connect("publisher");
        for (int i = 1; i <= 5; i++)
        {
            publisher.PublishAcknowledged($"a/{i}", $"{i}");
        }

        MqttClient again = _broker.Connect50("c");

        Assert.Equal(
            Enumerable.Range(1, 5).Select(i => $"PUBLISH q1 #{i} a/{i} '{i}'"), again.Receive(5));
    }

    [Fact]
    public void Messages_of_quality_of_service_0_do_not_wait()
    {
        MqttClient client = _broker.Connect50("c");
        client.Subscribe("a", 0);
        client.Disconnect();
        MqttClient publisher = _broker.Connect("publisher");
        publisher.PublishAcknowledged("a", "nobody is there");

        MqttClient again = _broker.Connect50("c");

        Assert.True(again.IsSessionPresent);
        publisher.PublishAcknowledged("a", "now");
        Assert.Equal("PUBLISH q0 a 'now'", again.Receive());
    }

    [Fact]
    [Spec("MQTT-3.1.2-7")]
    public void Retained_messages_are_no_part_of_the_session()
    {
        MqttClient client = _broker.Connect311("c");
        client.PublishAcknowledged("a", "stays", retain: true);
        client.Disconnect();

        MqttClient other = _broker.Connect311("c");
        other.Subscribe("a");

        Assert.Equal("PUBLISH q0 retain a 'stays'", other.Receive());
    }

    [Fact]
    [Spec("MQTT-3.1.2-23")]
    [Spec("MQTT-4.1.0-1")]
    public void Session_survives_a_restart_of_the_broker()
    {
        MqttClient client = _broker.Connect50("c");
        client.Subscribe("a/+", 1, Props.Of(PropertyId.SubscriptionIdentifier, 5));
        client.Disconnect();
        _broker.Connect("publisher").PublishAcknowledged("a/1", "before");

        _broker.Restart();

        MqttClient again = _broker.Connect50("c");
        Assert.True(again.IsSessionPresent);
        Assert.Equal("PUBLISH q1 #1 a/1 'before' SubscriptionIdentifier=5", again.Receive());
        _broker.Connect("publisher").PublishAcknowledged("a/2", "after");
        Assert.Equal("PUBLISH q1 #2 a/2 'after' SubscriptionIdentifier=5", again.Receive());
    }

    [Theory]
    [InlineData(149, false)]
    [InlineData(152, true)]
    [Spec("MQTT-3.1.2-22")]
    [Spec("MQTT-3.1.2-24")]
    public void Silent_client_is_closed_after_one_and_a_half_times_its_keep_alive(double seconds, bool closed)
    {
        MqttClient client = _broker.Open(ProtocolVersion.Mqtt50);
        client.Connect("c", keepAlive: 100);

        _broker.Advance(seconds);

        Assert.Equal(closed ? ["DISCONNECT 8D why", MqttClient.Closed] : [], client.ReceiveUntilPing());
    }

    [Fact]
    [Spec("MQTT-3.1.2-22")]
    public void Any_packet_counts_as_a_sign_of_life()
    {
        MqttClient client = _broker.Open(ProtocolVersion.Mqtt50);
        client.Connect("c", keepAlive: 10);
        for (int i = 0; i < 5; i++)
        {
            _broker.Advance(9);
            client.Publish("a", "x");
        }

        Assert.Empty(client.ReceiveUntilPing());
    }

    [Fact]
    public void Keep_alive_of_0_is_none()
    {
        MqttClient client = _broker.Connect("c");

        _broker.Advance(200_000);

        Assert.Empty(client.ReceiveUntilPing());
    }

    [Fact]
    [Spec("MQTT-3.1.2-21")]
    [Spec("MQTT-3.2.2-21")]
    [Spec("MQTT-3.2.2-22")]
    public void Server_keep_alive_holds_for_who_wanted_more()
    {
        using var broker = new MqttBroker(new MqttOptions { MaxKeepAliveSeconds = 30 });
        MqttClient more = broker.Open(ProtocolVersion.Mqtt50);
        MqttClient less = broker.Open(ProtocolVersion.Mqtt50);
        Assert.Contains(" ServerKeepAlive=30", more.Connect("more", keepAlive: 60), StringComparison.Ordinal);
        Assert.DoesNotContain("ServerKeepAlive", less.Connect("less", keepAlive: 20), StringComparison.Ordinal);

        broker.Advance(31);
        Assert.Equal("DISCONNECT 8D why", less.Receive());
        Assert.Empty(more.ReceiveUntilPing());

        broker.Advance(46);
        Assert.Equal("DISCONNECT 8D why", more.Receive());
    }
}
