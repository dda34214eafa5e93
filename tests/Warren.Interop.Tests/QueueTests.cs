using RabbitMQ.Client;
using Warren.Interop.Tests.Raw;
using Warren.Interop.Tests.Running;
using static Warren.Interop.Tests.Raw.RawMethod;

namespace Warren.Interop.Tests;

/// <summary>Declaring, binding, purging and deleting queues, and how long they live.</summary>
public sealed class QueueTests : BrokerTest
{
    public QueueTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Fact]
    public async Task Server_names_a_queue()
    {
        IChannel channel = await OpenAsync();

        string first = await QueueAsync(channel);
        string second = await QueueAsync(channel);

        Assert.Matches("^amq\\.gen-[A-Za-z0-9_-]{22}$", first);
        Assert.NotEqual(first, second);
    }

    [Fact]
    public void Empty_name_means_the_queue_declared_last_on_the_channel()
    {
        RawClient client = OpenRaw();
        string queue = client.Call(1, QueueDeclare("", exclusive: true), 11).Arguments().ShortString();

        client.Call(1, QueueBind("", "amq.direct", ""), 21);
        client.Publish(1, "amq.direct", queue, "by name"u8);
        client.Publish(1, "", queue, "by default"u8);
        client.Call(1, BasicGet("", noAck: true), 71);
        Assert.Equal("by name"u8.ToArray(), client.ReadContent(1).Body);
        Assert.Equal(1u, client.Call(1, QueuePurge(""), 31).Arguments().U32());
        client.Call(1, BasicConsume(""), 21);
        Assert.Equal(0u, client.Call(1, QueueDelete(""), 41).Arguments().U32());
    }

    [Fact]
    public async Task Declare_ok_counts_ready_messages_and_consumers()
    {
        IChannel channel = await OpenAsync();
        string queue = await QueueAsync(channel);
        await channel.BasicPublishAsync("", queue, Text.Bytes("1"));
        await channel.BasicPublishAsync("", queue, Text.Bytes("2"));
        await channel.BasicPublishAsync("", queue, Text.Bytes("3"));
        await ReadyAsync(channel, queue, 3);
        await channel.BasicQosAsync(0, 1, global: false);
        Inbox inbox = await Inbox.OnAsync(channel, queue);
        await inbox.NextAsync();

        QueueDeclareOk counted = await channel.QueueDeclarePassiveAsync(queue);

        Assert.Equal((queue, 2u, 1u), (counted.QueueName, counted.MessageCount, counted.ConsumerCount));
    }

    [Fact]
    public void No_wait_commands_are_done_and_not_answered()
    {
        string queue = Unique("q");
        RawClient client = OpenRaw();

        client.Send(1, QueueDeclare(queue, noWait: true));
        client.Send(1, QueueBind(queue, "amq.direct", queue, noWait: true));
        client.Publish(1, "amq.direct", queue, "x"u8);
        client.Call(1, QueueDeclare(queue, passive: true), 11);
        client.Send(1, QueuePurge(queue, noWait: true));
        RawReader counted = client.Call(1, QueueDeclare(queue, passive: true), 11).Arguments();
        Assert.Equal((queue, 0u), (counted.ShortString(), counted.U32()));
        client.Send(1, QueueDelete(queue, noWait: true));
        client.Send(1, QueueDeclare(queue, passive: true));

        Assert.Equal(404, client.ExpectChannelClose(1).Code);
    }

    [Fact]
    public async Task Purge_takes_ready_messages_and_leaves_unacked_ones()
    {
        IChannel channel = await OpenAsync();
        string queue = await QueueAsync(channel);
        foreach (string body in (string[])["1", "2", "3"])
        {
            await channel.BasicPublishAsync("", queue, Text.Bytes(body));
        }

        Delivery held = await GetAsync(channel, queue, autoAck: false);
        uint purged = await channel.QueuePurgeAsync(queue);
        await channel.BasicNackAsync(held.Tag, multiple: false, requeue: true);

        Assert.Equal(2u, purged);
        Assert.Equal(["1"], await DrainAsync(channel, queue));
    }

    [Fact]
    public async Task Delete_counts_the_messages_it_throws_away()
    {
        IChannel channel = await OpenAsync();
        string queue = Unique("q");
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false);
        await channel.BasicPublishAsync("", queue, Text.Bytes("1"));
        await channel.BasicPublishAsync("", queue, Text.Bytes("2"));
        await ReadyAsync(channel, queue, 2);

        Assert.Equal(2u, await channel.QueueDeleteAsync(queue));
        Assert.Equal(0u, await channel.QueueDeleteAsync(queue));
    }

    [Fact]
    public async Task Delete_if_unused_and_if_empty_removes_such_a_queue()
    {
        IChannel channel = await OpenAsync();
        string queue = Unique("q");
        await channel.QueueDeclareAsync(queue, durable: false, exclusive: false, autoDelete: false);

        await channel.QueueDeleteAsync(queue, ifUnused: true, ifEmpty: true);

        await GoneAsync(queue);
    }

    [Fact]
    public async Task Deleted_queue_takes_its_bindings_along()
    {
        IChannel channel = await OpenAsync();
        string queue = Unique("q");
        await channel.QueueDeclareAsync(queue, durable: false, exclusive: true, autoDelete: false);
        await channel.QueueBindAsync(queue, "amq.direct", queue);

        await channel.QueueDeleteAsync(queue);
        await channel.QueueDeclareAsync(queue, durable: false, exclusive: true, autoDelete: false);
        await channel.BasicPublishAsync("amq.direct", queue, Text.Bytes("lost"));

        Assert.Empty(await DrainAsync(channel, queue));
    }

    [Fact]
    public async Task Auto_delete_queue_goes_with_its_last_consumer()
    {
        IChannel channel = await OpenAsync();
        string queue = Unique("q");
        await channel.QueueDeclareAsync(queue, durable: false, exclusive: false, autoDelete: true);
        await channel.BasicPublishAsync("", queue, Text.Bytes("never consumed yet"));
        await GetAsync(channel, queue);
        Inbox first = await Inbox.OnAsync(channel, queue);
        Inbox second = await Inbox.OnAsync(channel, queue);

        await channel.BasicCancelAsync(first.Tag);
        await channel.QueueDeclarePassiveAsync(queue);
        await channel.BasicCancelAsync(second.Tag);

        await GoneAsync(queue);
    }

    [Fact]
    public async Task Auto_delete_queue_goes_when_the_consumers_channel_closes()
    {
        IConnection connection = await ConnectAsync();
        IChannel channel = await connection.CreateChannelAsync();
        string queue = Unique("q");
        await channel.QueueDeclareAsync(queue, durable: false, exclusive: false, autoDelete: true);
        await Inbox.OnAsync(channel, queue);

        await channel.CloseAsync();

        await GoneAsync(queue);
    }

    [Fact]
    public async Task Exclusive_queue_goes_with_its_connection()
    {
        IConnection connection = await ConnectAsync();
        IChannel channel = await connection.CreateChannelAsync();
        IChannel sibling = await connection.CreateChannelAsync();
        string queue = Unique("q");
        await channel.QueueDeclareAsync(queue, durable: false, exclusive: true, autoDelete: false);

        await channel.CloseAsync();
        await sibling.QueueDeclarePassiveAsync(queue);
        await connection.CloseAsync();

        await GoneAsync(queue);
    }

    [Fact]
    public async Task Exclusive_queue_goes_when_the_socket_breaks()
    {
        string queue = Unique("q");
        RawClient client = OpenRaw();
        client.Call(1, QueueDeclare(queue, exclusive: true), 11);

        client.Dispose();

        await GoneAsync(queue);
    }

    [Fact]
    public async Task Transient_shared_queue_works()
    {
        string queue = Unique("q");
        IChannel publisher = await OpenAsync();
        await publisher.QueueDeclareAsync(queue, durable: false, exclusive: false, autoDelete: false);
        await publisher.BasicPublishAsync("", queue, Text.Bytes("hi"));

        IChannel consumer = await OpenAsync();
        Assert.Equal("hi", (await GetAsync(consumer, queue)).Body);
        await consumer.QueueDeleteAsync(queue);
    }

    [Fact]
    public async Task Unused_queue_expires()
    {
        IChannel channel = await OpenAsync();
        string queue = Unique("q");
        await channel.QueueDeclareAsync(
            queue, durable: false, exclusive: false, autoDelete: false, Arguments(("x-expires", 300)));

        await GoneAsync(queue, everyMs: 700);
    }

    [Fact]
    public async Task Queue_with_a_consumer_does_not_expire()
    {
        IChannel channel = await OpenAsync();
        string queue = Unique("q");
        await channel.QueueDeclareAsync(
            queue, durable: false, exclusive: false, autoDelete: false, Arguments(("x-expires", 300)));
        Inbox inbox = await Inbox.OnAsync(channel, queue);

        await Task.Delay(900);
        await channel.QueueDeclarePassiveAsync(queue);
        await channel.BasicCancelAsync(inbox.Tag);

        await GoneAsync(queue, everyMs: 700);
    }

    [Fact]
    public async Task Consumers_take_turns()
    {
        IChannel channel = await OpenAsync();
        string queue = await QueueAsync(channel);
        Inbox[] inboxes =
        [
            await Inbox.OnAsync(channel, queue), await Inbox.OnAsync(channel, queue),
            await Inbox.OnAsync(channel, queue),
        ];

        for (int i = 0; i < 30; i++)
        {
            await channel.BasicPublishAsync("", queue, Text.Bytes($"{i}"));
        }

        foreach (Inbox inbox in inboxes)
        {
            await inbox.NextAsync(10);
        }
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("C:\\windows\\x")]
    [InlineData("CON")]
    [InlineData("a\u0000b")]
    [InlineData("\u202Egnp.exe")]
    [InlineData(" ")]
    [InlineData("큐-очередь-😀")]
    public async Task Any_text_is_a_name(string name)
    {
        IChannel channel = await OpenAsync();
        string queue = Unique("q") + name;

        QueueDeclareOk declared = await channel.QueueDeclareAsync(
            queue, durable: true, exclusive: false, autoDelete: false);
        await channel.QueueBindAsync(queue, "amq.topic", queue);
        await channel.BasicPublishAsync("amq.topic", queue, Text.Bytes("found"));

        Assert.Equal(queue, declared.QueueName);
        Assert.Equal("found", (await GetAsync(channel, queue)).Body);
        await channel.QueueDeleteAsync(queue);
    }

    [Fact]
    public async Task Line_breaks_are_taken_out_of_names()
    {
        IChannel channel = await OpenAsync();
        string name = Unique("q");

        QueueDeclareOk declared = await channel.QueueDeclareAsync(
            name + "\r\nbreak", durable: false, exclusive: true, autoDelete: false);

        Assert.Equal(name + "break", declared.QueueName);
    }

    [Fact]
    public async Task Longest_name_works()
    {
        IChannel channel = await OpenAsync();
        string queue = Unique("q");
        queue += new string('n', 255 - queue.Length);

        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false);
        await channel.BasicPublishAsync("", queue, Text.Bytes("found"));

        Assert.Equal("found", (await GetAsync(channel, queue)).Body);
        await channel.QueueDeleteAsync(queue);
    }

    [Fact]
    public void Invalid_utf8_in_a_name_harms_nobody()
    {
        byte[] name = [.. Text.Bytes(Unique("q")), 0xC3, 0x28, 0xFF];
        RawClient client = OpenRaw();

        client.Send(1, new RawMethod(50, 10, new RawWriter()
            .U16(0).ShortString(name).Bits(false, false, true, false, false).Table(null).ToArray()));

        RawFrame answer = client.ReadNoHeartbeat();
        Assert.True(answer.Is(50, 11) || answer.Is(20, 40) || answer.Is(10, 50), $"got {answer}");
        RawClient other = OpenRaw();
        other.Call(1, ExchangeDeclare("amq.direct", passive: true), 11);
    }

    // A passive declare counts as use, so the end of an expiring queue is asked for at longer intervals.
    private async Task GoneAsync(string queue, int everyMs = 20)
    {
        IConnection connection = await ConnectAsync();
        await EventuallyAsync(
            async () =>
            {
                await using IChannel channel = await connection.CreateChannelAsync();
                try
                {
                    await channel.QueueDeclarePassiveAsync(queue);
                    return false;
                }
                catch (RabbitMQ.Client.Exceptions.OperationInterruptedException missing)
                {
                    // 405 for as long as the owner's connection is still being taken down
                    return missing.ShutdownReason?.ReplyCode == 404;
                }
            },
            $"end of {queue}",
            everyMs);
    }
}
