using RabbitMQ.Client;
using Warren.Interop.Tests.Raw;
using Warren.Interop.Tests.Running;

namespace Warren.Interop.Tests;

/// <summary>What is there after a clean restart and after kill -9, and how the broker stops.</summary>
public sealed class RestartTests : OwnBrokerTest
{
    public RestartTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Persistent_messages_in_durable_queues_survive(bool kill)
    {
        await StartAsync();
        IChannel channel = await OpenOwnAsync();
        await DeclareAsync(channel, "classic");
        await DeclareAsync(channel, "quorum", ("x-queue-type", "quorum"));
        for (int i = 0; i < 100; i++)
        {
            await PublishAsync(channel, "classic", $"{i}", new BasicProperties
            {
                Persistent = true,
                MessageId = $"m{i}",
                Headers = Arguments(("n", i)),
            });
            await PublishAsync(channel, "quorum", $"{i}", new BasicProperties { Persistent = true });
        }

        channel = await AgainAsync(kill);

        for (int i = 0; i < 100; i++)
        {
            Delivery got = await GetAsync(channel, "classic");
            Assert.Equal(($"{i}", $"m{i}", i), (got.Body, got.Properties.MessageId, got.Headers["n"]));
            Assert.Equal($"{i}", (await GetAsync(channel, "quorum")).Body);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Transient_messages_and_queues_are_gone(bool kill)
    {
        await StartAsync();
        IChannel channel = await OpenOwnAsync();
        await DeclareAsync(channel, "durable");
        await channel.QueueDeclareAsync("transient", durable: false, exclusive: false, autoDelete: false);
        await PublishAsync(channel, "durable", "transient message", new BasicProperties());
        await PublishAsync(channel, "durable", "persistent message", new BasicProperties { Persistent = true });

        channel = await AgainAsync(kill);

        Assert.Equal(["persistent message"], await DrainAsync(channel, "durable"));
        await RefusedAsync(404, "NOT_FOUND - no queue 'transient' in vhost '/'",
            () => channel.QueueDeclarePassiveAsync("transient"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Durable_exchanges_bindings_and_arguments_survive(bool kill)
    {
        await StartAsync();
        IChannel channel = await OpenOwnAsync();
        await channel.ExchangeDeclareAsync("inner", "headers", durable: true);
        await channel.ExchangeDeclareAsync(
            "outer", "topic", durable: true, autoDelete: false, Arguments(("alternate-exchange", "amq.fanout")));
        await channel.ExchangeDeclareAsync("fleeting", "topic", durable: false);
        await channel.ExchangeBindAsync("inner", "outer", "a.#");
        await DeclareAsync(channel, "q", ("x-max-length", 2), ("x-dead-letter-exchange", "outer"));
        await channel.QueueBindAsync("q", "inner", "", Arguments(("x-match", "all"), ("kind", "x")));
        await channel.QueueBindAsync("q", "amq.fanout", "");

        channel = await AgainAsync(kill);

        await DeclareAsync(channel, "q", ("x-max-length", 2), ("x-dead-letter-exchange", "outer"));
        await channel.ExchangeDeclareAsync(
            "outer", "topic", durable: true, autoDelete: false, Arguments(("alternate-exchange", "amq.fanout")));
        await channel.BasicPublishAsync("outer", "a.b", mandatory: false, new BasicProperties
        {
            Headers = Arguments(("kind", "x")),
        }, Text.Bytes("by headers"));
        await channel.BasicPublishAsync("outer", "b", Text.Bytes("by alternate"));
        Assert.Equal(["by headers", "by alternate"], await DrainAsync(channel, "q"));
        await RefusedAsync(404, "NOT_FOUND - no exchange 'fleeting' in vhost '/'",
            () => channel.ExchangeDeclarePassiveAsync("fleeting"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task History_that_a_durable_queue_received_survives_and_the_exchange_starts_anew(bool kill)
    {
        await StartAsync();
        IChannel channel = await OpenOwnAsync();
        await channel.ExchangeDeclareAsync("history", "x-recent-history", durable: true);
        await channel.ExchangeDeclareAsync("further", "fanout", durable: true);
        await DeclareAsync(channel, "direct");
        await DeclareAsync(channel, "indirect");
        await channel.QueueBindAsync("indirect", "further", "");
        await channel.BasicPublishAsync(
            "history", "", mandatory: false, new BasicProperties { Persistent = true }, Text.Bytes("persistent"));
        await channel.BasicPublishAsync("history", "", Text.Bytes("transient"));

        await channel.QueueBindAsync("direct", "history", "");
        await channel.ExchangeBindAsync("further", "history", "");
        channel = await AgainAsync(kill);

        Assert.Equal(["persistent"], await DrainAsync(channel, "direct"));
        Assert.Equal(["persistent"], await DrainAsync(channel, "indirect"));
        await channel.QueueBindAsync("direct", "history", "another");
        Assert.Empty(await DrainAsync(channel, "direct"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Acked_messages_stay_away_and_unacked_ones_come_again(bool kill)
    {
        await StartAsync();
        IChannel channel = await OpenOwnAsync();
        await DeclareAsync(channel, "q");
        for (int i = 0; i < 10; i++)
        {
            await PublishAsync(channel, "q", $"{i}", new BasicProperties { Persistent = true });
        }

        IChannel consuming = await OpenOwnAsync();
        Inbox inbox = await Inbox.OnAsync(consuming, "q");
        List<Delivery> got = await inbox.NextAsync(8);
        await consuming.BasicAckAsync(got[4].Tag, multiple: true);
        await consuming.BasicRejectAsync(got[6].Tag, requeue: false);

        // acks have no sync of their own: the next confirm covers those the broker has read
        await consuming.QueueDeclarePassiveAsync("q");
        await PublishAsync(channel, "q", "10", new BasicProperties { Persistent = true });
        channel = await AgainAsync(kill);

        List<Delivery> again = [];
        while (await TryGetAsync(channel, "q") is { } message)
        {
            again.Add(message);
        }

        Assert.Equal(["5", "7", "8", "9", "10"], again.Select(d => d.Body));
        Assert.True(again[0].Redelivered);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Deleted_and_purged_things_stay_gone(bool kill)
    {
        await StartAsync();
        IChannel channel = await OpenOwnAsync();
        await DeclareAsync(channel, "deleted");
        await DeclareAsync(channel, "purged");
        await channel.ExchangeDeclareAsync("x", "direct", durable: true);
        await channel.QueueBindAsync("purged", "x", "k");
        await PublishAsync(channel, "deleted", "1", new BasicProperties { Persistent = true });
        await PublishAsync(channel, "purged", "1", new BasicProperties { Persistent = true });
        await channel.QueueDeleteAsync("deleted");
        await channel.QueuePurgeAsync("purged");
        await channel.QueueUnbindAsync("purged", "x", "k");
        await PublishAsync(channel, "purged", "2", new BasicProperties { Persistent = true });

        channel = await AgainAsync(kill);

        await channel.BasicPublishAsync("x", "k", Text.Bytes("not routed"));
        Assert.Equal(["2"], await DrainAsync(channel, "purged"));
        await RefusedAsync(404, "NOT_FOUND - no queue 'deleted' in vhost '/'",
            () => channel.QueueDeclarePassiveAsync("deleted"));
    }

    [Fact]
    public async Task Expiry_and_delivery_count_go_on_after_a_kill()
    {
        await StartAsync();
        IChannel channel = await OpenOwnAsync();
        await DeclareAsync(channel, "ttl", ("x-message-ttl", 1500));
        await DeclareAsync(channel, "quorum", ("x-queue-type", "quorum"));
        await PublishAsync(channel, "quorum", "counted", new BasicProperties { Persistent = true });
        for (int i = 0; i < 3; i++)
        {
            Delivery got = await GetAsync(channel, "quorum", autoAck: false);
            await channel.BasicRejectAsync(got.Tag, requeue: true);
        }

        await PublishAsync(channel, "ttl", "short", new BasicProperties { Persistent = true });

        channel = await AgainAsync(kill: true);

        await ReadyAsync(channel, "ttl", 0);
        Delivery counted = await GetAsync(channel, "quorum");
        Assert.InRange(Convert.ToInt64(counted.Headers["x-delivery-count"]), 3, 4);
    }

    [Fact]
    public async Task Clean_stop_tells_clients_and_exits_with_zero()
    {
        await StartAsync();
        RawClient client = OpenOwnRaw();

        Task<int> stopped = Own.StopAsync();
        var close = RawClose.Of(client.Expect(0, 10, 50));
        client.Send(0, RawMethod.ConnectionCloseOk());

        Assert.Equal(
            new RawClose(
                320, "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'", 0, 0), close);
        Assert.Equal(0, await stopped);
    }

    [Fact]
    public async Task Start_prints_listener_directory_and_time()
    {
        await StartAsync();

        Assert.Contains(Own.Output, line => line.Contains($"{Own.Port}", StringComparison.Ordinal));
        Assert.Contains(Own.Output, line => line.Contains(Own.DataDirectory, StringComparison.Ordinal));
        Assert.Contains(Own.Output, line => line.Contains("ready in", StringComparison.Ordinal));
    }

    private static Task<QueueDeclareOk> DeclareAsync(IChannel channel, string queue, params (string, object?)[] arguments) =>
        channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, Arguments(arguments));

    private static ValueTask PublishAsync(IChannel channel, string queue, string body, BasicProperties properties) =>
        channel.BasicPublishAsync("", queue, mandatory: false, properties, Text.Bytes(body));

    private async Task<IChannel> AgainAsync(bool kill)
    {
        if (kill)
        {
            await Own.KillAsync();
        }
        else
        {
            Assert.Equal(0, await Own.StopAsync());
        }

        await Own.StartAgainAsync();
        return await OpenOwnAsync();
    }
}
