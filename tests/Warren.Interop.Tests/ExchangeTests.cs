using RabbitMQ.Client;
using Warren.Interop.Tests.Raw;
using Warren.Interop.Tests.Running;
using static Warren.Interop.Tests.Raw.RawMethod;

namespace Warren.Interop.Tests;

/// <summary>Declaring, deleting and binding exchanges, and where they send what is published.</summary>
public sealed class ExchangeTests : BrokerTest
{
    public ExchangeTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Theory]
    [InlineData("amq.direct", "direct")]
    [InlineData("amq.fanout", "fanout")]
    [InlineData("amq.topic", "topic")]
    [InlineData("amq.headers", "headers")]
    [InlineData("amq.match", "headers")]
    public async Task Predeclared_exchange_is_there(string exchange, string type)
    {
        IChannel channel = await OpenAsync();

        await channel.ExchangeDeclarePassiveAsync(exchange);
        await channel.ExchangeDeclareAsync(exchange, type, durable: true);
    }

    [Fact]
    public async Task Every_queue_is_bound_to_the_default_exchange_by_its_name()
    {
        IChannel channel = await OpenAsync();
        string queue = await QueueAsync(channel);

        await channel.BasicPublishAsync("", queue, Text.Bytes("hello"));

        Delivery got = await GetAsync(channel, queue);
        Assert.Equal(("hello", "", queue), (got.Body, got.Exchange, got.RoutingKey));
    }

    [Fact]
    public async Task Equal_redeclare_is_fine()
    {
        IChannel channel = await OpenAsync();
        string exchange = Unique("x");
        Dictionary<string, object?> arguments = Arguments(("alternate-exchange", "amq.fanout"), ("other", 1));

        await channel.ExchangeDeclareAsync(exchange, "topic", durable: true, autoDelete: true, arguments);
        await channel.ExchangeDeclareAsync(exchange, "topic", durable: true, autoDelete: true, arguments);

        await channel.ExchangeDeleteAsync(exchange);
        await RefusedAsync(404, $"NOT_FOUND - no exchange '{exchange}' in vhost '/'",
            () => channel.ExchangeDeclarePassiveAsync(exchange));
    }

    [Fact]
    public void No_wait_commands_are_done_and_not_answered()
    {
        string exchange = Unique("x");
        RawClient client = OpenRaw();

        client.Send(1, ExchangeDeclare(exchange, noWait: true));
        client.Call(1, ExchangeDeclare(exchange, passive: true), 11);
        client.Send(1, ExchangeBind(exchange, "amq.direct", "k", noWait: true));
        client.Send(1, ExchangeUnbind(exchange, "amq.direct", "k", noWait: true));
        client.Send(1, ExchangeDelete(exchange, noWait: true));
        client.Send(1, ExchangeDeclare(exchange, passive: true));

        Assert.Equal(404, client.ExpectChannelClose(1).Code);
    }

    [Fact]
    public async Task Direct_routes_by_the_whole_key()
    {
        IChannel channel = await OpenAsync();
        string exchange = await DeclareAsync(channel, "direct");
        string info = await BindAsync(channel, exchange, "info");
        string error = await BindAsync(channel, exchange, "error");
        await channel.QueueBindAsync(info, exchange, "error");

        await channel.BasicPublishAsync(exchange, "info", Text.Bytes("1"));
        await channel.BasicPublishAsync(exchange, "error", Text.Bytes("2"));
        await channel.BasicPublishAsync(exchange, "warning", Text.Bytes("3"));

        Assert.Equal(["1", "2"], await DrainAsync(channel, info));
        Assert.Equal(["2"], await DrainAsync(channel, error));
    }

    [Fact]
    public async Task Fanout_ignores_the_key()
    {
        IChannel channel = await OpenAsync();
        string exchange = await DeclareAsync(channel, "fanout");
        string first = await BindAsync(channel, exchange, "a");
        string second = await BindAsync(channel, exchange, "");

        await channel.BasicPublishAsync(exchange, "whatever", Text.Bytes("news"));

        Assert.Equal(["news"], await DrainAsync(channel, first));
        Assert.Equal(["news"], await DrainAsync(channel, second));
    }

    [Theory]
    [InlineData("user.*.notification", "user.email.notification", true)]
    [InlineData("user.*.notification", "user.notification", false)]
    [InlineData("user.*.notification", "user.a.b.notification", false)]
    [InlineData("log.#", "log", true)]
    [InlineData("log.#", "log.error", true)]
    [InlineData("log.#", "log.error.db", true)]
    [InlineData("log.#", "logs", false)]
    [InlineData("#.error", "error", true)]
    [InlineData("#.error", "app.error", true)]
    [InlineData("#.error", "app.db.error", true)]
    [InlineData("#.error", "app.error.db", false)]
    [InlineData("*.*.critical", "app.db.critical", true)]
    [InlineData("*.*.critical", "db.critical", false)]
    [InlineData("user.#.email", "user.email", true)]
    [InlineData("user.#.email", "user.a.b.email", true)]
    [InlineData("user.#.email", "user.sms", false)]
    [InlineData("user.*.#", "user", false)]
    [InlineData("user.*.#", "user.a", true)]
    [InlineData("user.*.#", "user.a.b.c", true)]
    [InlineData("#", "", true)]
    [InlineData("#", "a.b", true)]
    [InlineData("*", "", false)]
    [InlineData("*", "a", true)]
    [InlineData("*", "a.b", false)]
    [InlineData("#.#", "", true)]
    [InlineData("a..b", "a..b", true)]
    [InlineData("a.*.b", "a..b", true)]
    [InlineData("a.*", "a.", true)]
    [InlineData("ab*", "abc", false)]
    public async Task Topic_matches_by_words(string pattern, string key, bool expected)
    {
        IChannel channel = await OpenAsync();
        string exchange = await DeclareAsync(channel, "topic");
        string queue = await BindAsync(channel, exchange, pattern);

        await channel.BasicPublishAsync(exchange, key, Text.Bytes(key));

        Assert.Equal(expected ? [key] : [], await DrainAsync(channel, queue));
    }

    [Theory]
    [InlineData("all", "pdf", "high", "large", true)]
    [InlineData("all", "pdf", "high", null, false)]
    [InlineData("all", "pdf", "low", "large", false)]
    [InlineData("any", "pdf", "low", null, true)]
    [InlineData("any", "doc", "low", "small", false)]
    [InlineData(null, "pdf", "high", "large", true)]
    [InlineData(null, "pdf", "high", null, false)]
    public async Task Headers_match_all_or_any(
        string? match, string? format, string? priority, string? size, bool expected)
    {
        IChannel channel = await OpenAsync();
        string exchange = await DeclareAsync(channel, "headers");
        string queue = await QueueAsync(channel);
        Dictionary<string, object?> binding =
            Arguments(("format", "pdf"), ("priority", "high"), ("size", "large"));
        if (match is not null)
        {
            binding.Add("x-match", match);
        }

        await channel.QueueBindAsync(queue, exchange, "", binding);
        var headers = new[]
            {
                ("format", format), ("priority", priority), ("size", size), ("unrelated", "yes"),
            }
            .Where(pair => pair.Item2 is not null)
            .ToDictionary(pair => pair.Item1, pair => (object?)pair.Item2, StringComparer.Ordinal);
        await channel.BasicPublishAsync(
            exchange, "", mandatory: false, new BasicProperties { Headers = headers }, Text.Bytes("doc"));

        Assert.Equal(expected ? ["doc"] : [], await DrainAsync(channel, queue));
    }

    [Theory]
    [InlineData("all", false)]
    [InlineData("all-with-x", true)]
    [InlineData("any", false)]
    [InlineData("any-with-x", true)]
    public async Task Headers_starting_with_x_count_only_when_asked(string match, bool counts)
    {
        IChannel channel = await OpenAsync();
        string exchange = await DeclareAsync(channel, "headers");
        string queue = await QueueAsync(channel);
        await channel.QueueBindAsync(queue, exchange, "", Arguments(("x-match", match), ("x-kind", "a")));

        await PublishWithHeaderAsync(channel, exchange, "x-kind", "a");
        await PublishWithHeaderAsync(channel, exchange, "x-kind", "b");

        string[] expected = counts ? ["a"] : match.StartsWith("all", StringComparison.Ordinal) ? ["a", "b"] : [];
        Assert.Equal(expected, await DrainAsync(channel, queue));
    }

    [Fact]
    public async Task Header_without_value_matches_presence()
    {
        IChannel channel = await OpenAsync();
        string exchange = await DeclareAsync(channel, "headers");
        string queue = await QueueAsync(channel);
        await channel.QueueBindAsync(queue, exchange, "", Arguments(("x-match", "all"), ("here", null)));

        await PublishWithHeaderAsync(channel, exchange, "here", "a");
        await PublishWithHeaderAsync(channel, exchange, "there", "b");

        Assert.Equal(["a"], await DrainAsync(channel, queue));
    }

    [Fact]
    public async Task Binding_twice_is_binding_once()
    {
        IChannel channel = await OpenAsync();
        string exchange = await DeclareAsync(channel, "topic");
        string queue = await BindAsync(channel, exchange, "a.b");
        await channel.QueueBindAsync(queue, exchange, "a.b");
        await channel.QueueBindAsync(queue, exchange, "a.*");
        await channel.QueueBindAsync(queue, exchange, "#");

        await channel.BasicPublishAsync(exchange, "a.b", Text.Bytes("once"));

        Assert.Equal(["once"], await DrainAsync(channel, queue));
    }

    [Fact]
    public async Task Unbound_queue_gets_no_more()
    {
        IChannel channel = await OpenAsync();
        string exchange = await DeclareAsync(channel, "direct");
        string queue = await BindAsync(channel, exchange, "k");
        await channel.BasicPublishAsync(exchange, "k", Text.Bytes("before"));

        await channel.QueueUnbindAsync(queue, exchange, "k");
        await channel.BasicPublishAsync(exchange, "k", Text.Bytes("after"));

        Assert.Equal(["before"], await DrainAsync(channel, queue));
    }

    [Fact]
    public async Task Auto_delete_exchange_goes_with_its_last_binding()
    {
        IChannel channel = await OpenAsync();
        string exchange = Unique("x");
        await channel.ExchangeDeclareAsync(exchange, "direct", durable: false, autoDelete: true);
        string first = await BindAsync(channel, exchange, "a");
        string second = await BindAsync(channel, exchange, "b");

        await channel.QueueUnbindAsync(first, exchange, "a");
        await channel.ExchangeDeclarePassiveAsync(exchange);
        await channel.QueueDeleteAsync(second);

        await RefusedAsync(404, $"NOT_FOUND - no exchange '{exchange}' in vhost '/'",
            () => channel.ExchangeDeclarePassiveAsync(exchange));
    }

    [Fact]
    public async Task Deleted_exchange_takes_its_bindings_along()
    {
        IChannel channel = await OpenAsync();
        string exchange = await DeclareAsync(channel, "direct");
        string queue = await BindAsync(channel, exchange, "k");

        await channel.ExchangeDeleteAsync(exchange);
        await channel.ExchangeDeclareAsync(exchange, "direct", durable: false, autoDelete: false);
        await channel.BasicPublishAsync(exchange, "k", Text.Bytes("lost"));

        Assert.Empty(await DrainAsync(channel, queue));
        await channel.ExchangeDeleteAsync(exchange);
    }

    [Fact]
    public async Task Exchanges_route_to_exchanges()
    {
        IChannel channel = await OpenAsync();
        string source = await DeclareAsync(channel, "topic");
        string destination = Unique("x");
        await channel.ExchangeDeclareAsync(destination, "fanout", durable: false, autoDelete: true, passive: false);
        string queue = await BindAsync(channel, destination, "");

        await channel.ExchangeBindAsync(destination, source, "a.#");
        await channel.BasicPublishAsync(source, "a.b", Text.Bytes("1"));
        await channel.BasicPublishAsync(source, "b", Text.Bytes("2"));
        await channel.ExchangeUnbindAsync(destination, source, "a.#");
        await channel.BasicPublishAsync(source, "a.b", Text.Bytes("3"));

        Assert.Equal(["1"], await DrainAsync(channel, queue));
    }

    [Fact]
    public void Internal_exchange_is_fed_by_exchanges_only()
    {
        string source = Unique("x");
        string inner = Unique("x");
        RawClient client = OpenRaw();
        client.Call(1, ExchangeDeclare(source, "fanout", autoDelete: true), 11);
        client.Call(1, ExchangeDeclare(inner, "fanout", autoDelete: true, isInternal: true), 11);
        client.Call(1, QueueDeclare(inner, exclusive: true), 11);
        client.Call(1, QueueBind(inner, inner), 21);
        client.Call(1, ExchangeBind(inner, source), 31);

        client.Publish(1, source, "k", "in"u8);

        client.Call(1, BasicGet(inner, noAck: true), 71);
        Assert.Equal("in"u8.ToArray(), client.ReadContent(1).Body);
        client.Publish(1, inner, "k", "refused"u8);
        Assert.Equal(403, client.ExpectChannelClose(1).Code);
    }

    [Fact]
    public async Task Cycle_of_exchanges_delivers_once()
    {
        IChannel channel = await OpenAsync();
        string a = await DeclareAsync(channel, "fanout");
        string b = await DeclareAsync(channel, "fanout");
        string c = await DeclareAsync(channel, "fanout");
        await channel.ExchangeBindAsync(b, a, "");
        await channel.ExchangeBindAsync(c, b, "");
        await channel.ExchangeBindAsync(a, c, "");
        await channel.ExchangeBindAsync(a, a, "");
        string queue = await BindAsync(channel, c, "");
        await channel.QueueBindAsync(queue, a, "");

        await channel.BasicPublishAsync(b, "k", Text.Bytes("round"));

        Assert.Equal(["round"], await DrainAsync(channel, queue));
    }

    [Fact]
    public async Task Alternate_exchange_takes_what_is_not_routed()
    {
        IChannel channel = await OpenConfirmingAsync();
        string alternate = await DeclareAsync(channel, "fanout");
        string unrouted = await BindAsync(channel, alternate, "");
        string exchange = await DeclareAsync(channel, "direct", Arguments(("alternate-exchange", alternate)));
        string routed = await BindAsync(channel, exchange, "k");

        await channel.BasicPublishAsync(exchange, "k", Text.Bytes("1"));
        await channel.BasicPublishAsync(exchange, "other", mandatory: true, new BasicProperties(), Text.Bytes("2"));

        Assert.Equal(["1"], await DrainAsync(channel, routed));
        Delivery second = await GetAsync(channel, unrouted);
        Assert.Equal(("2", exchange, "other"), (second.Body, second.Exchange, second.RoutingKey));
    }

    [Fact]
    public async Task One_cc_key_that_routes_spares_the_alternate_exchange()
    {
        IChannel channel = await OpenConfirmingAsync();
        string alternate = await DeclareAsync(channel, "fanout");
        string unrouted = await BindAsync(channel, alternate, "");
        string exchange = await DeclareAsync(channel, "direct", Arguments(("alternate-exchange", alternate)));
        string routed = await BindAsync(channel, exchange, "k");

        await channel.BasicPublishAsync(exchange, "other", mandatory: false, new BasicProperties
        {
            Headers = Arguments(("CC", new List<object?> { "nobody's", "k" })),
        }, Text.Bytes("1"));

        Assert.Equal(["1"], await DrainAsync(channel, routed));
        Assert.Empty(await DrainAsync(channel, unrouted));
    }

    [Fact]
    public async Task Cycle_of_alternate_exchanges_ends()
    {
        IChannel channel = await OpenConfirmingAsync();
        string a = Unique("x");
        string b = Unique("x");
        await channel.ExchangeDeclareAsync(a, "direct", false, false, Arguments(("alternate-exchange", b)));
        await channel.ExchangeDeclareAsync(b, "direct", false, false, Arguments(("alternate-exchange", a)));

        await channel.BasicPublishAsync(a, "nowhere", Text.Bytes("dropped"));

        await OthersGoOnAsync();
        await channel.ExchangeDeleteAsync(a);
        await channel.ExchangeDeleteAsync(b);
    }

    [Fact]
    public async Task Missing_alternate_exchange_is_ignored()
    {
        IChannel channel = await OpenConfirmingAsync();
        string exchange = await DeclareAsync(channel, "direct", Arguments(("alternate-exchange", Unique("none"))));

        await channel.BasicPublishAsync(exchange, "nowhere", Text.Bytes("dropped"));

        await channel.ExchangeDeclarePassiveAsync(exchange);
    }

    [Fact]
    public async Task Delete_if_unused_removes_an_unused_exchange()
    {
        IChannel channel = await OpenAsync();
        string exchange = await DeclareAsync(channel, "direct");

        await channel.ExchangeDeleteAsync(exchange, ifUnused: true);

        await RefusedAsync(404, $"NOT_FOUND - no exchange '{exchange}' in vhost '/'",
            () => channel.ExchangeDeclarePassiveAsync(exchange));
    }

    private static async Task<string> DeclareAsync(
        IChannel channel, string type, IDictionary<string, object?>? arguments = null)
    {
        string exchange = Unique("x");
        await channel.ExchangeDeclareAsync(exchange, type, durable: false, autoDelete: false, arguments);
        return exchange;
    }

    private static async Task<string> BindAsync(IChannel channel, string exchange, string key)
    {
        string queue = await QueueAsync(channel);
        await channel.QueueBindAsync(queue, exchange, key);
        return queue;
    }

    private static async Task PublishWithHeaderAsync(IChannel channel, string exchange, string key, string value) =>
        await channel.BasicPublishAsync(
            exchange, "", mandatory: false, new BasicProperties { Headers = Arguments((key, value)) },
            Text.Bytes(value));
}
