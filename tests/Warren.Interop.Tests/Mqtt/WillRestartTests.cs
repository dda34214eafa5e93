using Warren.Interop.Tests.Running;
using Warren.Wire.Mqtt;

namespace Warren.Interop.Tests.Mqtt;

/// <summary>Wills of sessions that outlive their connection, over the end of the server (MQTT 5.0, 3.1.2.5).</summary>
public sealed class WillRestartTests : MqttTest
{
    private const uint Long = 3600; // seconds

    public WillRestartTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Wills_are_published_after_the_server_was_gone(bool isCrash)
    {
        await StartAsync();
        using (MqttRaw watcher = Watch())
        {
            Assert.Equal(1, watcher.Subscribe("wills/#", 1));
        }

        Lose("waits", delaySeconds: 1);
        Lose("waits-long", delaySeconds: Long);
        Lose("back", delaySeconds: Long);
        Open(Own.MqttPort).Login(new MqttLogin("back") { Clean = false, ExpirySeconds = Long });
        using (MqttRaw polite = Open(Own.MqttPort))
        {
            polite.Login(Login("good-bye"));
            polite.Disconnect();
        }

        Open(Own.MqttPort).Login(Login("connected"));
        await StopAndStartAsync(isCrash);
        using (MqttRaw watcher = Watch())
        {
            string[] wills = [Name(watcher.Receive()), Name(watcher.Receive())];
            Assert.Equal(["connected", "waits"], wills.Order());
            Assert.Empty(watcher.Ping());
            watcher.Disconnect();
        }

        // each once; what was acknowledged just before a crash may come again, as what it is
        await StopAndStartAsync(isCrash);
        using (MqttRaw watcher = Watch())
        {
            List<MqttPacket> again = watcher.Ping();
            Assert.All(again, static p => Assert.True(p.Dup, $"{p}"));
            again.ForEach(p => watcher.Acknowledge(PacketType.PubAck, p.Id));
            watcher.Disconnect(); // what it has acknowledged is settled when the connection is closed
        }

        // the one that waits is still there, and goes with the session; the one whose client was back in time is not
        Open(Own.MqttPort).Login(new MqttLogin("back") { Clean = true });
        Open(Own.MqttPort).Login(new MqttLogin("waits-long") { Clean = true });
        using (MqttRaw watcher = Watch())
        {
            Assert.Equal("waits-long", Name(watcher.Receive()));
            Assert.Empty(watcher.Ping());
        }
    }

    private static string Name(MqttPacket will) => will.Topic["wills/".Length..];

    private static MqttLogin Login(string id, uint delaySeconds = 0) =>
        new(id) { Clean = false, ExpirySeconds = Long, WillTopic = $"wills/{id}", WillDelaySeconds = delaySeconds };

    private MqttRaw Watch()
    {
        MqttRaw watcher = Open(Own.MqttPort);
        watcher.Login(new MqttLogin("watcher") { Clean = false, ExpirySeconds = Long });
        return watcher;
    }

    private void Lose(string id, uint delaySeconds)
    {
        using MqttRaw client = Open(Own.MqttPort);
        client.Login(Login(id, delaySeconds));
    }

    private async Task StopAndStartAsync(bool isCrash)
    {
        if (isCrash)
        {
            await Own.KillAsync();
        }
        else
        {
            Assert.Equal(0, await Own.StopAsync());
        }

        await Own.StartAgainAsync();
    }
}
