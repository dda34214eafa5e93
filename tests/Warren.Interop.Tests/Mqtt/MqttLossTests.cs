using Warren.Interop.Tests.Running;
using Warren.Wire.Mqtt;

namespace Warren.Interop.Tests.Mqtt;

/// <summary>Each packet of a quality 1 or 2 exchange lost once, with the connection or with the whole server.</summary>
public sealed class MqttLossTests : MqttTest
{
    private static readonly Dictionary<string, Action<MqttLosses>> Scenarios = new(StringComparer.Ordinal)
    {
        ["PUBREC to the publisher"] = LosePubRec,
        ["PUBREL to the server"] = LosePubRel,
        ["PUBCOMP to the publisher"] = LosePubComp,
        ["PUBLISH to the subscriber"] = LosePublish,
        ["PUBREL to the subscriber"] = LosePubRelToSubscriber,
        ["PUBACK to the server"] = LosePubAck,
        ["PUBLISH to a member of a group"] = LoseSharedPublish,
        ["nothing, but DISCONNECT is behind the acknowledgements"] = SettleAndLeave,
    };

    public MqttLossTests(SharedBroker broker)
        : base(broker)
    {
    }

    /// <summary>What is lost, and the version.</summary>
    public static TheoryData<string, ProtocolVersion> Cases
    {
        get
        {
            TheoryData<string, ProtocolVersion> data = [];
            foreach (string lost in Scenarios.Keys)
            {
                data.Add(lost, ProtocolVersion.Mqtt311);
                data.Add(lost, ProtocolVersion.Mqtt50);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Packet_may_be_lost_with_the_connection(string lost, ProtocolVersion version)
    {
        int port = Shared.MqttPort;
        string prefix = Unique("loss");
        return OnThreadAsync(() =>
        {
            using MqttLosses losses = new(port, version, prefix, static _ => { });
            Scenarios[lost](losses);
        });
    }

    [Fact]
    public async Task Packet_may_be_lost_with_the_server()
    {
        await StartAsync();
        using Barrier kills = new(Scenarios.Count * 2, _ => KillAndStart());
        await Task.WhenAll(Scenarios.SelectMany(scenario => new[] { ProtocolVersion.Mqtt311, ProtocolVersion.Mqtt50 }.Select(
            version => OnThreadAsync(() =>
            {
                try
                {
                    using MqttLosses losses = new(
                        Own.MqttPort, version, $"{scenario.Key} {version}", _ => kills.SignalAndWait(TimeSpan.FromSeconds(90)));
                    scenario.Value(losses);
                }
                catch (Exception e)
                {
                    throw new InvalidOperationException($"lost {scenario.Key} {version}: {e.Message}", e);
                }
                finally
                {
                    kills.RemoveParticipant();
                }
            }))));
    }

    [Fact]
    public async Task Clients_are_told_that_the_server_stops()
    {
        await StartAsync();
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
        await StartAsync(Management);
        MqttRaw client = Enter(Own);

        await Ctl.RunAsync(Own, "close_all_connections", "bored");

        Assert.Equal((byte)ReasonCode.AdministrativeAction, client.ExpectEnd());
    }

    private static void LosePubRec(MqttLosses losses)
    {
        MqttRaw publisher = losses.Publisher();
        publisher.Publish(losses.Topic, "once", 2, 7);
        publisher.Expect(PacketType.PubRec); // which we take as lost

        publisher = losses.Lose(publisher);
        publisher.Publish(losses.Topic, "once", 2, 7, dup: true);
        Assert.Equal(7, publisher.Expect(PacketType.PubRec).Id);
        MqttLosses.Finish(publisher, 7);
        publisher.Publish(losses.Topic, "next", 2, 7);
        publisher.Expect(PacketType.PubRec);
        MqttLosses.Finish(publisher, 7);

        Assert.Equal(["once", "next"], losses.Take());
    }

    private static void LosePubRel(MqttLosses losses)
    {
        MqttRaw publisher = losses.Publisher();
        publisher.Publish(losses.Topic, "once", 2, 7);
        publisher.Expect(PacketType.PubRec);

        publisher = losses.Lose(publisher);
        MqttLosses.Finish(publisher, 7);

        Assert.Equal(["once"], losses.Take());
    }

    private static void LosePubComp(MqttLosses losses)
    {
        MqttRaw publisher = losses.Publisher();
        publisher.Publish(losses.Topic, "once", 2, 7);
        publisher.Expect(PacketType.PubRec);
        MqttLosses.Finish(publisher, 7);

        publisher = losses.Lose(publisher);
        publisher.Acknowledge(PacketType.PubRel, 7);
        MqttPacket again = publisher.Expect(PacketType.PubComp);
        Assert.Equal(7, again.Id);
        Assert.Equal(publisher.Version == ProtocolVersion.Mqtt50 ? (byte)ReasonCode.PacketIdentifierNotFound : 0, again.Code);
        publisher.Publish(losses.Topic, "next", 2, 7);
        publisher.Expect(PacketType.PubRec);
        MqttLosses.Finish(publisher, 7);

        Assert.Equal(["once", "next"], losses.Take());
    }

    private static void LosePublish(MqttLosses losses)
    {
        MqttRaw publisher = losses.Publisher();
        MqttRaw subscriber = losses.Subscriber();
        foreach (string body in new[] { "a", "b", "c" })
        {
            losses.Send(publisher, body);
        }

        MqttPacket[] first = [subscriber.Expect(PacketType.Publish), subscriber.Expect(PacketType.Publish), subscriber.Expect(PacketType.Publish)];
        subscriber = losses.Lose(subscriber);
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

    private static void LosePubRelToSubscriber(MqttLosses losses)
    {
        MqttRaw publisher = losses.Publisher();
        MqttRaw subscriber = losses.Subscriber();
        losses.Send(publisher, "a");
        losses.Send(publisher, "b");
        ushort a = subscriber.Expect(PacketType.Publish).Id;
        ushort b = subscriber.Expect(PacketType.Publish).Id;
        subscriber.Acknowledge(PacketType.PubRec, a);
        subscriber.Expect(PacketType.PubRel);

        subscriber = losses.Lose(subscriber);
        MqttPacket[] again = [subscriber.Next(), subscriber.Next()];
        Assert.Contains(again, p => (p.Type, p.Id) == (PacketType.PubRel, a));
        Assert.Contains(again, p => (p.Type, p.Id, p.Dup) == (PacketType.Publish, b, true));
        subscriber.Acknowledge(PacketType.PubComp, a);
        subscriber.Acknowledge(PacketType.PubRec, b);
        subscriber.Expect(PacketType.PubRel);
        subscriber.Ping(); // PUBCOMP was read
        losses.Send(publisher = losses.Resume(publisher), "c"); // and is on the disk, before this
        ushort c = subscriber.Expect(PacketType.Publish).Id;

        subscriber = losses.Lose(subscriber);
        again = [subscriber.Next(), subscriber.Next()];
        Assert.Contains(again, p => (p.Type, p.Id) == (PacketType.PubRel, b));
        Assert.Contains(again, p => (p.Type, p.Id, p.Dup) == (PacketType.Publish, c, true));
        Assert.Empty(subscriber.Ping());
    }

    private static void LosePubAck(MqttLosses losses)
    {
        MqttRaw publisher = losses.Publisher();
        MqttRaw subscriber = losses.Subscriber();
        for (int i = 0; i < 30; i++)
        {
            publisher.PublishAcknowledged(losses.Topic, $"{i}");
        }

        for (int i = 0; i < 10; i++)
        {
            Assert.Equal($"{i}", subscriber.Receive().Body);
        }

        subscriber.Ping(); // the acknowledgements were read
        publisher.PublishAcknowledged(losses.Topic, "last"); // and are on the disk, before this
        subscriber = losses.Lose(subscriber);

        List<MqttPacket> got = [];
        while (got.Count == 0 || got[^1].Body != "last")
        {
            got.Add(subscriber.Receive());
        }

        Assert.Equal([.. Enumerable.Range(10, 20).Select(i => $"{i}"), "last"], got.Select(p => p.Body));
        Assert.True(got[0].Dup);
        Assert.Empty(subscriber.Ping());
    }

    private static void LoseSharedPublish(MqttLosses losses)
    {
        MqttRaw publisher = losses.Publisher();
        MqttRaw member = losses.Subscriber();
        string filter = $"$share/{losses.Topic.Replace('/', ' ')}/{losses.Topic}/shared";
        Assert.Equal(2, member.Subscribe(filter, 2));
        foreach (string body in new[] { "a", "b", "c" })
        {
            losses.Send(publisher, body, "/shared");
        }

        ushort[] ids = [member.Expect(PacketType.Publish).Id, member.Expect(PacketType.Publish).Id, member.Expect(PacketType.Publish).Id];
        member.Acknowledge(PacketType.PubRec, ids[0]);
        Assert.Equal(ids[0], member.Expect(PacketType.PubRel).Id);

        member = losses.Lose(member);
        MqttPacket[] again = [member.Next(), member.Next(), member.Next()];
        Assert.Contains(again, p => (p.Type, p.Id) == (PacketType.PubRel, ids[0]));
        Assert.Contains(again, p => (p.Type, p.Id, p.Body, p.Dup) == (PacketType.Publish, ids[1], "b", true));
        Assert.Contains(again, p => (p.Type, p.Id, p.Body, p.Dup) == (PacketType.Publish, ids[2], "c", true));

        // what is under way is finished, whether the subscription is still there or not
        Assert.Equal(0, member.Unsubscribe(filter).Code);
        member.Acknowledge(PacketType.PubComp, ids[0]);
        member.Acknowledge(PacketType.PubRec, ids[1]);
        Assert.Equal((ids[1], 0), (member.Expect(PacketType.PubRel) is var release ? (release.Id, release.Code) : default));
        member.Acknowledge(PacketType.PubComp, ids[1]);
        Assert.Empty(member.Ping());
    }

    private static void SettleAndLeave(MqttLosses losses)
    {
        MqttRaw publisher = losses.Publisher();
        MqttRaw subscriber = losses.Subscriber();
        publisher.PublishAcknowledged(losses.Topic, "one");
        losses.Send(publisher, "two");
        MqttPacket[] both = [subscriber.Expect(PacketType.Publish), subscriber.Expect(PacketType.Publish)];
        ushort one = both.Single(p => p.QoS == 1).Id;
        ushort two = both.Single(p => p.QoS == 2).Id;
        subscriber.Acknowledge(PacketType.PubRec, two);
        subscriber.Expect(PacketType.PubRel);

        subscriber.Send([0x40, 2, (byte)(one >> 8), (byte)one, 0x70, 2, (byte)(two >> 8), (byte)two, .. ClientPacketWriter.Disconnect]);
        Assert.Null(subscriber.TryNext());
        subscriber = losses.Resume(subscriber);
        Assert.Empty(subscriber.Ping());
        losses.Send(publisher, "three"); // what was settled is on the disk before this
        subscriber = losses.Lose(subscriber);

        Assert.Equal("three", subscriber.Receive().Body);
        Assert.Empty(subscriber.Ping());
    }

    private static Task OnThreadAsync(Action work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    // The barrier waits for it, and so do all that lost their connection.
    private void KillAndStart()
    {
        using ManualResetEventSlim done = new();
        Exception? failure = null;
        ThreadPool.QueueUserWorkItem(async _ =>
        {
            try
            {
                await Own.KillAsync();
                await Own.StartAgainAsync();
            }
            catch (Exception e)
            {
                failure = e;
            }
            finally
            {
                done.Set();
            }
        });
        done.Wait();
        if (failure is not null)
        {
            throw new InvalidOperationException("the broker did not start again", failure);
        }
    }
}
