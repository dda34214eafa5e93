using RabbitMQ.Client;
using Warren.Interop.Tests.Running;

namespace Warren.Interop.Tests;

/// <summary>Messages that live for a limited time.</summary>
public sealed class ExpiryTests : BrokerTest
{
    public ExpiryTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Fact]
    public async Task Message_with_expiration_goes()
    {
        IChannel channel = await OpenAsync();
        string queue = await QueueAsync(channel);

        await PublishAsync(channel, queue, "short", expiration: "300");
        await PublishAsync(channel, queue, "long", expiration: "600000");
        await ReadyAsync(channel, queue, 2);
        await ReadyAsync(channel, queue, 1);

        Assert.Equal(["long"], await DrainAsync(channel, queue));
    }

    [Fact]
    public async Task Queue_ttl_counts_for_every_message()
    {
        IChannel channel = await OpenAsync();
        string queue = await QueueAsync(channel, ("x-message-ttl", 400));

        await PublishAsync(channel, queue, "1");
        await PublishAsync(channel, queue, "2", expiration: "600000");
        await ReadyAsync(channel, queue, 2);

        await ReadyAsync(channel, queue, 0);
    }

    [Fact]
    public async Task Shorter_of_both_counts()
    {
        IChannel channel = await OpenAsync();
        string queue = await QueueAsync(channel, ("x-message-ttl", 600_000));

        await PublishAsync(channel, queue, "short", expiration: "200");

        await ReadyAsync(channel, queue, 1);
        await ReadyAsync(channel, queue, 0);
    }

    [Fact]
    public async Task Ttl_of_zero_reaches_a_waiting_consumer_only()
    {
        IChannel channel = await OpenConfirmingAsync();
        string queue = await QueueAsync(channel, ("x-message-ttl", 0));
        await PublishAsync(channel, queue, "nobody waits");
        Assert.Null(await TryGetAsync(channel, queue));
        Inbox inbox = await Inbox.OnAsync(channel, queue, autoAck: true);

        await PublishAsync(channel, queue, "somebody waits");

        Assert.Equal("somebody waits", (await inbox.NextAsync()).Body);
    }

    [Fact]
    public async Task Unacked_message_does_not_expire_and_requeued_one_does()
    {
        IChannel channel = await OpenAsync();
        string queue = await QueueAsync(channel, ("x-message-ttl", 200));
        await PublishAsync(channel, queue, "held");
        Delivery held = await GetAsync(channel, queue, autoAck: false);
        await Task.Delay(500);

        await channel.BasicRejectAsync(held.Tag, requeue: true);

        await ReadyAsync(channel, queue, 0);
        Assert.Null(await TryGetAsync(channel, queue));
    }

    private static ValueTask PublishAsync(IChannel channel, string queue, string body, string? expiration = null)
    {
        BasicProperties properties = new();
        if (expiration is not null)
        {
            properties.Expiration = expiration;
        }

        return channel.BasicPublishAsync("", queue, mandatory: false, properties, Text.Bytes(body));
    }
}
