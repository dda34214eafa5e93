using RabbitMQ.Client;
using Warren.Interop.Tests.Raw;
using Warren.Interop.Tests.Running;
using static Warren.Interop.Tests.Raw.RawMethod;

namespace Warren.Interop.Tests;

/// <summary>basic.consume, deliver, cancel and qos with everything that decides who gets a message.</summary>
public sealed class ConsumeTests : BrokerTest
{
    public ConsumeTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Fact]
    public void Server_names_a_consumer()
    {
        RawClient client = OpenRaw();
        client.Call(1, QueueDeclare("", exclusive: true), 11);

        string tag = client.Call(1, BasicConsume(""), 21).Arguments().ShortString();

        Assert.Matches("^amq\\.ctag-[A-Za-z0-9_-]{22}$", tag);
    }

    [Fact]
    public void Deliver_carries_tag_flag_exchange_and_key()
    {
        string queue = Unique("q");
        RawClient client = OpenRaw();
        client.Call(1, QueueDeclare(queue, exclusive: true), 11);
        client.Call(1, QueueBind(queue, "amq.topic", queue + ".#"), 21);
        Assert.Equal("me", client.Call(1, BasicConsume(queue, "me"), 21).Arguments().ShortString());

        client.Publish(1, "amq.topic", queue + ".key", "body"u8);

        RawReader deliver = client.Expect(1, 60, 60).Arguments();
        Assert.Equal(
            ("me", 1UL, (byte)0, "amq.topic", queue + ".key"),
            (deliver.ShortString(), deliver.U64(), deliver.U8(), deliver.ShortString(), deliver.ShortString()));
        Assert.Equal("body"u8.ToArray(), client.ReadContent(1).Body);
    }

    [Fact]
    public void No_wait_consume_and_cancel_are_not_answered()
    {
        string queue = Unique("q");
        RawClient client = OpenRaw();
        client.Call(1, QueueDeclare(queue, exclusive: true), 11);

        client.Send(1, BasicConsume(queue, "quiet", noAck: true, noWait: true));
        client.Publish(1, "", queue, "1"u8);
        client.Expect(1, 60, 60);
        client.ReadContent(1);
        client.Send(1, BasicCancel("quiet", noWait: true));
        client.Publish(1, "", queue, "2"u8);

        client.Call(1, BasicGet(queue), 71);
    }

    [Fact]
    public async Task Automatic_acknowledgement_takes_messages_off_at_once()
    {
        IConnection connection = await ConnectAsync();
        IChannel channel = await connection.CreateChannelAsync();
        IChannel observer = await connection.CreateChannelAsync();
        string queue = await QueueAsync(channel);
        Inbox inbox = await Inbox.OnAsync(channel, queue, autoAck: true);

        await channel.BasicPublishAsync("", queue, Text.Bytes("gone"));
        await inbox.NextAsync();
        await channel.CloseAsync();

        Assert.Equal(0u, await observer.MessageCountAsync(queue));
    }

    [Fact]
    public async Task Prefetch_limits_each_consumer()
    {
        IChannel channel = await OpenAsync();
        string queue = await FilledAsync(channel, 10);
        await channel.BasicQosAsync(0, 2, global: false);
        Inbox first = await Inbox.OnAsync(channel, queue);
        Inbox second = await Inbox.OnAsync(channel, queue);

        List<Delivery> firstTwo = await first.NextAsync(2);
        await second.NextAsync(2);
        await first.NothingMoreAsync();
        await second.NothingMoreAsync();
        Assert.Equal(6u, await channel.MessageCountAsync(queue));
        await channel.BasicAckAsync(firstTwo[0].Tag, multiple: false);

        Assert.Equal("4", (await first.NextAsync()).Body);
        await second.NothingMoreAsync();
    }

    [Fact]
    public async Task Global_prefetch_is_shared_by_the_channel()
    {
        IChannel channel = await OpenAsync();
        string queue = await FilledAsync(channel, 10);
        await channel.BasicQosAsync(0, 3, global: true);
        Inbox first = await Inbox.OnAsync(channel, queue);
        Inbox second = await Inbox.OnAsync(channel, queue);

        await ReadyAsync(channel, queue, 7);
        await Task.Delay(100);
        Assert.Equal(3, first.Waiting + second.Waiting);
        Inbox holder = first.Waiting > 0 ? first : second;
        await channel.BasicAckAsync((await holder.NextAsync()).Tag, multiple: false);

        await ReadyAsync(channel, queue, 6);
    }

    [Fact]
    public async Task Prefetch_applies_to_consumers_started_later()
    {
        IChannel channel = await OpenAsync();
        string queue = await FilledAsync(channel, 5);
        string other = await FilledAsync(channel, 5);
        Inbox unlimited = await Inbox.OnAsync(channel, queue);
        await channel.BasicQosAsync(0, 1, global: false);
        Inbox limited = await Inbox.OnAsync(channel, other);

        await unlimited.NextAsync(5);
        await limited.NextAsync();

        await limited.NothingMoreAsync();
    }

    [Fact]
    public async Task Prefetch_shares_work_by_what_is_done()
    {
        IChannel channel = await OpenAsync();
        string queue = await QueueAsync(channel);
        await channel.BasicQosAsync(0, 1, global: false);
        Inbox slow = await Inbox.OnAsync(channel, queue);
        Inbox fast = await Inbox.OnAsync(channel, queue);
        for (int i = 0; i < 10; i++)
        {
            await channel.BasicPublishAsync("", queue, Text.Bytes($"{i}"));
        }

        await slow.NextAsync();
        for (int i = 0; i < 9; i++)
        {
            await channel.BasicAckAsync((await fast.NextAsync()).Tag, multiple: false);
        }

        Assert.Equal(0u, await channel.MessageCountAsync(queue));
        await slow.NothingMoreAsync();
    }

    [Fact]
    public async Task Higher_priority_consumer_is_served_first()
    {
        IChannel channel = await OpenAsync();
        string queue = await QueueAsync(channel);
        await channel.BasicQosAsync(0, 2, global: false);
        Inbox low = await Inbox.OnAsync(channel, queue, arguments: Arguments(("x-priority", -5)));
        Inbox normal = await Inbox.OnAsync(channel, queue);
        Inbox high = await Inbox.OnAsync(channel, queue, arguments: Arguments(("x-priority", 10)));

        for (int i = 0; i < 6; i++)
        {
            await channel.BasicPublishAsync("", queue, Text.Bytes($"{i}"));
        }

        Assert.Equal(["0", "1"], (await high.NextAsync(2)).Select(d => d.Body));
        Assert.Equal(["2", "3"], (await normal.NextAsync(2)).Select(d => d.Body));
        Assert.Equal(["4", "5"], (await low.NextAsync(2)).Select(d => d.Body));
    }

    [Fact]
    public async Task Exclusive_consumer_leaves_room_when_it_goes()
    {
        IChannel channel = await OpenAsync();
        string queue = await QueueAsync(channel);
        Inbox alone = await Inbox.OnAsync(channel, queue, exclusive: true);

        await channel.BasicCancelAsync(alone.Tag);
        Inbox next = await Inbox.OnAsync(channel, queue);
        await channel.BasicPublishAsync("", queue, Text.Bytes("yours"));

        Assert.Equal("yours", (await next.NextAsync()).Body);
    }

    [Fact]
    public async Task Single_active_consumer_hands_over_when_it_goes()
    {
        IConnection connection = await ConnectAsync();
        IChannel firstChannel = await connection.CreateChannelAsync();
        IChannel secondChannel = await connection.CreateChannelAsync();
        string queue = (await firstChannel.QueueDeclareAsync(
            "", durable: false, exclusive: true, autoDelete: false,
            Arguments(("x-single-active-consumer", true)))).QueueName;
        Inbox first = await Inbox.OnAsync(firstChannel, queue);
        Inbox second = await Inbox.OnAsync(secondChannel, queue);

        await secondChannel.BasicPublishAsync("", queue, Text.Bytes("1"));
        await secondChannel.BasicPublishAsync("", queue, Text.Bytes("2"));
        List<Delivery> got = await first.NextAsync(2);
        await second.NothingMoreAsync();
        await firstChannel.BasicAckAsync(got[0].Tag, multiple: false);
        await firstChannel.CloseAsync();

        Delivery again = await second.NextAsync();
        Assert.Equal(("2", true), (again.Body, again.Redelivered));
        await secondChannel.BasicPublishAsync("", queue, Text.Bytes("3"));
        Assert.Equal("3", (await second.NextAsync()).Body);
    }

    [Fact]
    public async Task Cancelled_consumer_keeps_what_it_has_not_acked()
    {
        IChannel channel = await OpenAsync();
        string queue = await FilledAsync(channel, 3);
        await channel.BasicQosAsync(0, 2, global: false);
        Inbox inbox = await Inbox.OnAsync(channel, queue);
        List<Delivery> got = await inbox.NextAsync(2);

        await channel.BasicCancelAsync(inbox.Tag);
        await channel.BasicAckAsync(got[0].Tag, multiple: false);
        await channel.BasicNackAsync(got[1].Tag, multiple: false, requeue: true);

        Assert.Equal(["1", "2"], await DrainAsync(channel, queue));
    }

    [Fact]
    public void Cancel_of_an_unknown_consumer_is_answered()
    {
        RawClient client = OpenRaw();

        RawFrame ok = client.Call(1, BasicCancel("never heard of"), 31);

        Assert.Equal("never heard of", ok.Arguments().ShortString());
    }

    [Fact]
    public async Task Client_hears_of_the_end_of_its_queue()
    {
        IChannel channel = await OpenAsync();
        IChannel other = await OpenAsync();
        string queue = Unique("q");
        await channel.QueueDeclareAsync(queue, durable: false, exclusive: false, autoDelete: false);
        Inbox inbox = await Inbox.OnAsync(channel, queue);

        await other.QueueDeleteAsync(queue);

        Assert.Equal(inbox.Tag, await inbox.Cancelled.Task.WaitAsync(Patience));
        Assert.True(channel.IsOpen);
    }

    [Fact]
    public void Cancel_notice_has_tag_and_no_wait()
    {
        string queue = Unique("q");
        RawClient client = ConnectRaw();
        client.Login(capabilities: "consumer_cancel_notify");
        client.OpenChannel(1);
        client.Call(1, QueueDeclare(queue), 11);
        client.Call(1, BasicConsume(queue, "mine"), 21);
        RawClient other = OpenRaw();

        other.Call(1, QueueDelete(queue), 41);

        RawReader cancel = client.Expect(1, 60, 30).Arguments();
        Assert.Equal(("mine", (byte)1), (cancel.ShortString(), cancel.U8()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Who_deletes_the_queue_hears_delete_ok_before_the_end_of_his_consumer(bool durable)
    {
        string queue = Unique("q");
        RawClient client = ConnectRaw();
        client.Login(capabilities: "consumer_cancel_notify");
        client.OpenChannel(1);
        client.Call(1, QueueDeclare(queue, durable: durable), 11);
        client.Call(1, BasicConsume(queue, "mine"), 21);

        client.Send(1, QueueDelete(queue));

        client.Expect(1, 50, 41);
        Assert.Equal("mine", client.Expect(1, 60, 30).Arguments().ShortString());
    }

    [Fact]
    public void Client_without_the_capability_is_not_told()
    {
        string queue = Unique("q");
        RawClient client = OpenRaw();
        client.Call(1, QueueDeclare(queue), 11);
        client.Call(1, BasicConsume(queue, "mine"), 21);
        RawClient other = OpenRaw();

        other.Call(1, QueueDelete(queue), 41);

        client.ExpectSilence(300);
        client.Call(1, ExchangeDeclare("amq.direct", passive: true), 11);
    }

    [Fact]
    public async Task Unacked_messages_of_a_lost_connection_come_again_in_order()
    {
        string queue = Unique("q");
        IChannel channel = await OpenAsync();
        await channel.QueueDeclareAsync(queue, durable: false, exclusive: false, autoDelete: false);
        await FillAsync(channel, queue, 5);
        RawClient client = OpenRaw();
        client.Call(1, BasicConsume(queue), 21);
        for (int i = 0; i < 5; i++)
        {
            client.Expect(1, 60, 60);
            client.ReadContent(1);
        }

        client.Dispose();
        await ReadyAsync(channel, queue, 5);

        Inbox inbox = await Inbox.OnAsync(channel, queue);
        List<Delivery> again = await inbox.NextAsync(5);
        Assert.Equal(["0", "1", "2", "3", "4"], again.Select(d => d.Body));
        Assert.All(again, d => Assert.True(d.Redelivered));
        await channel.QueueDeleteAsync(queue);
    }

    [Fact]
    public async Task Same_tag_serves_on_different_channels()
    {
        IConnection connection = await ConnectAsync();
        IChannel first = await connection.CreateChannelAsync();
        IChannel second = await connection.CreateChannelAsync();
        string queue = await QueueAsync(first);

        await Inbox.OnAsync(first, queue, tag: "same");
        await Inbox.OnAsync(second, queue, tag: "same");

        Assert.Equal(2u, await first.ConsumerCountAsync(queue));
    }

    private static async Task<string> FilledAsync(IChannel channel, int count)
    {
        string queue = await QueueAsync(channel);
        await FillAsync(channel, queue, count);
        return queue;
    }

    private static async Task FillAsync(IChannel channel, string queue, int count)
    {
        for (int i = 0; i < count; i++)
        {
            await channel.BasicPublishAsync("", queue, Text.Bytes($"{i}"));
        }

        await ReadyAsync(channel, queue, (uint)count);
    }
}
