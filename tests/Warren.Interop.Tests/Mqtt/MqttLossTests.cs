using Warren.Interop.Tests.Running;
using Warren.Wire.Mqtt;

namespace Warren.Interop.Tests.Mqtt;

/// <summary>Each packet of a quality 1 or 2 exchange lost once, with the connection or with the whole server.</summary>
public sealed class MqttLossTests : MqttTest
{
    private const string Publisher = "publisher";
    private const string Subscriber = "subscriber";
    private const string Topic = "loss/t";

    public MqttLossTests(SharedBroker broker)
        : base(broker)
    {
    }

    /// <summary>What each test is done with: the version, and whether the server is killed or only the connection lost.</summary>
    public static TheoryData<ProtocolVersion, bool> Cases => new()
    {
        { ProtocolVersion.Mqtt311, false },
        { ProtocolVersion.Mqtt311, true },
        { ProtocolVersion.Mqtt50, false },
        { ProtocolVersion.Mqtt50, true },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Lost_PUBREC(ProtocolVersion version, bool killed)
    {
        MqttRaw publisher = await StartAsync(version);
        publisher.Publish(Topic, "once", 2, 7);
        publisher.Expect(PacketType.PubRec); // which we take as lost

        publisher = await LoseAsync(publisher, Publisher, killed);
        publisher.Publish(Topic, "once", 2, 7, dup: true);
        Assert.Equal(7, publisher.Expect(PacketType.PubRec).Id);
        Finish(publisher, 7);
        publisher.Publish(Topic, "next", 2, 7);
        publisher.Expect(PacketType.PubRec);
        Finish(publisher, 7);

        Assert.Equal(["once", "next"], Take(version));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Lost_PUBREL(ProtocolVersion version, bool killed)
    {
        MqttRaw publisher = await StartAsync(version);
        publisher.Publish(Topic, "once", 2, 7);
        publisher.Expect(PacketType.PubRec);

        publisher = await LoseAsync(publisher, Publisher, killed);
        Finish(publisher, 7);

        Assert.Equal(["once"], Take(version));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Lost_PUBCOMP(ProtocolVersion version, bool killed)
    {
        MqttRaw publisher = await StartAsync(version);
        publisher.Publish(Topic, "once", 2, 7);
        publisher.Expect(PacketType.PubRec);
        Finish(publisher, 7);

        publisher = await LoseAsync(publisher, Publisher, killed);
        publisher.Acknowledge(PacketType.PubRel, 7);
        MqttPacket again = publisher.Expect(PacketType.PubComp);
        Assert.Equal(7, again.Id);
        Assert.Equal(version == ProtocolVersion.Mqtt50 ? (byte)ReasonCode.PacketIdentifierNotFound : 0, again.Code);
        publisher.Publish(Topic, "next", 2, 7);
        publisher.Expect(PacketType.PubRec);
        Finish(publisher, 7);

        Assert.Equal(["once", "next"], Take(version));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Lost_delivery_of_quality_2_comes_again_under_its_number(ProtocolVersion version, bool killed)
    {
        MqttRaw publisher = await StartAsync(version);
        MqttRaw subscriber = Resume(Subscriber, version);
        foreach (string body in new[] { "a", "b", "c" })
        {
            Send(publisher, body);
        }

        MqttPacket[] first = [subscriber.Expect(PacketType.Publish), subscriber.Expect(PacketType.Publish), subscriber.Expect(PacketType.Publish)];
        subscriber = await LoseAsync(subscriber, Subscriber, killed);
        MqttPacket[] second = [subscriber.Expect(PacketType.Publish), subscriber.Expect(PacketType.Publish), subscriber.Expect(PacketType.Publish)];

        Assert.Equal(first.Select(p => (p.Id, p.Body)), second.Select(p => (p.Id, p.Body)));
        Assert.All(first, p => Assert.False(p.Dup));
        Assert.All(second, p => Assert.True(p.Dup));
        foreach (MqttPacket packet in second)
        {
            subscriber.Acknowledge(PacketType.PubRec, packet.Id);
            subscriber.Expect(PacketType.PubRel);
            subscriber.Acknowledge(PacketType.PubComp, packet.Id);
        }

        Assert.Empty(subscriber.Ping());
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task After_PUBREC_only_PUBREL_comes_again(ProtocolVersion version, bool killed)
    {
        MqttRaw publisher = await StartAsync(version);
        MqttRaw subscriber = Resume(Subscriber, version);
        Send(publisher, "a");
        Send(publisher, "b");
        ushort a = subscriber.Expect(PacketType.Publish).Id;
        ushort b = subscriber.Expect(PacketType.Publish).Id;
        subscriber.Acknowledge(PacketType.PubRec, a);
        subscriber.Expect(PacketType.PubRel);

        subscriber = await LoseAsync(subscriber, Subscriber, killed);
        MqttPacket[] again = [subscriber.Next(), subscriber.Next()];

        Assert.Equal([(PacketType.PubRel, a), (PacketType.Publish, b)], again.Select(p => (p.Type, p.Id)));
        subscriber.Acknowledge(PacketType.PubComp, a);
        subscriber.Acknowledge(PacketType.PubRec, b);
        subscriber.Expect(PacketType.PubRel);

        subscriber = await LoseAsync(subscriber, Subscriber, killed);
        Assert.Equal(b, subscriber.Expect(PacketType.PubRel).Id);
        subscriber.Acknowledge(PacketType.PubComp, b);
        Assert.Empty(subscriber.Ping());

        subscriber = await LoseAsync(subscriber, Subscriber, killed: false);
        Assert.Empty(subscriber.Ping());
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Deliveries_of_quality_1_come_again_in_order_until_acknowledged(ProtocolVersion version, bool killed)
    {
        MqttRaw publisher = await StartAsync(version);
        MqttRaw subscriber = Resume(Subscriber, version);
        for (int i = 0; i < 30; i++)
        {
            publisher.PublishAcknowledged(Topic, $"{i}");
        }

        for (int i = 0; i < 10; i++)
        {
            Assert.Equal($"{i}", subscriber.Receive().Body);
        }

        subscriber.Expect(PacketType.Publish);
        subscriber.Ping(); // the acknowledgements were read
        await LoseAsync(publisher, Publisher, killed: false); // and are on the disk, behind this session
        subscriber = await LoseAsync(subscriber, Subscriber, killed);

        var got = new List<MqttPacket>();
        while (got.Count == 0 || got[^1].Body != "29")
        {
            got.Add(subscriber.Receive());
        }

        Assert.Equal(Enumerable.Range(10, 20).Select(i => $"{i}"), got.Select(p => p.Body));
        Assert.True(got[0].Dup);
        Assert.Empty(subscriber.Ping());
    }

    [Fact]
    public async Task Clients_are_told_that_the_server_stops()
    {
        await base.StartAsync();
        MqttRaw five = Open(Own.MqttPort);
        five.Login(new MqttLogin("five") { Clean = false, ExpirySeconds = 600 });
        MqttRaw old = Open(Own.MqttPort, ProtocolVersion.Mqtt311);
        old.Login("old", clean: false);

        Task<int> stopping = Own.StopAsync();

        Assert.Equal((byte)ReasonCode.ServerShuttingDown, five.ExpectEnd());
        Assert.Null(old.ExpectEnd());
        Assert.Equal(0, await stopping);
        await Own.StartAgainAsync();
        Assert.True(Open(Own.MqttPort).Login("five", clean: false).SessionPresent);
        Assert.True(Open(Own.MqttPort, ProtocolVersion.Mqtt311).Login("old", clean: false).SessionPresent);
    }

    [Fact]
    public async Task Operator_can_close_a_connection()
    {
        await base.StartAsync();
        MqttRaw client = Enter(Own);

        await Ctl.RunAsync(Own, "close_all_connections", "bored");

        Assert.Equal((byte)ReasonCode.AdministrativeAction, client.ExpectEnd());
    }

    private static void Finish(MqttRaw publisher, ushort id)
    {
        publisher.Acknowledge(PacketType.PubRel, id);
        Assert.Equal(id, publisher.Expect(PacketType.PubComp).Id);
    }

    private static void Send(MqttRaw publisher, string body)
    {
        publisher.Publish(Topic, body, 2, 1);
        publisher.Expect(PacketType.PubRec);
        Finish(publisher, 1);
    }

    // A server, a persistent subscriber that is away, and a persistent publisher.
    private async Task<MqttRaw> StartAsync(ProtocolVersion version)
    {
        await base.StartAsync();
        MqttRaw subscriber = Open(Own.MqttPort, version);
        Assert.Equal(0, subscriber.Login(Subscriber, clean: false).Code);
        Assert.Equal(2, subscriber.Subscribe(Topic, 2));
        subscriber.Disconnect();
        MqttRaw publisher = Open(Own.MqttPort, version);
        Assert.Equal(0, publisher.Login(Publisher, clean: false).Code);
        return publisher;
    }

    private MqttRaw Resume(string clientId, ProtocolVersion version)
    {
        MqttRaw client = Open(Own.MqttPort, version);
        MqttPacket connAck = client.Login(clientId, clean: false);
        Assert.Equal((0, true), (connAck.Code, connAck.SessionPresent));
        return client;
    }

    private async Task<MqttRaw> LoseAsync(MqttRaw client, string clientId, bool killed)
    {
        client.Dispose();
        if (killed)
        {
            await Own.KillAsync();
            await Own.StartAgainAsync();
        }

        return Resume(clientId, client.Version);
    }

    // All that waits for the subscriber.
    private List<string> Take(ProtocolVersion version)
    {
        MqttRaw publisher = Enter(Own);
        publisher.PublishAcknowledged(Topic, "end");
        MqttRaw subscriber = Resume(Subscriber, version);
        var bodies = new List<string>();
        while (true)
        {
            string body = subscriber.Receive().Body;
            if (body == "end")
            {
                return bodies;
            }

            bodies.Add(body);
        }
    }
}
