using RabbitMQ.Client;
using Warren.Interop.Tests.Raw;
using Warren.Interop.Tests.Running;
using static Warren.Interop.Tests.Raw.RawMethod;

namespace Warren.Interop.Tests;

/// <summary>What needs a broker with settings of its own: time limits and alarms.</summary>
public sealed class SettingsTests : OwnBrokerTest
{
    public SettingsTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Theory]
    [InlineData("")]
    [InlineData("AMQP")]
    [InlineData("AMQP\0\0\u0009\u0001")]
    public async Task Slow_handshake_is_cut(string sent)
    {
        await StartAsync("handshake_timeout=1000");
        RawClient client = ConnectRaw(Own.Port);

        client.Send(Text.Bytes(sent));
        if (sent.Length == 8)
        {
            client.Expect(0, 10, 10);
        }

        client.ExpectSocketClosed();
        OpenOwnRaw();
    }

    [Fact]
    public async Task Byte_by_byte_handshake_is_cut()
    {
        await StartAsync("handshake_timeout=1000");
        RawClient client = ConnectRaw(Own.Port);
        DateTime end = DateTime.UtcNow + Patience;

        client.SendProtocolHeader();
        client.Expect(0, 10, 10);
        byte[] startOk = RawClient.MethodFrame(0, ConnectionStartOk());
        try
        {
            for (int i = 0; i < startOk.Length - 1; i++)
            {
                client.Send(startOk[i]);
                await Task.Delay(100);
                Assert.True(DateTime.UtcNow < end, "still open");
            }

            client.ExpectSocketClosed();
        }
        catch (IOException)
        {
            // the send met the closed socket
        }
    }

    [Fact]
    public async Task Memory_alarm_blocks_publishers_only_and_tells_them()
    {
        await StartAsync("vm_memory_high_watermark.absolute=1");
        RawClient consumer = OpenOwnRaw("connection.blocked");
        consumer.Call(1, QueueDeclare("q"), 11);
        consumer.Call(1, BasicConsume("q", noAck: true), 21);
        RawClient publisher = OpenOwnRaw("connection.blocked");

        publisher.Publish(1, "", "q", "blocked"u8);

        RawFrame blocked = publisher.Expect(0, 10, 60);
        Assert.Equal("low on memory", blocked.Arguments().ShortString());
        consumer.Call(1, ExchangeDeclare("amq.direct", passive: true), 11);
        consumer.ExpectSilence(200);
    }

    [Fact]
    public async Task Message_limit_is_a_setting()
    {
        await StartAsync("max_message_size=1000");
        RawClient client = OpenOwnRaw();

        client.Send(1, BasicPublish("", "k"));
        client.SendHeader(1, 1001);

        Assert.Equal(
            "PRECONDITION_FAILED - message size 1001 is larger than configured max size 1000",
            client.ExpectChannelClose(1).Text);
    }

    [Fact]
    public async Task Heartbeat_frame_and_channel_limits_are_settings()
    {
        await StartAsync("heartbeat=7", "frame_max=8192", "channel_max=12");
        RawClient client = ConnectRaw(Own.Port);

        RawReader tune = client.Authenticate().Arguments();

        Assert.Equal((12, 8192u, 7), (tune.U16(), tune.U32(), tune.U16()));
    }

    [Fact]
    public async Task Two_brokers_run_side_by_side()
    {
        await StartAsync();
        IChannel here = await OpenOwnAsync();
        await here.QueueDeclareAsync("only here", durable: true, exclusive: false, autoDelete: false);

        IChannel there = await OpenAsync();

        await RefusedAsync(404, "NOT_FOUND - no queue 'only here' in vhost '/'",
            () => there.QueueDeclarePassiveAsync("only here"));
    }
}
