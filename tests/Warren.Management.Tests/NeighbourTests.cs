using System.Text.Json.Nodes;
using RabbitMQ.Client;
using Xunit;

namespace Warren.Management.Tests;

/// <summary>What went between two objects: the lists incoming, outgoing, publishes and deliveries.</summary>
public sealed class NeighbourTests : IAsyncLifetime
{
    private readonly ManagedBroker _broker = new();
    private IConnection _connection = null!;
    private IChannel _channel = null!;

    public async ValueTask InitializeAsync()
    {
        await _broker.InitializeAsync();
        var factory = new ConnectionFactory { HostName = "127.0.0.1", Port = _broker.AmqpPort };
        _connection = await factory.CreateConnectionAsync();
        _channel = await _connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await _channel.QueueDeclareAsync("q1", durable: true, exclusive: false, autoDelete: false);
        await _channel.QueueDeclareAsync("q2", durable: true, exclusive: false, autoDelete: false);
        await _channel.QueueBindAsync("q1", "amq.fanout", "");
        await _channel.QueueBindAsync("q2", "amq.fanout", "");
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task Publishes_are_told_by_exchange_queue_and_channel()
    {
        await PublishAsync("amq.fanout", "", 3);
        await PublishAsync("", "q1", 2);

        JsonNode queue = await _broker.GetAsync("/queues/%2F/q1");
        Assert.Equal([("", 2), ("amq.fanout", 3)], Pairs(queue["incoming"]!, "exchange", "publish"));
        JsonNode exchange = await _broker.GetAsync("/exchanges/%2F/amq.fanout");
        Assert.Equal([("q1", 3), ("q2", 3)], Pairs(exchange["outgoing"]!, "queue", "publish"));
        string channel = Assert.Single(Pairs(exchange["incoming"]!, "channel_details", "publish")).Name;
        JsonNode own = await _broker.GetAsync($"/channels/{Uri.EscapeDataString(channel)}");
        Assert.Equal([("", 2), ("amq.fanout", 3)], Pairs(own["publishes"]!, "exchange", "publish"));
    }

    [Fact]
    public async Task Deliveries_and_acknowledgements_are_told_by_queue_and_channel()
    {
        await PublishAsync("", "q1", 3);
        Assert.NotNull(await _channel.BasicGetAsync("q1", autoAck: true));
        BasicGetResult second = (await _channel.BasicGetAsync("q1", autoAck: false))!;
        await _channel.BasicAckAsync(second.DeliveryTag, multiple: false);
        Assert.Null(await _channel.BasicGetAsync("q2", autoAck: false));

        JsonNode queue = await _broker.GetAsync("/queues/%2F/q1");
        JsonNode delivery = Assert.Single(queue["deliveries"]!.AsArray())!;
        Assert.Equal(2, (int)delivery["stats"]!["deliver_get"]!);
        Assert.Equal(1, (int)delivery["stats"]!["get_no_ack"]!);
        Assert.Equal(1, (int)delivery["stats"]!["ack"]!);
        Assert.Equal("guest", (string?)delivery["channel_details"]!["user"]);
        JsonNode own = await _broker.GetAsync($"/channels/{Uri.EscapeDataString((string)delivery["channel_details"]!["name"]!)}");
        Assert.Equal([("q1", 2), ("q2", 0)], Pairs(own["deliveries"]!, "queue", "deliver_get"));
        Assert.Equal([("q1", 0), ("q2", 1)], Pairs(own["deliveries"]!, "queue", "get_empty"));
    }

    [Fact]
    public async Task Consumers_are_counted_with_their_queue()
    {
        await PublishAsync("", "q2", 4);
        var arrived = new TaskCompletionSource();
        var consumer = new RabbitMQ.Client.Events.AsyncEventingBasicConsumer(_channel);
        int count = 0;
        consumer.ReceivedAsync += (_, _) =>
        {
            if (++count == 4)
            {
                arrived.SetResult();
            }

            return Task.CompletedTask;
        };
        await _channel.BasicConsumeAsync("q2", autoAck: true, consumer);
        await arrived.Task;

        JsonNode queue = await _broker.GetAsync("/queues/%2F/q2");

        Assert.Equal(4, (int)Assert.Single(queue["deliveries"]!.AsArray())!["stats"]!["deliver_no_ack"]!);
        Assert.Single(queue["consumer_details"]!.AsArray());
    }

    [Fact]
    public async Task Rates_are_those_of_the_last_sample()
    {
        _broker.Broker.Statistics.Collect();
        await PublishAsync("amq.fanout", "", 50);
        _broker.Broker.Statistics.Collect();

        JsonNode queue = await _broker.GetAsync("/queues/%2F/q1?msg_rates_age=60&msg_rates_incr=5");

        JsonNode details = Assert.Single(queue["incoming"]!.AsArray())!["stats"]!["publish_details"]!;
        Assert.True((double)details["rate"]! > 0, details.ToJsonString());
        Assert.NotEmpty(details["samples"]!.AsArray());
    }

    [Fact]
    public async Task Unroutable_publishes_belong_to_their_exchange()
    {
        await PublishAsync("amq.direct", "nowhere", 2);

        JsonNode exchange = await _broker.GetAsync("/exchanges/%2F/amq.direct");

        Assert.Equal(2, (int)Assert.Single(exchange["incoming"]!.AsArray())!["stats"]!["drop_unroutable"]!);
        Assert.Empty(exchange["outgoing"]!.AsArray());
    }

    [Fact]
    public async Task Exchange_that_is_gone_is_not_shown()
    {
        await _channel.ExchangeDeclareAsync("short", "fanout");
        await _channel.QueueBindAsync("q1", "short", "");
        await PublishAsync("short", "", 1);
        await _channel.ExchangeDeleteAsync("short");

        Assert.Empty((await _broker.GetAsync("/queues/%2F/q1"))["incoming"]!.AsArray());
    }

    [Fact]
    public async Task Only_so_many_exchanges_are_told_apart()
    {
        for (int i = 0; i < 70; i++)
        {
            await _channel.ExchangeDeclareAsync($"x{i}", "fanout");
            await _channel.QueueBindAsync("q1", $"x{i}", "");
            await PublishAsync($"x{i}", "", 1);
        }

        JsonNode queue = await _broker.GetAsync("/queues/%2F/q1");

        Assert.Equal(64, queue["incoming"]!.AsArray().Count);
        Assert.Equal(70, (int)queue["message_stats"]!["publish"]!);
    }

    private async Task PublishAsync(string exchange, string key, int count)
    {
        for (int i = 0; i < count; i++)
        {
            await _channel.BasicPublishAsync(exchange, key, new byte[] { 1 });
        }
    }

    private static (string Name, int Count)[] Pairs(JsonNode list, string other, string counter) =>
    [
        .. list.AsArray().Select(p => ((string)p![other]!["name"]!, (int)p["stats"]![counter]!)).OrderBy(static p => p.Item1, StringComparer.Ordinal),
    ];
}
