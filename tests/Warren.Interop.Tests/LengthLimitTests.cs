using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Warren.Interop.Tests.Running;

namespace Warren.Interop.Tests;

/// <summary>x-max-length, x-max-length-bytes and what x-overflow makes of them.</summary>
public sealed class LengthLimitTests : BrokerTest
{
    public LengthLimitTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Theory]
    [InlineData(null)]
    [InlineData("drop-head")]
    public async Task Oldest_messages_make_room(string? overflow)
    {
        IChannel channel = await OpenConfirmingAsync();
        string queue = overflow is null
            ? await QueueAsync(channel, ("x-max-length", 3))
            : await QueueAsync(channel, ("x-max-length", 3), ("x-overflow", overflow));

        await PublishAsync(channel, queue, "1", "2", "3", "4", "5");

        Assert.Equal(["3", "4", "5"], await DrainAsync(channel, queue));
    }

    [Fact]
    public async Task Bytes_are_limited_as_well()
    {
        IChannel channel = await OpenConfirmingAsync();
        string queue = await QueueAsync(channel, ("x-max-length-bytes", 10));

        await PublishAsync(channel, queue, "aaaa", "bbbb", "cccc");

        Assert.Equal(["bbbb", "cccc"], await DrainAsync(channel, queue));
    }

    [Fact]
    public async Task Message_larger_than_the_limit_drops_everything()
    {
        IChannel channel = await OpenConfirmingAsync();
        string queue = await QueueAsync(channel, ("x-max-length-bytes", 10));

        await PublishAsync(channel, queue, "aaaa", "this is more than ten bytes");

        Assert.Empty(await DrainAsync(channel, queue));
    }

    [Fact]
    public async Task Length_of_zero_keeps_nothing()
    {
        IChannel channel = await OpenConfirmingAsync();
        string queue = await QueueAsync(channel, ("x-max-length", 0));

        await PublishAsync(channel, queue, "1");

        Assert.Empty(await DrainAsync(channel, queue));
    }

    [Fact]
    public async Task Unacked_messages_do_not_count()
    {
        IChannel channel = await OpenConfirmingAsync();
        string queue = await QueueAsync(channel, ("x-max-length", 2));
        await PublishAsync(channel, queue, "1", "2");
        await GetAsync(channel, queue, autoAck: false);

        await PublishAsync(channel, queue, "3");

        Assert.Equal(["2", "3"], await DrainAsync(channel, queue));
    }

    [Fact]
    public async Task Full_queue_refuses_with_a_nack()
    {
        IChannel channel = await OpenConfirmingAsync();
        string queue = await QueueAsync(channel, ("x-max-length", 2), ("x-overflow", "reject-publish"));
        await PublishAsync(channel, queue, "1", "2");

        await Assert.ThrowsAsync<PublishException>(() => PublishAsync(channel, queue, "3"));
        Assert.Equal("1", (await GetAsync(channel, queue)).Body);
        await PublishAsync(channel, queue, "4");

        Assert.Equal(["2", "4"], await DrainAsync(channel, queue));
    }

    [Fact]
    public async Task One_full_queue_nacks_though_others_took_the_message()
    {
        IChannel channel = await OpenConfirmingAsync();
        string full = await QueueAsync(channel, ("x-max-length", 0), ("x-overflow", "reject-publish"));
        string roomy = await QueueAsync(channel);
        string key = Unique("k");
        await channel.QueueBindAsync(full, "amq.direct", key);
        await channel.QueueBindAsync(roomy, "amq.direct", key);

        await Assert.ThrowsAsync<PublishException>(async () =>
            await channel.BasicPublishAsync("amq.direct", key, Text.Bytes("both")));

        Assert.Equal(["both"], await DrainAsync(channel, roomy));
    }

    [Fact]
    public async Task Refused_messages_can_be_dead_lettered()
    {
        IChannel channel = await OpenConfirmingAsync();
        string dead = await QueueAsync(channel);
        string queue = await QueueAsync(
            channel, ("x-max-length", 1), ("x-overflow", "reject-publish-dlx"), ("x-dead-letter-exchange", ""),
            ("x-dead-letter-routing-key", dead));
        await PublishAsync(channel, queue, "1");

        await Assert.ThrowsAsync<PublishException>(() => PublishAsync(channel, queue, "2"));

        Delivery refused = await GetAsync(channel, dead);
        Assert.Equal("2", refused.Body);
        Assert.Equal("maxlen", Death.Newest(refused).Reason);
        Assert.Equal(["1"], await DrainAsync(channel, queue));
    }

    private static async Task PublishAsync(IChannel channel, string queue, params string[] bodies)
    {
        foreach (string body in bodies)
        {
            await channel.BasicPublishAsync("", queue, Text.Bytes(body));
        }
    }
}
