using Warren.Interop.Tests.Running;
using Warren.Wire.Mqtt;

namespace Warren.Interop.Tests.Mqtt;

/// <summary>Sessions whose queues an operator deletes.</summary>
public sealed class MqttDeletedQueueTests : MqttTest
{
    public MqttDeletedQueueTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Theory]
    [InlineData(ProtocolVersion.Mqtt311)]
    [InlineData(ProtocolVersion.Mqtt50)]
    public async Task Session_whose_queue_was_deleted_goes_on_with_another_over_restarts(ProtocolVersion version)
    {
        await StartAsync(Management);
        MqttRaw client = Open(Own.MqttPort, version);
        client.Login("dev1", clean: false);
        Assert.Equal(1, client.Subscribe("a/b", 1));
        client.Disconnect();

        await Ctl.RunAsync(Own, "delete_queue", "mqtt-subscription-dev1qos1");
        AssertGoesOn(version);

        await Ctl.RunAsync(Own, "delete_queue", "mqtt-subscription-dev1qos1");
        await Own.KillAsync();
        await Own.StartAgainAsync();
        AssertGoesOn(version);
        Assert.Equal(0, await Own.StopAsync());
        await Own.StartAgainAsync();
        AssertGoesOn(version);
    }

    private void AssertGoesOn(ProtocolVersion version)
    {
        MqttRaw client = Open(Own.MqttPort, version);
        MqttPacket connack = client.Login("dev1", clean: false);
        Assert.Equal(0, connack.Code);
        Assert.True(connack.SessionPresent);
        MqttRaw publisher = Enter(Own, version);
        publisher.PublishAcknowledged("a/b", "x");
        MqttPacket message = client.Receive();
        Assert.Equal(("a/b", "x"), (message.Topic, message.Body));
        Assert.Empty(client.Ping());
        client.Acknowledge(PacketType.PubAck, message.Id);
        client.Ping();
        client.Disconnect();
        publisher.Disconnect();
    }
}
