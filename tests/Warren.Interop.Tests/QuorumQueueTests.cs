using RabbitMQ.Client;
using Warren.Interop.Tests.Running;

namespace Warren.Interop.Tests;

/// <summary>Queues of type quorum: counted deliveries and what happens to poison messages.</summary>
public sealed class QuorumQueueTests : BrokerTest
{
    private IChannel _channel = null!;
    private string _dead = "";
    private string _queue = "";

    public QuorumQueueTests(SharedBroker broker)
        : base(broker)
    {
    }

    /// <inheritdoc/>
    public override async ValueTask InitializeAsync()
    {
        _channel = await OpenConfirmingAsync();
        _dead = await QueueAsync(_channel);
        _queue = Unique("quorum");
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _channel.QueueDeleteAsync(_queue);
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Redeliveries_are_counted_in_a_header()
    {
        await DeclareAsync();
        await _channel.BasicPublishAsync("", _queue, Text.Bytes("counted"));
        Inbox inbox = await Inbox.OnAsync(_channel, _queue);

        Delivery first = await inbox.NextAsync();
        Assert.False(first.Headers.TryGetValue("x-delivery-count", out _));
        Assert.False(first.Redelivered);
        for (long count = 1; count <= 3; count++)
        {
            await _channel.BasicNackAsync(first.Tag, multiple: false, requeue: true);
            first = await inbox.NextAsync();
            Assert.Equal(count, Convert.ToInt64(first.Headers["x-delivery-count"]));
            Assert.True(first.Redelivered);
        }

        await _channel.BasicAckAsync(first.Tag, multiple: false);
    }

    [Fact]
    public async Task Own_limit_ends_in_the_dead_letter_exchange()
    {
        await DeclareAsync(("x-delivery-limit", 2));

        int deliveries = await PoisonAsync();

        Assert.Equal(3, deliveries);
        Assert.Equal(
            new Death(1, "delivery_limit", _queue, "", _queue, null),
            Death.Newest(await GetAsync(_channel, _dead)) with { Time = default });
    }

    [Fact]
    public async Task Limit_is_twenty_unless_told()
    {
        Assert.SkipWhen(Broker.IsReference, "3.10.8 has no limit by default");
        await DeclareAsync();

        int deliveries = await PoisonAsync();

        Assert.Equal(21, deliveries);
        Assert.Equal("delivery_limit", Death.Newest(await GetAsync(_channel, _dead)).Reason);
    }

    [Fact]
    public async Task Consumers_that_die_count_too()
    {
        await DeclareAsync(("x-delivery-limit", 1));
        await _channel.BasicPublishAsync("", _queue, Text.Bytes("poison"));

        for (int i = 0; i < 2; i++)
        {
            IConnection connection = await ConnectAsync();
            Inbox inbox = await Inbox.OnAsync(await connection.CreateChannelAsync(), _queue);
            await inbox.NextAsync();
            await connection.AbortAsync();
        }

        Assert.Equal("poison", (await GetAsync(_channel, _dead)).Body);
    }

    [Fact]
    public async Task Quorum_queue_publishes_consumes_and_purges()
    {
        await DeclareAsync();
        foreach (string body in (string[])["1", "2", "3"])
        {
            await _channel.BasicPublishAsync("", _queue, Text.Bytes(body));
        }

        Assert.Equal("1", (await GetAsync(_channel, _queue)).Body);
        await ReadyAsync(_channel, _queue, 2);
        Assert.Equal(2u, await _channel.QueuePurgeAsync(_queue));
    }

    private Task<QueueDeclareOk> DeclareAsync(params (string, object?)[] more) =>
        _channel.QueueDeclareAsync(_queue, durable: true, exclusive: false, autoDelete: false, Arguments(
            [("x-queue-type", "quorum"), ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", _dead), .. more]));

    private async Task<int> PoisonAsync()
    {
        await _channel.BasicPublishAsync("", _queue, Text.Bytes("poison"));
        int deliveries = 0;
        while (await TryGetAsync(_channel, _queue, autoAck: false) is { } got)
        {
            deliveries++;
            await _channel.BasicRejectAsync(got.Tag, requeue: true);
            Assert.True(deliveries < 100, "the message came back 100 times");
        }

        return deliveries;
    }
}
