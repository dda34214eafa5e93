using System.Text.Json;
using Warren.Buffers;
using Warren.Buffers.Fields;
using Warren.Core;
using Warren.Core.Policies;
using Warren.Core.Queues;
using Warren.Core.Security;
using Warren.Core.VirtualHosts;
using Warren.Protocols.Mqtt;
using Warren.Protocols.Tests.Mqtt.InMemory;
using Warren.Wire.Mqtt;
using Warren.Wire.Tests;
using Xunit;

namespace Warren.Protocols.Tests.Mqtt;

/// <summary>The subscriptions are what a session is: queues, bindings and exchanges that others take away are made again.</summary>
public sealed class DeletedQueueTests : IDisposable
{
    private const string Kept = "mqtt-subscription-cqos1";

    private readonly MqttBroker _broker = new(new MqttOptions { Exchange = "sensors" });

    private User Guest => _broker.Broker.Users.Find("guest")!;

    public void Dispose() => _broker.Dispose();

    [Theory]
    [InlineData(ProtocolVersion.Mqtt311)]
    [InlineData(ProtocolVersion.Mqtt50)]
    [Spec("MQTT-3.2.0-2")]
    public void Queue_that_was_deleted_while_the_client_was_away_is_made_again_when_it_comes_back(ProtocolVersion version)
    {
        MqttClient first = Come(version);
        first.Subscribe("a/b", 1);
        first.Subscribe("c/#", 2);
        first.Disconnect();
        Delete(Kept);

        for (int i = 0; i < 3; i++)
        {
            MqttClient again = Come(version);
            Assert.True(again.IsSessionPresent);
            MqttClient publisher = _broker.Connect("publisher");
            publisher.PublishAcknowledged("a/b", "one");
            publisher.PublishAcknowledged("c/d", "two");
            string[] got = again.Receive(2);
            Assert.EndsWith(" a/b 'one'", got[0], StringComparison.Ordinal);
            Assert.EndsWith(" c/d 'two'", got[1], StringComparison.Ordinal);
            again.Drop();
            if (i == 1)
            {
                Delete(Kept);
            }
        }
    }

    [Fact]
    public void Queue_that_a_policy_has_expired_is_made_again_when_the_client_comes_back()
    {
        _broker.Broker.Policies.Put(
            new Policy("/", "short", "^mqtt-", PolicyTarget.All, PolicyDefinition.From(JsonDocument.Parse("""{"expires":1000}""").RootElement), 0),
            isOperators: false);
        Come().Subscribe("a", 1);
        _broker.Advance(2);
        Assert.NotNull(Find(Kept));
        _broker.Connect50("c").Disconnect();
        _broker.Advance(2);
        Assert.Null(Find(Kept));

        MqttClient again = Come();

        Assert.True(again.IsSessionPresent);
        AssertBrings(again, "a");
    }

    [Fact]
    public void Client_whose_queue_is_deleted_is_told_so_and_finds_another_when_it_comes_back()
    {
        MqttClient client = Come();
        client.Subscribe("a", 1);

        Delete(Kept);

        Assert.Equal("DISCONNECT 98 why", client.Receive());
        client.Drop();
        AssertBrings(Come(), "a");
    }

    [Fact]
    public void Queue_of_a_shared_subscription_is_made_again_and_goes_with_its_last_member()
    {
        MqttClient client = Come();
        Assert.Equal("01", client.Subscribe("$share/g/a", 1));
        string name = Assert.Single(_broker.VirtualHost.Queues).Name;
        client.Disconnect();
        Delete(name);

        MqttClient again = Come();
        AssertBrings(again, "a");
        Assert.Equal(" 00", again.Unsubscribe("$share/g/a"));

        Assert.Null(Find(name));
        Assert.Equal(0, _broker.VirtualHost.Sessions.SharedSubscriptionCount);
    }

    [Fact]
    public void Member_of_a_group_whose_queue_is_gone_counts_no_more_when_its_session_ends()
    {
        MqttClient client = Come();
        client.Subscribe("$share/g/a", 1);
        string name = Assert.Single(_broker.VirtualHost.Queues).Name;
        client.Disconnect();
        Delete(name);
        _broker.Restart();
        Assert.Equal(1, _broker.VirtualHost.Sessions.SharedSubscriptionCount);

        _broker.VirtualHost.Sessions.Delete("c", out _);

        Assert.Equal(0, _broker.VirtualHost.Sessions.SharedSubscriptionCount);
        MqttClient other = _broker.Connect("other");
        other.Subscribe("$share/g/a", 1);
        other.Disconnect();
        Assert.Null(Find(name));
    }

    [Fact]
    public void Session_that_recovery_finds_without_its_queue_gets_another()
    {
        MqttClient client = Come();
        client.Subscribe("a", 1);
        client.Disconnect();
        Delete(Kept);
        _broker.Restart();

        MqttClient again = Come();

        Assert.True(again.IsSessionPresent);
        AssertBrings(again, "a");
        again.Disconnect();
        _broker.Restart();
        AssertBrings(Come(), "a");
    }

    [Fact]
    public void Exchange_that_was_deleted_is_made_again_and_the_subscriptions_are_bound_to_it()
    {
        MqttClient client = Come();
        client.Subscribe("a", 1);
        client.Disconnect();
        _broker.VirtualHost.DeleteExchange(Guest, "sensors", ifUnused: false);

        MqttClient again = Come();

        AssertBrings(again, "a");
    }

    [Fact]
    public void Right_that_was_taken_away_costs_its_subscription_and_nothing_else()
    {
        MqttClient client = Come();
        client.Subscribe("open/a", 1);
        client.Subscribe("shut/a", 1);
        client.Disconnect();
        Delete(Kept);
        _broker.Broker.Users.SetTopicPermissions("guest", "/", "sensors", ".*", "^open");

        MqttClient again = Come();
        Assert.True(again.IsSessionPresent);
        Assert.Equal("open/a", Assert.Single(_broker.VirtualHost.Sessions.Find("c")!.Subscriptions).Filter);
        AssertBrings(again, "open/a");
    }

    [Fact]
    public void Queue_of_somebody_else_under_the_name_is_used_when_it_may_be()
    {
        MqttClient client = Come();
        client.Subscribe("a", 1);
        client.Disconnect();
        Delete(Kept);
        Declare(Kept, owner: null);

        MqttClient again = Come();

        AssertBrings(again, "a");
        Assert.False(Find(Kept)!.Definition.Durable);
    }

    [Fact]
    public void Queue_that_another_connection_has_for_itself_is_waited_for_and_the_session_lives()
    {
        MqttClient client = Come();
        client.Subscribe("a", 1);
        client.Disconnect();
        Delete(Kept);
        var owner = new Somebody();
        Declare(Kept, owner);

        MqttClient meanwhile = Come();
        Assert.True(meanwhile.IsSessionPresent);
        Assert.Empty(meanwhile.ReceiveUntilPing());
        Assert.Equal("00", meanwhile.Subscribe("$share/g/b", 0));
        AssertBrings(meanwhile, "b");
        meanwhile.Disconnect();

        var flush = new FlushSet();
        _broker.VirtualHost.DeleteQueuesOf(owner, flush);
        AssertBrings(Come(), "a");
    }

    [Theory]
    [InlineData(ProtocolVersion.Mqtt311)]
    [InlineData(ProtocolVersion.Mqtt50)]
    [Spec("MQTT-3.2.0-2")]
    public void CONNECT_is_answered_once_even_if_nothing_can_be_taken_from_the_queue(ProtocolVersion version)
    {
        MqttClient client = Come(version);
        client.Subscribe("a", 1);
        client.Disconnect();
        MessageQueue queue = Find(Kept)!;
        var alone = new LoneConsumer(queue);
        queue.Subscribe(alone, new FlushSet());

        MqttClient refused = Come(version);
        Assert.True(refused.IsSessionPresent);
        Assert.Equal(version == ProtocolVersion.Mqtt50 ? "DISCONNECT 87 why" : MqttClient.Closed, refused.Receive());
        refused.Drop();

        queue.Unsubscribe(alone, new FlushSet());
        AssertBrings(Come(version), "a");
    }

    [Fact]
    [Spec("MQTT-4.3.3-8")]
    public void Delivery_the_client_has_said_it_has_is_finished_though_its_queue_is_gone()
    {
        MqttClient client = Come();
        client.Subscribe("a", 2);
        MqttClient publisher = _broker.Connect("publisher");
        publisher.Publish("a", "1", 2, 1);
        publisher.Receive();
        publisher.Publish("a", "2", 2, 2);
        publisher.Receive();
        Assert.Equal("PUBLISH q2 #1 a '1'", client.Receive());
        Assert.Equal("PUBLISH q2 #2 a '2'", client.Receive());
        client.Acknowledge(PacketType.PubRec, 1);
        Assert.Equal("PUBREL 1", client.Receive());
        client.Drop();
        Delete(Kept);

        MqttClient again = Come();
        Assert.Equal("PUBREL 1", again.Receive());
        again.Acknowledge(PacketType.PubComp, 1);
        publisher.Publish("a", "3", 2, 3);
        publisher.Receive();

        // 2 may be in the client's hands: its identifier comes last
        Assert.Equal("PUBLISH q2 #3 a '3'", again.Receive());
        again.Drop();
        Assert.Equal("PUBLISH q2 #3 dup a '3'", Come().Receive());
        Assert.Empty(_broker.VirtualHost.Sessions.Find("c")!.Unfinished);
    }

    [Fact]
    public void Deliveries_that_left_the_queue_while_the_client_was_away_are_not_waited_for()
    {
        MqttClient client = Come();
        client.Subscribe("a", 1);
        MqttClient publisher = _broker.Connect("publisher");
        publisher.PublishAcknowledged("a", "1");
        Assert.Equal("PUBLISH q1 #1 a '1'", client.Receive());
        client.Drop();
        Assert.Equal(1, Find(Kept)!.Purge(out _));

        MqttClient again = Come();
        publisher.PublishAcknowledged("a", "2");
        Assert.Equal("PUBLISH q1 #2 a '2'", again.Receive());
        again.Acknowledge(PacketType.PubAck, 2);
        Assert.Empty(again.ReceiveUntilPing());
        again.Drop();

        Assert.Empty(_broker.VirtualHost.Sessions.Find("c")!.Unfinished);
    }

    [Fact]
    public void Virtual_host_that_is_deleted_takes_its_sessions_and_lets_no_new_one_in()
    {
        _broker.Broker.PutVirtualHost("v", VirtualHostSettings.Default);
        _broker.Broker.Users.SetPermissions("guest", "v", ".*", ".*", ".*");
        VirtualHost virtualHost = _broker.Broker.FindVirtualHost("v")!;
        MqttClient client = _broker.Open(ProtocolVersion.Mqtt311);
        Assert.Equal("CONNACK 00", client.Connect("c", cleanStart: false, user: "v:guest"));
        client.Subscribe("a", 1);

        _broker.Broker.DeleteVirtualHost("v");

        Assert.Equal(MqttClient.Closed, client.Receive());
        Assert.Empty(virtualHost.Sessions.List());
        Assert.Throws<Warren.Core.Arguments.BrokerError>(() => virtualHost.Sessions.Open(
            "c", Guest, Subscriber.QueueNameOf, cleanStart: false, new Nobody(), out _));
    }

    [Fact]
    public void Sessions_that_come_and_go_leave_nothing_with_the_broker()
    {
        for (int i = 0; i < 50; i++)
        {
            MqttClient client = _broker.Connect("c", cleanStart: true);
            client.Subscribe("$share/g/a", 1);
            client.Subscribe("b", i % 3);
            if (i % 2 == 0)
            {
                client.Disconnect();
            }
            else
            {
                client.Drop();
            }
        }

        Assert.Empty(_broker.VirtualHost.Sessions.List());
        Assert.Empty(_broker.VirtualHost.Queues);
        Assert.Empty(_broker.VirtualHost.ListBindings());
        Assert.Equal((0, 0), (_broker.VirtualHost.Sessions.SubscriptionCount, _broker.VirtualHost.Sessions.SharedSubscriptionCount));
    }

    private MqttClient Come(ProtocolVersion version = ProtocolVersion.Mqtt50) => version == ProtocolVersion.Mqtt50
        ? _broker.Connect50("c")
        : _broker.Connect311("c", cleanSession: false);

    private MessageQueue? Find(string name) => _broker.VirtualHost.FindQueue(name);

    private void Delete(string name)
    {
        Assert.NotNull(Find(name));
        var flush = new FlushSet();
        _broker.VirtualHost.DeleteQueue(Guest, name, new Somebody(), ifUnused: false, ifEmpty: false, flush, out _);
        flush.FlushAll();
    }

    private void Declare(string name, IQueueOwner? owner) => _broker.VirtualHost.DeclareQueue(
        Guest,
        new QueueDeclaration(name, ServerNamed: false, Durable: false, AutoDelete: false, new FieldTable(), owner),
        owner ?? new Somebody(),
        out _);

    private void AssertBrings(MqttClient client, string topic)
    {
        Assert.StartsWith("CONNACK 00", client.Connack, StringComparison.Ordinal);
        Assert.Equal("", _broker.Connect("publisher").PublishAcknowledged(topic, "x"));
        Assert.EndsWith($" {topic} 'x'", client.Receive(), StringComparison.Ordinal);
    }

    private sealed class Somebody : IQueueOwner
    {
        public string Name => "somebody";
    }

    private sealed class Nobody : Warren.Core.Sessions.ISessionHolder
    {
        public void Displace()
        {
        }
    }

    private sealed class LoneConsumer(MessageQueue queue)
        : QueueConsumer(queue, "alone", noAck: true, exclusive: true, priority: 0, FieldTable.Empty)
    {
        public override DeliveryOutcome TryDeliver(in Delivery delivery, FlushSet flush) => DeliveryOutcome.Refused;

        public override void OnCancelled(ConsumerCancelReason reason, FlushSet flush)
        {
        }
    }
}
