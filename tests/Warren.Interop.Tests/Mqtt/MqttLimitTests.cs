using Warren.Interop.Tests.Running;
using Warren.Wire.Mqtt;

namespace Warren.Interop.Tests.Mqtt;

/// <summary>Limits of the server and of the client, and what the one that is over them is told.</summary>
public sealed class MqttLimitTests : MqttTest
{
    public MqttLimitTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Fact]
    public async Task One_connection_too_many_is_refused_and_the_place_is_free_again()
    {
        await StartAsync("mqtt.max_connections=2");
        MqttRaw one = Enter(Own);
        Enter(Own);

        Assert.Equal(5, Open(Own.MqttPort, ProtocolVersion.Mqtt311).Login("c").Code);
        Assert.Equal((byte)ReasonCode.QuotaExceeded, Open(Own.MqttPort).Login("c").Code);
        one.Disconnect();

        await EventuallyAsync(() => Task.FromResult(Open(Own.MqttPort).Login("c").Code == 0), "a free place");
    }

    [Theory]
    [InlineData("set_vhost_limits", "-p", "/")]
    [InlineData("set_user_limits", "guest", null)]
    public async Task Limits_of_virtual_hosts_and_users_count_MQTT_connections(string command, string first, string? second)
    {
        await StartAsync(Management);
        string[] words = second is null ? [command, first] : [command, first, second];
        await Ctl.RunAsync(Own, [.. words, """{"max-connections":1}"""]);
        Enter(Own);

        Assert.Equal(5, Open(Own.MqttPort, ProtocolVersion.Mqtt311).Login("c").Code);
        Assert.Equal((byte)ReasonCode.QuotaExceeded, Open(Own.MqttPort).Login("c").Code);
    }

    [Fact]
    public async Task Packet_that_is_too_large_ends_the_connection()
    {
        await StartAsync("mqtt.max_packet_size_authenticated=1000", "mqtt.max_packet_size_unauthenticated=500");
        MqttRaw five = Open(Own.MqttPort);
        MqttPacket connAck = five.Login("five");
        MqttRaw old = Enter(Own, ProtocolVersion.Mqtt311);
        MqttRaw unknown = Open(Own.MqttPort);

        Assert.Equal(1000u, connAck.Number(PropertyId.MaximumPacketSize));
        Assert.Equal((byte)ReasonCode.NoMatchingSubscribers, five.PublishAcknowledged("a", new string('x', 900)).Code);
        five.Publish("a", new string('x', 1000));
        old.Publish("a", new string('x', 1000));
        unknown.SendConnect(new MqttLogin(new string('c', 600)));

        Assert.Equal((byte)ReasonCode.PacketTooLarge, five.ExpectEnd());
        Assert.Null(old.ExpectEnd());
        Assert.Null(unknown.TryNext());
    }

    [Fact]
    public void Message_larger_than_the_client_takes_is_left_out()
    {
        string topic = Unique("large");
        MqttRaw small = Open(Shared.MqttPort);
        small.Login(new MqttLogin(Unique("c")) { MaxPacketSize = 200 });
        small.Subscribe(topic, 2);
        MqttRaw publisher = Enter();

        publisher.PublishAcknowledged(topic, new string('x', 300));
        publisher.Publish(topic, new string('y', 300));
        publisher.PublishAcknowledged(topic, "small");

        Assert.Equal("small", small.Receive().Body);
    }

    [Fact]
    public async Task One_subscription_too_many_is_refused()
    {
        await StartAsync("mqtt.max_subscriptions=3");
        MqttRaw client = Enter(Own);

        Assert.Equal([1, 1, 1, 0x97], client.SubscribeAll(["a", "b", "c", "d"], 1));
        Assert.Equal(2, client.Subscribe("a", 2)); // in the place of the same
        client.Unsubscribe("b");
        Assert.Equal(1, client.Subscribe("d", 1));
    }

    [Fact]
    public async Task One_retained_topic_too_many_is_told_and_the_others_can_change()
    {
        await StartAsync("mqtt.retained_message_store.max_messages=2");
        MqttRaw client = Enter(Own);

        client.PublishAcknowledged("a", "1", retain: true);
        client.PublishAcknowledged("b", "1", retain: true);
        Assert.Equal((byte)ReasonCode.QuotaExceeded, client.PublishAcknowledged("c", "1", retain: true).Code);
        client.PublishAcknowledged("a", "2", retain: true);
        client.PublishAcknowledged("b", "", retain: true);
        Assert.NotEqual((byte)ReasonCode.QuotaExceeded, client.PublishAcknowledged("c", "2", retain: true).Code);

        client.SendSubscribe("#");
        client.Expect(PacketType.SubAck);
        Assert.Equal(["a 2", "c 2"], client.Ping().Select(p => $"{p.Topic} {p.Body}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Session_that_is_away_keeps_the_newest_messages()
    {
        await StartAsync("mqtt.max_queued_messages=5");
        MqttRaw away = Open(Own.MqttPort, ProtocolVersion.Mqtt311);
        away.Login("away", clean: false);
        away.Subscribe("t", 1);
        away.Disconnect();
        MqttRaw publisher = Enter(Own);
        for (int i = 0; i < 20; i++)
        {
            publisher.PublishAcknowledged("t", $"{i}");
        }

        MqttRaw back = Open(Own.MqttPort, ProtocolVersion.Mqtt311);
        Assert.True(back.Login("away", clean: false).SessionPresent);

        for (int i = 15; i < 20; i++)
        {
            Assert.Equal($"{i}", back.Receive().Body);
        }

        Assert.Empty(back.Ping());
    }

    [Fact]
    public void No_more_than_the_client_takes_is_under_way()
    {
        string topic = Unique("window");
        MqttRaw client = Open(Shared.MqttPort);
        client.Login(new MqttLogin(Unique("c")) { ReceiveMaximum = 2 });
        client.Subscribe(topic, 2);
        MqttRaw publisher = Enter();
        for (int i = 0; i < 5; i++)
        {
            publisher.PublishAcknowledged(topic, $"{i}");
        }

        MqttPacket first = client.Next();
        MqttPacket second = client.Next();
        Assert.Empty(client.Ping());
        client.Acknowledge(PacketType.PubAck, second.Id);
        MqttPacket third = client.Next();
        Assert.Empty(client.Ping());

        Assert.Equal(["0", "1", "2"], new[] { first, second, third }.Select(p => p.Body));
    }

    [Fact]
    public async Task More_than_the_server_takes_at_a_time_ends_the_connection()
    {
        await StartAsync("mqtt.receive_maximum=2");
        MqttRaw client = Open(Own.MqttPort);
        Assert.Equal(2u, client.Login("c").Number(PropertyId.ReceiveMaximum));

        for (ushort id = 1; id <= 3; id++)
        {
            client.Publish("t", "x", 2, id);
        }

        MqttPacket last;
        do
        {
            last = client.Next();
        }
        while (last.Type == PacketType.PubRec);

        Assert.Equal((PacketType.Disconnect, (byte)ReasonCode.ReceiveMaximumExceeded), (last.Type, last.Code));
    }

    [Fact]
    public async Task Silent_clients_are_closed()
    {
        await StartAsync("mqtt.login_timeout=300");
        MqttRaw mute = Open(Own.MqttPort);
        MqttRaw asleep = Open(Own.MqttPort);
        asleep.Login(new MqttLogin("asleep") { KeepAlive = 1, WillTopic = "wills/asleep" });
        MqttRaw watcher = Enter(Own);
        watcher.Subscribe("wills/+", 1);

        Assert.Null(mute.TryNext());
        Assert.Equal((byte)ReasonCode.KeepAliveTimeout, asleep.ExpectEnd());
        Assert.Equal("gone", watcher.Receive().Body);
    }

    [Fact]
    public async Task Subscriber_that_does_not_read_harms_nobody()
    {
        const int Count = 20_000;
        await StartAsync();
        byte[] filling = new byte[4096];
        MqttRaw stuck = Open(Own.MqttPort, receiveBuffer: 4096);
        stuck.Login("stuck");
        Assert.Equal([0, 1], new[] { stuck.Subscribe("load/zero", 0), stuck.Subscribe("load/one", 1) });
        MqttRaw good = Enter(Own);
        good.Subscribe("load/one", 1);
        MqttRaw publisher = Enter(Own);
        long before = Own.ResidentBytes;
        Task<List<int>> reading = Task.Factory.StartNew(
            () => Enumerable.Range(0, Count).Select(_ => BitConverter.ToInt32(good.Receive().Payload)).ToList(),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

        for (int i = 0; i < Count; i++)
        {
            BitConverter.TryWriteBytes(filling, i);
            publisher.Publish("load/zero", filling);
            publisher.Publish("load/one", filling, 1, (ushort)((i % 60_000) + 1));
            if (i % 500 == 499)
            {
                Assert.All(publisher.Ping(), p => Assert.Equal(PacketType.PubAck, p.Type));
            }
        }

        Assert.Equal(Enumerable.Range(0, Count), await reading.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.InRange(Own.PeakResidentBytes - before, 0, 300L << 20); // 160 MiB were sent, twice over

        // it is still there, and gets what was kept for it
        Assert.Equal(PacketType.Publish, stuck.Next().Type);
        await OthersGoOnAsync();
    }
}
