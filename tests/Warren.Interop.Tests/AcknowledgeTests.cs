using RabbitMQ.Client;
using Warren.Interop.Tests.Raw;
using Warren.Interop.Tests.Running;
using static Warren.Interop.Tests.Raw.RawMethod;

namespace Warren.Interop.Tests;

/// <summary>basic.get, ack, nack, reject and recover.</summary>
public sealed class AcknowledgeTests : BrokerTest
{
    public AcknowledgeTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Fact]
    public void Get_empty_has_an_empty_cluster_id()
    {
        RawClient client = OpenRaw();
        client.Call(1, QueueDeclare("", exclusive: true), 11);

        RawFrame empty = client.Call(1, BasicGet(""), 72);

        Assert.Equal("", empty.Arguments().ShortString());
    }

    [Fact]
    public async Task Get_counts_what_is_left()
    {
        IChannel channel = await OpenAsync();
        string queue = await FilledAsync(channel, 3);

        Delivery got = await GetAsync(channel, queue, autoAck: false);

        Assert.Equal(("0", 2u, 1UL, false), (got.Body, got.ReadyBehind, got.Tag, got.Redelivered));
    }

    [Fact]
    public async Task Acked_messages_do_not_come_again()
    {
        IConnection connection = await ConnectAsync();
        IChannel channel = await connection.CreateChannelAsync();
        IChannel other = await connection.CreateChannelAsync();
        string queue = await FilledAsync(other, 3);
        await GetAsync(channel, queue, autoAck: false);
        Delivery second = await GetAsync(channel, queue, autoAck: false);

        await channel.BasicAckAsync(second.Tag, multiple: false);
        await channel.CloseAsync();

        Assert.Equal(["0", "2"], await DrainAsync(other, queue));
    }

    [Fact]
    public async Task Ack_multiple_covers_all_up_to_its_tag()
    {
        IConnection connection = await ConnectAsync();
        IChannel channel = await connection.CreateChannelAsync();
        IChannel other = await connection.CreateChannelAsync();
        string queue = await FilledAsync(other, 5);
        Inbox inbox = await Inbox.OnAsync(channel, queue);
        List<Delivery> got = await inbox.NextAsync(5);

        await channel.BasicAckAsync(got[2].Tag, multiple: true);
        await channel.CloseAsync();

        Assert.Equal(["3", "4"], await DrainAsync(other, queue));
    }

    [Fact]
    public async Task Ack_multiple_of_tag_zero_covers_everything()
    {
        IConnection connection = await ConnectAsync();
        IChannel channel = await connection.CreateChannelAsync();
        IChannel other = await connection.CreateChannelAsync();
        string queue = await FilledAsync(other, 4);
        Inbox inbox = await Inbox.OnAsync(channel, queue);
        await inbox.NextAsync(4);

        await channel.BasicAckAsync(0, multiple: true);
        await channel.CloseAsync();

        Assert.Equal(0u, await other.MessageCountAsync(queue));
    }

    [Fact]
    public async Task Nack_multiple_requeues_in_order()
    {
        IChannel channel = await OpenAsync();
        string queue = await FilledAsync(channel, 5);
        List<Delivery> got = [];
        for (int i = 0; i < 4; i++)
        {
            got.Add(await GetAsync(channel, queue, autoAck: false));
        }

        await channel.BasicNackAsync(got[2].Tag, multiple: true, requeue: true);

        List<Delivery> again = [];
        for (int i = 0; i < 4; i++)
        {
            again.Add(await GetAsync(channel, queue));
        }

        Assert.Equal(["0", "1", "2", "4"], again.Select(d => d.Body));
        Assert.Equal([true, true, true, false], again.Select(d => d.Redelivered));
    }

    [Fact]
    public async Task Nack_and_reject_without_requeue_throw_away()
    {
        IChannel channel = await OpenAsync();
        string queue = await FilledAsync(channel, 4);
        Delivery first = await GetAsync(channel, queue, autoAck: false);
        Delivery second = await GetAsync(channel, queue, autoAck: false);

        await channel.BasicNackAsync(first.Tag, multiple: false, requeue: false);
        await channel.BasicRejectAsync(second.Tag, requeue: false);

        Assert.Equal(["2", "3"], await DrainAsync(channel, queue));
    }

    [Fact]
    public async Task Requeued_message_takes_its_old_place()
    {
        IChannel channel = await OpenAsync();
        string queue = await FilledAsync(channel, 5);
        List<Delivery> got = [];
        for (int i = 0; i < 3; i++)
        {
            got.Add(await GetAsync(channel, queue, autoAck: false));
        }

        await channel.BasicRejectAsync(got[2].Tag, requeue: true);
        await channel.BasicRejectAsync(got[0].Tag, requeue: true);
        await channel.BasicRejectAsync(got[1].Tag, requeue: true);

        Assert.Equal(["0", "1", "2", "3", "4"], await DrainAsync(channel, queue));
    }

    [Fact]
    public async Task Requeued_message_goes_to_a_waiting_consumer()
    {
        IChannel channel = await OpenAsync();
        string queue = await FilledAsync(channel, 1);
        Inbox inbox = await Inbox.OnAsync(channel, queue);
        Delivery got = await inbox.NextAsync();

        await channel.BasicRejectAsync(got.Tag, requeue: true);

        Delivery again = await inbox.NextAsync();
        Assert.Equal((got.Body, true, got.Tag + 1), (again.Body, again.Redelivered, again.Tag));
    }

    [Fact]
    public void Recover_brings_back_everything_not_acked()
    {
        string queue = Unique("q");
        RawClient client = OpenRaw();
        client.Call(1, QueueDeclare(queue, exclusive: true), 11);
        client.Publish(1, "", queue, "1"u8);
        client.Publish(1, "", queue, "2"u8);
        Take(client, queue);
        Take(client, queue);

        client.Call(1, BasicRecover(requeue: true), 111);

        Assert.Equal(("1", true), Take(client, queue));
        Assert.Equal(("2", true), Take(client, queue));
    }

    [Fact]
    public void Recover_async_is_not_answered()
    {
        string queue = Unique("q");
        RawClient client = OpenRaw();
        client.Call(1, QueueDeclare(queue, exclusive: true), 11);
        client.Publish(1, "", queue, "1"u8);
        Take(client, queue);

        client.Send(1, BasicRecoverAsync(requeue: true));

        Assert.Equal(("1", true), Take(client, queue));
    }

    [Fact]
    public async Task Tags_count_from_one_on_each_channel()
    {
        IConnection connection = await ConnectAsync();
        IChannel first = await connection.CreateChannelAsync();
        IChannel second = await connection.CreateChannelAsync();
        string queue = await FilledAsync(first, 4);

        Assert.Equal(1UL, (await GetAsync(first, queue, autoAck: false)).Tag);
        Assert.Equal(2UL, (await GetAsync(first, queue)).Tag);
        Assert.Equal(1UL, (await GetAsync(second, queue, autoAck: false)).Tag);
        await first.BasicAckAsync(1, multiple: false);
        Assert.Equal(3UL, (await GetAsync(first, queue, autoAck: false)).Tag);
    }

    private static (string Body, bool Redelivered) Take(RawClient client, string queue)
    {
        RawReader ok = client.Call(1, BasicGet(queue), 71).Arguments();
        ok.U64();
        bool redelivered = ok.U8() == 1;
        return (Text.Of(client.ReadContent(1).Body), redelivered);
    }

    private static async Task<string> FilledAsync(IChannel channel, int count)
    {
        string queue = await QueueAsync(channel);
        for (int i = 0; i < count; i++)
        {
            await channel.BasicPublishAsync("", queue, Text.Bytes($"{i}"));
        }

        await ReadyAsync(channel, queue, (uint)count);
        return queue;
    }
}
