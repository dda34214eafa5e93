using Warren.Interop.Tests.Running;
using Warren.Wire.Mqtt;

namespace Warren.Interop.Tests.Mqtt;

/// <summary>What the rights of a user allow an MQTT client, and what happens when they are taken away.</summary>
public sealed class MqttPermissionTests : MqttTest
{
    private const string User = "dev";

    public MqttPermissionTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Theory]
    [InlineData(".*", "^$", ".*")] // binding writes to the queue
    [InlineData("^$", ".*", ".*")] // the queue cannot be made
    [InlineData(".*", "^mqtt-subscription-.*", "^mqtt-subscription-.*")] // the exchange may not be read
    [InlineData(".*", "^mqtt-subscription-.*", "^amq.topic$")] // the queue may not be read
    public async Task Subscription_needs_its_rights(string configure, string write, string read)
    {
        await StartWithUserAsync(configure, write, read);
        MqttRaw five = EnterAs("c1");
        MqttRaw old = EnterAs("c2", ProtocolVersion.Mqtt311);

        Assert.Equal((byte)ReasonCode.NotAuthorized, five.Subscribe("a/b", 1));
        Assert.Equal(0x80, old.Subscribe("a/b", 0));
        Assert.Empty(five.Ping());
        Assert.Empty(old.Ping());
    }

    [Fact]
    public async Task Least_rights_are_enough()
    {
        await StartWithUserAsync("^mqtt-subscription-c1qos[01]$", "^(mqtt-subscription-c1qos[01]|amq\\.topic)$", "^(mqtt-subscription-c1qos[01]|amq\\.topic)$");
        MqttRaw client = EnterAs("c1");

        Assert.Equal([0, 1], new[] { client.Subscribe("zero", 0), client.Subscribe("one", 1) });
        client.Publish("zero", "0");
        Assert.Equal("0", client.Receive().Body);
        client.Publish("one", "1");
        Assert.Equal("1", client.Receive().Body);
    }

    [Theory]
    [InlineData(ProtocolVersion.Mqtt311, 0)]
    [InlineData(ProtocolVersion.Mqtt311, 2)]
    [InlineData(ProtocolVersion.Mqtt50, 0)]
    [InlineData(ProtocolVersion.Mqtt50, 1)]
    public async Task Publish_without_the_right_ends_the_connection(ProtocolVersion version, int qos)
    {
        await StartWithUserAsync(".*", "^mqtt-.*", ".*");
        MqttRaw client = EnterAs("c1", version);

        client.Publish("a", "x", qos, (ushort)qos);

        Assert.Equal(version == ProtocolVersion.Mqtt50 ? (byte)ReasonCode.NotAuthorized : null, client.ExpectEnd());
    }

    [Fact]
    public async Task Publish_without_the_right_is_only_told_when_it_is_to_be()
    {
        await StartWithUserAsync(".*", "^mqtt-.*", ".*", "mqtt.disconnect_on_unauthorized=false");
        MqttRaw client = EnterAs("c1");

        Assert.Equal((byte)ReasonCode.NotAuthorized, client.PublishAcknowledged("a", "x").Code);
        client.Publish("a", "x", 2, 9);
        Assert.Equal((byte)ReasonCode.NotAuthorized, client.Expect(PacketType.PubRec).Code);
        client.Publish("a", "x");
        Assert.Empty(client.Ping());
    }

    [Fact]
    public async Task Topic_permissions_know_the_client_id()
    {
        await StartWithUserAsync(".*", ".*", ".*", "mqtt.disconnect_on_unauthorized=false");
        await Ctl.RunAsync(Own, "set_topic_permissions", User, "amq.topic", @"^up\.{client_id}\.", @"^down\.{client_id}\.");
        MqttRaw watcher = Enter(Own);
        watcher.Subscribe("up/#");
        MqttRaw client = EnterAs("c1");

        Assert.Equal(1, client.Subscribe("down/c1/cmd", 1));
        Assert.Equal(0x87, client.Subscribe("down/c2/cmd", 1));
        Assert.Equal(0x87, client.Subscribe("#", 1));
        Assert.Equal(0, client.PublishAcknowledged("up/c1/data", "mine").Code);
        Assert.Equal(0x87, client.PublishAcknowledged("up/c2/data", "not mine").Code);

        Assert.Equal("mine", watcher.Receive().Body);
        Assert.Empty(watcher.Ping());
    }

    [Fact]
    public async Task Subscription_ends_when_the_right_to_read_is_taken_away()
    {
        await StartWithUserAsync(".*", ".*", ".*");
        MqttRaw client = EnterAs("c1");
        client.Subscribe("a", 1);
        MqttRaw publisher = Enter(Own);
        publisher.PublishAcknowledged("a", "before");
        Assert.Equal("before", client.Receive().Body);

        await Ctl.RunAsync(Own, "set_permissions", "-p", "/", User, ".*", ".*", "^$");

        await EventuallyAsync(
            () =>
            {
                byte code = publisher.PublishAcknowledged("a", "after").Code;
                return Task.FromResult(code == (byte)ReasonCode.NoMatchingSubscribers);
            },
            "the end of the subscription",
            everyMs: 100);
        foreach (MqttPacket message in client.Ping())
        {
            client.Acknowledge(PacketType.PubAck, message.Id);
        }

        publisher.PublishAcknowledged("a", "late");
        Assert.DoesNotContain(client.Ping(), p => p.Body == "late");
    }

    [Fact]
    public async Task Connection_ends_when_the_user_may_not_be_there_any_more()
    {
        await StartWithUserAsync(".*", ".*", ".*");
        MqttRaw five = EnterAs("c1");
        MqttRaw old = EnterAs("c2", ProtocolVersion.Mqtt311);

        await Ctl.RunAsync(Own, "clear_permissions", "-p", "/", User);

        Assert.Equal((byte)ReasonCode.NotAuthorized, five.ExpectEnd());
        Assert.Null(old.ExpectEnd());
        Assert.Equal((byte)ReasonCode.NotAuthorized, Open(Own.MqttPort).Login(new MqttLogin("c1") { User = User, Password = "secret" }).Code);
    }

    [Fact]
    public async Task Right_to_publish_counts_at_the_moment_of_the_publish()
    {
        await StartWithUserAsync(".*", ".*", ".*", "mqtt.disconnect_on_unauthorized=false");
        MqttRaw client = EnterAs("c1");
        Assert.NotEqual(0x87, client.PublishAcknowledged("a", "x").Code);

        await Ctl.RunAsync(Own, "set_permissions", "-p", "/", User, ".*", "^mqtt-.*", ".*");

        await EventuallyAsync(() => Task.FromResult(client.PublishAcknowledged("a", "x").Code == 0x87), "the refusal", everyMs: 100);
    }

    [Fact]
    public async Task Session_of_one_user_is_not_given_to_another()
    {
        await StartWithUserAsync(".*", ".*", ".*");
        MqttRaw first = Enter(Own);
        first.Disconnect();
        MqttRaw kept = Open(Own.MqttPort);
        Assert.Equal(0, kept.Login("mine", clean: false).Code);
        kept.Subscribe("a", 1);
        kept.Disconnect();

        MqttPacket other = Open(Own.MqttPort).Login(new MqttLogin("mine") { Clean = false, User = User, Password = "secret" });

        Assert.Equal((byte)ReasonCode.NotAuthorized, other.Code);
        Assert.True(Open(Own.MqttPort).Login("mine", clean: false).SessionPresent);
    }

    private async Task StartWithUserAsync(string configure, string write, string read, params string[] settings)
    {
        await StartAsync([.. Management, .. settings]);
        await Ctl.RunAsync(Own, "add_user", User, "secret");
        await Ctl.RunAsync(Own, "set_permissions", "-p", "/", User, configure, write, read);
    }

    private MqttRaw EnterAs(string clientId, ProtocolVersion version = ProtocolVersion.Mqtt50)
    {
        MqttRaw client = Open(Own.MqttPort, version);
        Assert.Equal(0, client.Login(new MqttLogin(clientId) { User = User, Password = "secret" }).Code);
        return client;
    }
}
