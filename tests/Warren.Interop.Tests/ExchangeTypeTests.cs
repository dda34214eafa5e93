using RabbitMQ.Client;
using Warren.Interop.Tests.Running;

namespace Warren.Interop.Tests;

/// <summary>The exchange types that RabbitMQ brings as plugins, and those its core got later.</summary>
public sealed class ExchangeTypeTests : BrokerTest
{
    private const int Messages = 600;

    public ExchangeTypeTests(SharedBroker broker)
        : base(broker)
    {
    }

    /// <inheritdoc/>
    public override ValueTask InitializeAsync()
    {
        Assert.SkipWhen(Broker.IsReference, "the reference broker runs without these plugins");
        return base.InitializeAsync();
    }

    [Theory]
    [InlineData("x-random", "key")]
    [InlineData("x-local-random", "")]
    public async Task Random_draws_one_queue_for_each_message(string type, string key)
    {
        IChannel channel = await OpenAsync();
        string exchange = await DeclareAsync(channel, type);
        string[] queues = [await BindAsync(channel, exchange, key), await BindAsync(channel, exchange, key)];

        int[] counts = await DistributeAsync(channel, exchange, queues, _ => "same key");

        Assert.Equal(Messages, counts.Sum());
        Assert.All(counts, count => Assert.InRange(count, Messages / 4, Messages * 3 / 4));
    }

    [Fact]
    public async Task Local_random_takes_classic_queues_with_an_empty_key_only()
    {
        const string Exchange = "amq.fanout";
        string exchange = Unique("x");
        IChannel channel = await OpenAsync();
        await channel.ExchangeDeclareAsync(exchange, "x-local-random", durable: false, autoDelete: false);
        string quorum = Unique("q");
        await channel.QueueDeclareAsync(
            quorum, durable: true, exclusive: false, autoDelete: false, Arguments(("x-queue-type", "quorum")));

        await BindRefusedAsync("Non empty binding 'k' key not permitted", other => BindAsync(other, exchange, "k"));
        await BindRefusedAsync("Destination not found", other => other.ExchangeBindAsync(Exchange, exchange, ""));
        await BindRefusedAsync(
            "Queue type rabbit_quorum_queue not valid for this exchange type",
            other => other.QueueBindAsync(quorum, exchange, ""));

        await channel.QueueDeleteAsync(quorum);
        await channel.ExchangeDeleteAsync(exchange);
    }

    [Fact]
    public async Task Modulus_hash_keeps_a_key_with_its_queue()
    {
        IChannel channel = await OpenAsync();
        string exchange = await DeclareAsync(channel, "x-modulus-hash");
        string[] queues =
        [
            await BindAsync(channel, exchange, "a"), await BindAsync(channel, exchange, "b"), await BindAsync(channel, exchange, "c"),
        ];

        int[] spread = await DistributeAsync(channel, exchange, queues, i => $"key {i}");
        int[] one = await DistributeAsync(channel, exchange, queues, _ => "same key");

        Assert.Equal(Messages, spread.Sum());
        Assert.All(spread, count => Assert.InRange(count, Messages / 5, Messages / 2));
        Assert.Equal([0, 0, Messages], one.Order());
    }

    [Fact]
    public async Task Consistent_hash_shares_keys_by_weight()
    {
        IChannel channel = await OpenAsync();
        string exchange = await DeclareAsync(channel, "x-consistent-hash");
        string[] queues = [await BindAsync(channel, exchange, "1"), await BindAsync(channel, exchange, "3")];

        int[] spread = await DistributeAsync(channel, exchange, queues, i => $"key {i}");
        int[] one = await DistributeAsync(channel, exchange, queues, _ => "same key");

        Assert.Equal(Messages, spread.Sum());
        Assert.InRange(spread[0], Messages / 4 * 0.7, Messages / 4 * 1.3);
        Assert.Equal([0, Messages], one.Order());
    }

    [Theory]
    [InlineData("hash-header", "customer")]
    [InlineData("hash-property", "correlation_id")]
    [InlineData("hash-property", "message_id")]
    [InlineData("hash-property", "timestamp")]
    public async Task Consistent_hash_can_use_a_header_or_a_property(string argument, string value)
    {
        IChannel channel = await OpenAsync();
        string exchange = await DeclareAsync(channel, "x-consistent-hash", Arguments((argument, value)));
        string[] queues = [await BindAsync(channel, exchange, "1"), await BindAsync(channel, exchange, "1")];

        int[] spread = await DistributeAsync(channel, exchange, queues, _ => "same key", i => WithAll(i));
        int[] one = await DistributeAsync(channel, exchange, queues, i => $"key {i}", _ => WithAll(1));
        int[] without = await DistributeAsync(channel, exchange, queues, i => $"key {i}");

        Assert.Equal(Messages, spread.Sum());
        Assert.All(spread, count => Assert.InRange(count, Messages / 4, Messages * 3 / 4));
        Assert.Equal([0, Messages], one.Order());
        Assert.Equal([0, Messages], without.Order());
    }

    [Fact]
    public async Task Consistent_hash_refuses_what_is_no_weight()
    {
        IChannel channel = await OpenAsync();
        string exchange = Unique("x");
        await channel.ExchangeDeclareAsync(exchange, "x-consistent-hash", durable: false, autoDelete: false);

        await BindRefusedAsync("The binding key must be an integer: <<\"abc\">>", other => BindAsync(other, exchange, "abc"));
        await BindRefusedAsync("The binding key must be greater than 0", other => BindAsync(other, exchange, "0"));
        await BindRefusedAsync("The binding key must not exceed 10000", other => BindAsync(other, exchange, "10001"));

        await channel.ExchangeDeleteAsync(exchange);
    }

    [Fact]
    public async Task Consistent_hash_refuses_arguments_that_do_not_fit()
    {
        await DeclareRefusedAsync(
            "x-consistent-hash",
            "hash-header and hash-property are mutually exclusive",
            ("hash-header", "h"),
            ("hash-property", "message_id"));
        await DeclareRefusedAsync("x-consistent-hash", "Unsupported property: app_id", ("hash-property", "app_id"));
    }

    [Fact]
    public async Task Recent_history_comes_to_a_new_binding_in_order_and_only_once()
    {
        IChannel channel = await OpenConfirmingAsync();
        string exchange = await DeclareAsync(channel, "x-recent-history", Arguments(("x-recent-history-length", 3)));
        string first = await BindAsync(channel, exchange, "");
        await PublishAsync(channel, exchange, "1", "2", "3", "4");

        string second = await BindAsync(channel, exchange, "a");
        await PublishAsync(channel, exchange, "5");
        await channel.QueueBindAsync(second, exchange, "a");

        Assert.Equal(["1", "2", "3", "4", "5"], await DrainAsync(channel, first));
        Assert.Equal(["2", "3", "4", "5"], await DrainAsync(channel, second));
        await channel.QueueBindAsync(second, exchange, "another");
        Assert.Equal(["3", "4", "5"], await DrainAsync(channel, second));
    }

    [Fact]
    public async Task Recent_history_keeps_twenty_messages_as_they_were_published()
    {
        IChannel channel = await OpenConfirmingAsync();
        string exchange = await DeclareAsync(channel, "x-recent-history");
        string[] bodies = [.. Enumerable.Range(0, 25).Select(i => $"{i}")];
        foreach (string body in bodies)
        {
            await channel.BasicPublishAsync(
                exchange, $"key {body}", false, new BasicProperties { Headers = Arguments(("h", body)) }, Text.Bytes(body));
        }

        string queue = await BindAsync(channel, exchange, "");

        BasicGetResult? got = await channel.BasicGetAsync(queue, autoAck: true);
        Assert.Equal((exchange, "key 5", "5"), (got!.Exchange, got.RoutingKey, Text.Of(got.BasicProperties.Headers!["h"])));
        Assert.Equal(bodies[6..], await DrainAsync(channel, queue));
    }

    [Fact]
    public async Task Recent_history_leaves_out_what_asks_for_it_and_what_was_rolled_back()
    {
        IChannel channel = await OpenAsync();
        string exchange = await DeclareAsync(channel, "x-recent-history");
        var noStore = new BasicProperties { Headers = Arguments(("x-recent-history-no-store", true)) };
        await channel.TxSelectAsync();
        await PublishAsync(channel, exchange, "rolled back");
        await channel.TxRollbackAsync();
        await channel.BasicPublishAsync(exchange, "", mandatory: false, noStore, Text.Bytes("not stored"));
        await PublishAsync(channel, exchange, "committed");
        await channel.TxCommitAsync();

        string queue = await BindAsync(channel, exchange, "");

        Assert.Equal(["committed"], await DrainAsync(channel, queue));
    }

    [Fact]
    public async Task Recent_history_goes_on_through_an_exchange()
    {
        IChannel channel = await OpenConfirmingAsync();
        string source = await DeclareAsync(channel, "x-recent-history");
        string destination = Unique("x");
        await channel.ExchangeDeclareAsync(destination, "direct", durable: false, autoDelete: true);
        string queue = await BindAsync(channel, destination, "k");
        await channel.BasicPublishAsync(source, "k", Text.Bytes("1"));
        await channel.BasicPublishAsync(source, "other", Text.Bytes("2"));
        await channel.BasicPublishAsync(source, "k", Text.Bytes("3"));

        await channel.ExchangeBindAsync(destination, source, "");

        Assert.Equal(["1", "3"], await DrainAsync(channel, queue));
    }

    [Fact]
    public async Task Recent_history_reaches_a_further_exchange_on_the_way_and_its_history()
    {
        IChannel channel = await OpenConfirmingAsync();
        string source = await DeclareAsync(channel, "x-recent-history");
        string middle = Unique("x");
        await channel.ExchangeDeclareAsync(middle, "x-recent-history", durable: false, autoDelete: true);
        await PublishAsync(channel, source, "1", "2");

        await channel.ExchangeBindAsync(middle, source, "");
        string queue = await BindAsync(channel, middle, "");

        Assert.Equal(["1", "2"], await DrainAsync(channel, queue));
    }

    [Fact]
    public async Task Recent_history_lives_in_a_queue_as_long_as_a_new_message()
    {
        IChannel channel = await OpenConfirmingAsync();
        string exchange = await DeclareAsync(channel, "x-recent-history");
        string anchor = await BindAsync(channel, exchange, "");
        var shortLived = new BasicProperties { Expiration = "1500" };
        await channel.BasicPublishAsync(exchange, "", mandatory: false, shortLived, Text.Bytes("short"));
        await ReadyAsync(channel, anchor, 0); // its first life is over

        string queue = await BindAsync(channel, exchange, "");

        Assert.Equal(1u, await channel.MessageCountAsync(queue));
        await ReadyAsync(channel, queue, 0);
    }

    [Fact]
    public async Task Recent_history_keeps_what_no_queue_took_and_returns_it()
    {
        IChannel channel = await OpenAsync();
        string exchange = await DeclareAsync(channel, "x-recent-history");
        TaskCompletionSource<string> returned = new(TaskCreationOptions.RunContinuationsAsynchronously);
        channel.BasicReturnAsync += (_, args) =>
        {
            returned.TrySetResult(args.ReplyText);
            return Task.CompletedTask;
        };

        await channel.BasicPublishAsync(exchange, "", mandatory: true, Text.Bytes("nobody is bound"));

        Assert.Equal("NO_ROUTE", await returned.Task.WaitAsync(Patience));
        Assert.Equal(["nobody is bound"], await DrainAsync(channel, await BindAsync(channel, exchange, "")));
    }

    [Fact]
    public async Task Recent_history_goes_with_its_exchange()
    {
        IChannel channel = await OpenConfirmingAsync();
        string exchange = Unique("x");
        await channel.ExchangeDeclareAsync(exchange, "x-recent-history", durable: false, autoDelete: false);
        await PublishAsync(channel, exchange, "kept");

        await channel.ExchangeDeleteAsync(exchange);
        await channel.ExchangeDeclareAsync(exchange, "x-recent-history", durable: false, autoDelete: true);

        Assert.Empty(await DrainAsync(channel, await BindAsync(channel, exchange, "")));
    }

    [Fact]
    public async Task Recent_history_refuses_a_length_that_is_no_positive_integer()
    {
        const string Rest = "'x-recent-history-length' must be a positive integer";
        await DeclareRefusedAsync("x-recent-history", $"Invalid argument 0, {Rest}", ("x-recent-history-length", 0));
        await DeclareRefusedAsync(
            "x-recent-history", $"Invalid argument <<\"20\">>, {Rest}", ("x-recent-history-length", "20"));
    }

    private static async Task<string> DeclareAsync(
        IChannel channel, string type, Dictionary<string, object?>? arguments = null)
    {
        string exchange = Unique("x");
        await channel.ExchangeDeclareAsync(exchange, type, durable: false, autoDelete: true, arguments);
        return exchange;
    }

    private static async Task<string> BindAsync(IChannel channel, string exchange, string key)
    {
        string queue = await QueueAsync(channel);
        await channel.QueueBindAsync(queue, exchange, key);
        return queue;
    }

    private static async Task PublishAsync(IChannel channel, string exchange, params string[] bodies)
    {
        foreach (string body in bodies)
        {
            await channel.BasicPublishAsync(exchange, "", Text.Bytes(body));
        }
    }

    private static BasicProperties WithAll(int number) => new()
    {
        CorrelationId = $"c{number}",
        MessageId = $"m{number}",
        Timestamp = new AmqpTimestamp(1_700_000_000 + number),
        Headers = Arguments(("customer", $"h{number}")),
    };

    // Publishes on the channel and counts, queue by queue, what arrived; the queues are empty again.
    private static async Task<int[]> DistributeAsync(
        IChannel channel,
        string exchange,
        string[] queues,
        Func<int, string> key,
        Func<int, BasicProperties>? properties = null)
    {
        for (int i = 0; i < Messages; i++)
        {
            BasicProperties sent = properties?.Invoke(i) ?? new BasicProperties();
            await channel.BasicPublishAsync(exchange, key(i), mandatory: false, sent, Text.Bytes("m"));
        }

        int[] counts = new int[queues.Length];
        for (int i = 0; i < queues.Length; i++)
        {
            counts[i] = (int)await channel.QueuePurgeAsync(queues[i]);
        }

        return counts;
    }

    private async Task BindRefusedAsync(string text, Func<IChannel, Task> bind)
    {
        IChannel channel = await OpenAsync();
        await RefusedAsync(406, $"PRECONDITION_FAILED - {text}", () => bind(channel));
    }

    private async Task DeclareRefusedAsync(string type, string text, params (string Key, object? Value)[] arguments)
    {
        IChannel channel = await OpenAsync();
        await RefusedAsync(
            406, $"PRECONDITION_FAILED - {text}", () => channel.ExchangeDeclareAsync(Unique("x"), type, false, false, Arguments(arguments)));
    }
}
