using RabbitMQ.Client;
using Warren.Interop.Tests.Running;

namespace Warren.Interop.Tests;

/// <summary>Queues with x-max-priority.</summary>
public sealed class PriorityQueueTests : BrokerTest
{
    public PriorityQueueTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Fact]
    public async Task Higher_priorities_come_first_and_equal_ones_in_order()
    {
        IChannel channel = await OpenConfirmingAsync();
        string queue = await QueueAsync(channel, ("x-max-priority", 10));

        foreach ((string body, int priority) in (ReadOnlySpan<(string, int)>)
            [("low 1", 1), ("high 1", 9), ("none", -1), ("low 2", 1), ("high 2", 9), ("middle", 5)])
        {
            Publish(channel, queue, body, priority);
        }

        await ReadyAsync(channel, queue, 6);
        Assert.Equal(
            ["high 1", "high 2", "middle", "low 1", "low 2", "none"], await DrainAsync(channel, queue));
    }

    [Fact]
    public async Task Priority_beyond_the_maximum_counts_as_the_maximum()
    {
        IChannel channel = await OpenConfirmingAsync();
        string queue = await QueueAsync(channel, ("x-max-priority", 3));

        Publish(channel, queue, "3", 3);
        Publish(channel, queue, "200", 200);
        Publish(channel, queue, "2", 2);

        await ReadyAsync(channel, queue, 3);
        Delivery first = await GetAsync(channel, queue);
        Delivery second = await GetAsync(channel, queue);
        Assert.Equal(("3", "200", 200), (first.Body, second.Body, second.Properties.Priority));
    }

    [Fact]
    public async Task Requeued_message_keeps_its_priority()
    {
        IChannel channel = await OpenConfirmingAsync();
        string queue = await QueueAsync(channel, ("x-max-priority", 5));
        Publish(channel, queue, "a", 1);
        Publish(channel, queue, "b", 5);
        await ReadyAsync(channel, queue, 2);
        Delivery high = await GetAsync(channel, queue, autoAck: false);
        Publish(channel, queue, "c", 5);
        await ReadyAsync(channel, queue, 2);

        await channel.BasicRejectAsync(high.Tag, requeue: true);

        Assert.Equal(["b", "c", "a"], await DrainAsync(channel, queue));
    }

    [Fact]
    public async Task Without_the_argument_priorities_do_nothing()
    {
        IChannel channel = await OpenConfirmingAsync();
        string queue = await QueueAsync(channel);

        Publish(channel, queue, "1", 0);
        Publish(channel, queue, "2", 9);
        await ReadyAsync(channel, queue, 2);

        Assert.Equal(["1", "2"], await DrainAsync(channel, queue));
    }

    // Publishes on one channel are ordered; the confirms are awaited by counting what is ready.
    private static void Publish(IChannel channel, string queue, string body, int priority)
    {
        BasicProperties properties = new();
        if (priority >= 0)
        {
            properties.Priority = (byte)priority;
        }

        _ = channel.BasicPublishAsync("", queue, mandatory: false, properties, Text.Bytes(body)).AsTask();
    }
}
