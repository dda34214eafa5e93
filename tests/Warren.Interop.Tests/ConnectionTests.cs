using RabbitMQ.Client;
using Warren.Interop.Tests.Raw;
using Warren.Interop.Tests.Running;
using static Warren.Interop.Tests.Raw.RawMethod;

namespace Warren.Interop.Tests;

/// <summary>connection.* and channel.* once the handshake is over.</summary>
public sealed class ConnectionTests : BrokerTest
{
    public ConnectionTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Fact]
    public void Close_is_answered()
    {
        RawClient client = OpenRaw();

        client.Send(0, ConnectionClose());

        client.Expect(0, 10, 51);
    }

    [Fact]
    public void Secret_can_be_updated()
    {
        RawClient client = OpenRaw();

        client.Send(0, ConnectionUpdateSecret("guest", "rotation"));

        client.Expect(0, 10, 71);
        client.Call(1, ExchangeDeclare("amq.direct", passive: true), 11);
    }

    [Fact]
    public void Channel_is_closed_and_its_number_used_again()
    {
        RawClient client = OpenRaw();

        client.Call(1, ChannelClose(), 41);
        client.OpenChannel(1);

        client.Call(1, ExchangeDeclare("amq.direct", passive: true), 11);
    }

    [Fact]
    public void Channel_open_ok_carries_an_empty_id()
    {
        RawClient client = OpenRaw();

        client.Send(9, ChannelOpen());

        Assert.Equal(0u, client.Expect(9, 20, 11).Arguments().U32());
    }

    [Fact]
    public void Flow_on_is_answered()
    {
        RawClient client = OpenRaw();

        RawFrame ok = client.Call(1, ChannelFlow(active: true), 21);

        Assert.Equal(1, ok.Arguments().U8());
    }

    [Fact]
    public void Access_request_of_old_clients_gets_ticket_one()
    {
        RawClient client = OpenRaw();

        RawFrame ok = client.Call(1, AccessRequest(), 11);

        Assert.Equal(1, ok.Arguments().U16());
    }

    [Fact]
    public void Frames_cut_anywhere_are_put_together()
    {
        string queue = Unique("q");
        RawClient client = OpenRaw();
        byte[] bytes =
        [
            .. RawClient.MethodFrame(1, QueueDeclare(queue, exclusive: true)),
            .. RawClient.MethodFrame(1, BasicPublish("", queue)),
            .. RawClient.Frame(2, 1, new RawWriter().U16(60).U16(0).U64(4).U16(0).ToArray()),
            .. RawClient.Frame(3, 1, "abcd"u8),
            .. RawClient.MethodFrame(1, BasicGet(queue, noAck: true)),
        ];

        foreach (byte octet in bytes)
        {
            client.Send(octet);
        }

        client.Expect(1, 50, 11);
        client.Expect(1, 60, 71);
        Assert.Equal("abcd"u8.ToArray(), client.ReadContent(1).Body);
    }

    [Fact]
    public void Channels_interleave_their_content()
    {
        string first = Unique("q");
        string second = Unique("q");
        RawClient client = OpenRaw();
        client.OpenChannel(2);
        client.Call(1, QueueDeclare(first, exclusive: true), 11);
        client.Call(2, QueueDeclare(second, exclusive: true), 11);

        client.Send(1, BasicPublish("", first));
        client.Send(2, BasicPublish("", second));
        client.SendHeader(2, 4);
        client.SendHeader(1, 4);
        client.SendBody(1, "on"u8);
        client.SendBody(2, "tw"u8);
        client.SendBody(1, "e1"u8);
        client.SendBody(2, "o2"u8);

        client.Call(1, BasicGet(first, noAck: true), 71);
        Assert.Equal("one1"u8.ToArray(), client.ReadContent(1).Body);
        client.Call(2, BasicGet(second, noAck: true), 71);
        Assert.Equal("two2"u8.ToArray(), client.ReadContent(2).Body);
    }

    [Fact]
    public async Task Hundred_channels_work_at_once()
    {
        IConnection connection = await ConnectAsync();
        List<(IChannel Channel, string Queue, Inbox Inbox)> all = [];
        for (int i = 0; i < 100; i++)
        {
            IChannel channel = await connection.CreateChannelAsync();
            string queue = await QueueAsync(channel);
            all.Add((channel, queue, await Inbox.OnAsync(channel, queue)));
        }

        for (int i = 0; i < 100; i++)
        {
            // each channel publishes to the queue of the next
            await all[i].Channel.BasicPublishAsync("", all[(i + 1) % 100].Queue, Text.Bytes($"from {i}"));
        }

        for (int i = 0; i < 100; i++)
        {
            Delivery got = await all[(i + 1) % 100].Inbox.NextAsync();
            Assert.Equal($"from {i}", got.Body);
            await all[(i + 1) % 100].Channel.BasicAckAsync(got.Tag, multiple: false);
        }
    }

    [Fact]
    public async Task Closing_one_connection_leaves_the_others()
    {
        IConnection first = await ConnectAsync();
        IConnection second = await ConnectAsync();
        IChannel channel = await second.CreateChannelAsync();

        await first.CloseAsync();

        await channel.ExchangeDeclarePassiveAsync("amq.fanout");
    }
}
