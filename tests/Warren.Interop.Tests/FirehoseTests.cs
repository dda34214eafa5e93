using RabbitMQ.Client;
using Warren.Interop.Tests.Running;

namespace Warren.Interop.Tests;

/// <summary>Copies of what goes through a traced virtual host, in <c>amq.rabbitmq.trace</c>.</summary>
public sealed class FirehoseTests : OwnBrokerTest
{
    private const string Trace = "amq.rabbitmq.trace";

    public FirehoseTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Fact]
    public async Task A_publish_and_its_delivery_are_copied_with_what_was_routed_where()
    {
        await StartAsync("management.tcp.port=0", "management.tcp.ip=127.0.0.1");
        await CtlProgram.RunAsync(Own, "trace_on");
        Inbox traces = await ListenAsync();
        IChannel channel = await OpenOwnAsync();
        await channel.QueueDeclareAsync("q1", durable: false, exclusive: false, autoDelete: false);
        await channel.QueueBindAsync("q1", "amq.direct", "k");

        await channel.BasicPublishAsync(
            "amq.direct",
            "k",
            mandatory: false,
            new BasicProperties
            {
                ContentType = "text/x",
                DeliveryMode = DeliveryModes.Persistent,
                Headers = Arguments(("h", 1), ("CC", new List<object?> { "k2" })),
            },
            Text.Bytes("hello"));
        await GetAsync(channel, "q1");

        Delivery published = await traces.NextAsync();
        Assert.Equal(("publish.amq.direct", "hello"), (published.RoutingKey, published.Body));
        Assert.Equal("amq.direct", Text.Of(published.Headers["exchange_name"]));
        Assert.Equal(["k", "k2"], Texts(published.Headers["routing_keys"]));
        Assert.Equal(["q1"], Texts(published.Headers["routed_queues"]));
        Assert.Equal(("/", "guest", 1), (Text.Of(published.Headers["vhost"]), Text.Of(published.Headers["user"]), published.Headers["channel"]));
        Assert.Contains(" -> ", Text.Of(published.Headers["connection"]), StringComparison.Ordinal);
        Assert.NotEmpty(Text.Of(published.Headers["node"]));
        Dictionary<string, object?> properties = Assert.IsType<Dictionary<string, object?>>(published.Headers["properties"]);
        Assert.Equal("text/x", Text.Of(properties["content_type"]));
        Assert.Equal(2, properties["delivery_mode"]);
        Assert.Equal(1, Assert.IsType<Dictionary<string, object?>>(properties["headers"])["h"]);

        Delivery delivered = await traces.NextAsync();
        Assert.Equal(("deliver.q1", "hello"), (delivered.RoutingKey, delivered.Body));
        Assert.Equal(0, delivered.Headers["redelivered"]);
        Assert.False(delivered.Headers.ContainsKey("routed_queues"));
    }

    [Fact]
    public async Task What_a_consumer_gets_and_what_nobody_gets_is_copied_too()
    {
        await StartAsync("management.tcp.port=0", "management.tcp.ip=127.0.0.1");
        await CtlProgram.RunAsync(Own, "trace_on");
        Inbox traces = await ListenAsync();
        IChannel channel = await OpenOwnAsync();
        await channel.QueueDeclareAsync("q1", durable: false, exclusive: false, autoDelete: false);
        Inbox inbox = await Inbox.OnAsync(channel, "q1", autoAck: true);

        await channel.BasicPublishAsync("", "q1", Text.Bytes("a"));
        await inbox.NextAsync();
        await channel.BasicPublishAsync("", "nobody", Text.Bytes("b"));

        List<Delivery> got = await traces.NextAsync(3);
        Assert.Equal(["deliver.q1", "publish.", "publish."], got.Select(d => d.RoutingKey).Order(StringComparer.Ordinal));
        Assert.Empty(Texts(got.Single(d => d.Body == "b").Headers["routed_queues"]));
    }

    [Fact]
    public async Task Copies_are_not_copied_and_nothing_is_once_tracing_is_off()
    {
        await StartAsync("management.tcp.port=0", "management.tcp.ip=127.0.0.1");
        await CtlProgram.RunAsync(Own, "trace_on");
        Inbox traces = await ListenAsync();
        IChannel channel = await OpenOwnAsync();
        await channel.BasicPublishAsync("amq.fanout", "k", Text.Bytes("traced"));

        Assert.Equal("publish.amq.fanout", (await traces.NextAsync()).RoutingKey);
        await CtlProgram.RunAsync(Own, "trace_off");
        await channel.BasicPublishAsync("amq.fanout", "k", Text.Bytes("not traced"));

        await traces.NothingMoreAsync();
    }

    [Fact]
    public async Task A_transaction_is_copied_when_it_is_committed()
    {
        await StartAsync("management.tcp.port=0", "management.tcp.ip=127.0.0.1");
        await CtlProgram.RunAsync(Own, "trace_on");
        Inbox traces = await ListenAsync();
        IChannel channel = await (await ConnectOwnAsync()).CreateChannelAsync();
        await channel.TxSelectAsync();

        await channel.BasicPublishAsync("amq.fanout", "rolled back", Text.Bytes("a"));
        await channel.TxRollbackAsync();
        await channel.BasicPublishAsync("amq.fanout", "committed", Text.Bytes("b"));
        await channel.TxCommitAsync();

        Assert.Equal("b", (await traces.NextAsync()).Body);
        await traces.NothingMoreAsync();
    }

    // The client makes nothing of an empty array.
    private static List<string> Texts(object? array) => array is null ? [] : [.. Assert.IsType<List<object?>>(array).Select(Text.Of)];

    private async Task<Inbox> ListenAsync()
    {
        IChannel channel = await OpenOwnAsync();
        string queue = await QueueAsync(channel);
        await channel.QueueBindAsync(queue, Trace, "#");
        return await Inbox.OnAsync(channel, queue, autoAck: true);
    }
}
