using RabbitMQ.Client;
using Warren.Interop.Tests.Running;

namespace Warren.Interop.Tests;

/// <summary>Dead letter exchanges: what goes there, what x-death says, and cycles.</summary>
public sealed class DeadLetterTests : BrokerTest
{
    private IChannel _channel = null!;
    private string _dead = "";

    public DeadLetterTests(SharedBroker broker)
        : base(broker)
    {
    }

    /// <inheritdoc/>
    public override async ValueTask InitializeAsync()
    {
        _channel = await OpenConfirmingAsync();
        _dead = await QueueAsync(_channel);
    }

    [Fact]
    public async Task Rejected_message_tells_its_story()
    {
        string queue = await QueueWithDlxAsync();
        string exchange = Unique("x");
        await _channel.ExchangeDeclareAsync(exchange, "topic", durable: false, autoDelete: true);
        await _channel.QueueBindAsync(queue, exchange, "a.#");
        await _channel.BasicPublishAsync(
            exchange, "a.b", mandatory: false, new BasicProperties { Headers = Arguments(("mine", "kept")) },
            Text.Bytes("body"));
        Delivery got = await GetAsync(_channel, queue, autoAck: false);

        await _channel.BasicRejectAsync(got.Tag, requeue: false);

        Delivery dead = await GetAsync(_channel, _dead);
        Assert.Equal(("body", "", _dead, false), (dead.Body, dead.Exchange, dead.RoutingKey, dead.Redelivered));
        Death death = Assert.Single(Death.Of(dead));
        Assert.Equal(new Death(1, "rejected", queue, exchange, "a.b", null), death with { Time = default });
        Assert.InRange(
            death.Time.UnixTime, DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60,
            DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 60);
        Assert.Equal("kept", Text.Of(dead.Headers["mine"]));
        Assert.Equal(exchange, Text.Of(dead.Headers["x-first-death-exchange"]));
        Assert.Equal(queue, Text.Of(dead.Headers["x-first-death-queue"]));
        Assert.Equal("rejected", Text.Of(dead.Headers["x-first-death-reason"]));
        if (!Broker.IsReference)
        {
            Assert.Equal(exchange, Text.Of(dead.Headers["x-last-death-exchange"]));
            Assert.Equal(queue, Text.Of(dead.Headers["x-last-death-queue"]));
            Assert.Equal("rejected", Text.Of(dead.Headers["x-last-death-reason"]));
        }
    }

    [Fact]
    public async Task Expired_message_keeps_its_expiration_in_the_story_only()
    {
        string queue = await QueueWithDlxAsync();

        await _channel.BasicPublishAsync(
            "", queue, mandatory: false, new BasicProperties { Expiration = "50" }, Text.Bytes("late"));

        Delivery dead = await GetAsync(_channel, _dead);
        Assert.Null(dead.Properties.Expiration);
        Assert.Equal(new Death(1, "expired", queue, "", queue, "50"), Death.Newest(dead) with { Time = default });
    }

    [Fact]
    public async Task Message_past_the_queue_ttl_is_dead_lettered()
    {
        string queue = await QueueWithDlxAsync(("x-message-ttl", 50));

        await _channel.BasicPublishAsync("", queue, Text.Bytes("late"));

        Delivery dead = await GetAsync(_channel, _dead);
        Assert.Equal(new Death(1, "expired", queue, "", queue, null), Death.Newest(dead) with { Time = default });
    }

    [Fact]
    public async Task Dropped_head_is_dead_lettered()
    {
        string queue = await QueueWithDlxAsync(("x-max-length", 1));

        await _channel.BasicPublishAsync("", queue, Text.Bytes("1"));
        await _channel.BasicPublishAsync("", queue, Text.Bytes("2"));

        Delivery dead = await GetAsync(_channel, _dead);
        Assert.Equal("1", dead.Body);
        Assert.Equal(new Death(1, "maxlen", queue, "", queue, null), Death.Newest(dead) with { Time = default });
    }

    [Fact]
    public async Task Nack_multiple_dead_letters_in_order()
    {
        string queue = await QueueWithDlxAsync();
        foreach (string body in (string[])["1", "2", "3"])
        {
            await _channel.BasicPublishAsync("", queue, Text.Bytes(body));
        }

        Inbox inbox = await Inbox.OnAsync(_channel, queue);
        List<Delivery> got = await inbox.NextAsync(3);
        await _channel.BasicNackAsync(got[2].Tag, multiple: true, requeue: false);

        await ReadyAsync(_channel, _dead, 3);
        Assert.Equal(["1", "2", "3"], await DrainAsync(_channel, _dead));
    }

    [Fact]
    public async Task Without_a_routing_key_the_message_keeps_its_own()
    {
        string exchange = Unique("x");
        await _channel.ExchangeDeclareAsync(exchange, "direct", durable: false, autoDelete: true);
        string queue = await QueueAsync(_channel, ("x-dead-letter-exchange", exchange));
        await _channel.QueueBindAsync(_dead, exchange, queue);
        await _channel.BasicPublishAsync("", queue, Text.Bytes("own key"));

        await RejectAsync(queue);

        Delivery dead = await GetAsync(_channel, _dead);
        Assert.Equal((exchange, queue), (dead.Exchange, dead.RoutingKey));
    }

    [Fact]
    public async Task Story_lists_cc_keys_and_new_key_replaces_cc()
    {
        string queue = await QueueWithDlxAsync();
        string other = await QueueAsync(_channel);
        await _channel.BasicPublishAsync(
            "", queue, mandatory: false,
            new BasicProperties { Headers = Arguments(("CC", new List<object?> { other })) }, Text.Bytes("x"));

        await RejectAsync(queue);

        Delivery dead = await GetAsync(_channel, _dead);
        Assert.Equal($"{queue},{other}", Death.Newest(dead).RoutingKeys);
        Assert.False(dead.Headers.ContainsKey("CC"));
        Assert.Single(await DrainAsync(_channel, other));
    }

    [Fact]
    public async Task Rejected_again_counts_up()
    {
        string queue = await QueueWithDlxAsync();
        await _channel.BasicPublishAsync("", queue, Text.Bytes("again"));
        await RejectAsync(queue);
        Delivery once = await GetAsync(_channel, _dead);

        await _channel.BasicPublishAsync(
            "", queue, mandatory: false, new BasicProperties(once.Properties), once.Bytes);
        await RejectAsync(queue);

        Death death = Assert.Single(Death.Of(await GetAsync(_channel, _dead)));
        Assert.Equal((2, "rejected", queue), (death.Count, death.Reason, death.Queue));
    }

    [Fact]
    public async Task Newest_death_stands_first()
    {
        string last = await QueueWithDlxAsync();
        string first = await QueueAsync(
            _channel, ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", last), ("x-message-ttl", 20));
        await _channel.BasicPublishAsync("", first, Text.Bytes("travels"));

        await RejectAsync(last);

        Delivery dead = await GetAsync(_channel, _dead);
        List<Death> deaths = Death.Of(dead);
        Assert.Equal(
            [("rejected", last), ("expired", first)], deaths.Select(d => (d.Reason, d.Queue)));
        Assert.Equal(first, Text.Of(dead.Headers["x-first-death-queue"]));
        Assert.Equal("expired", Text.Of(dead.Headers["x-first-death-reason"]));
    }

    [Fact]
    public async Task Cycle_without_a_reject_drops_the_message()
    {
        string queue = await QueueAsync(_channel, ("x-dead-letter-exchange", ""), ("x-message-ttl", 20));

        await _channel.BasicPublishAsync("", queue, Text.Bytes("round"));

        await ReadyAsync(_channel, queue, 0);
        await Task.Delay(200);
        Assert.Equal(0u, await _channel.MessageCountAsync(queue));
        await OthersGoOnAsync();
    }

    [Fact]
    public async Task Cycle_of_two_queues_drops_the_message()
    {
        string first = Unique("q");
        string second = await QueueAsync(
            _channel, ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", first), ("x-max-length", 0));
        await _channel.QueueDeclareAsync(first, false, true, false, Arguments(
            ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", second), ("x-max-length", 0)));

        await _channel.BasicPublishAsync("", first, Text.Bytes("round"));

        await OthersGoOnAsync();
        Assert.Equal(0u, await _channel.MessageCountAsync(first));
        Assert.Equal(0u, await _channel.MessageCountAsync(second));
    }

    [Fact]
    public async Task Cycle_with_a_reject_goes_on()
    {
        string queue = await QueueAsync(_channel, ("x-dead-letter-exchange", ""));
        await _channel.BasicPublishAsync("", queue, Text.Bytes("again"));

        for (int i = 0; i < 5; i++)
        {
            await RejectAsync(queue);
        }

        Delivery got = await GetAsync(_channel, queue);
        Assert.Equal(5, Death.Newest(got).Count);
    }

    [Fact]
    public async Task Missing_dead_letter_exchange_drops_the_message()
    {
        string queue = await QueueAsync(_channel, ("x-dead-letter-exchange", Unique("none")));
        await _channel.BasicPublishAsync("", queue, Text.Bytes("gone"));

        await RejectAsync(queue);

        Assert.Empty(await DrainAsync(_channel, queue));
    }

    [Fact]
    public async Task Deleting_and_purging_dead_letters_nothing()
    {
        string queue = await QueueWithDlxAsync();
        await _channel.BasicPublishAsync("", queue, Text.Bytes("1"));
        await _channel.QueuePurgeAsync(queue);
        await _channel.BasicPublishAsync("", queue, Text.Bytes("2"));
        await _channel.QueueDeleteAsync(queue);

        await Task.Delay(100);
        Assert.Empty(await DrainAsync(_channel, _dead));
    }

    private Task<string> QueueWithDlxAsync(params (string, object?)[] more) =>
        QueueAsync(_channel, [("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", _dead), .. more]);

    private async Task RejectAsync(string queue)
    {
        Delivery got = await GetAsync(_channel, queue, autoAck: false);
        await _channel.BasicRejectAsync(got.Tag, requeue: false);
    }
}
