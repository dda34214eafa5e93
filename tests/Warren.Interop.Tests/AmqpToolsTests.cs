using RabbitMQ.Client;
using Warren.Interop.Tests.Running;

namespace Warren.Interop.Tests;

/// <summary>The command line tools of rabbitmq-c.</summary>
public sealed class AmqpToolsTests : BrokerTest
{
    private readonly string[] _server;

    public AmqpToolsTests(SharedBroker broker)
        : base(broker) => _server = ["--server", broker.Host, "--port", $"{broker.Port}"];

    [Fact]
    public async Task Declare_publish_get_and_delete_work()
    {
        string queue = Unique("tools");

        string declared = await RunAsync("amqp-declare-queue", "--durable", "--queue", queue);
        await RunAsync("amqp-publish", "--routing-key", queue, "--persistent", "--body", "hello");
        string got = await RunAsync("amqp-get", "--queue", queue);
        string deleted = await RunAsync("amqp-delete-queue", "--queue", queue);

        Assert.Equal(queue, declared.Trim());
        Assert.Equal("hello", got.Trim());
        Assert.Equal("0", deleted.Trim());
    }

    [Fact]
    public async Task Get_from_an_empty_queue_says_so_by_its_exit_code()
    {
        string queue = Unique("tools");
        await RunAsync("amqp-declare-queue", "--queue", queue);

        string got = await RunAsync("amqp-get", "--queue", queue);
        await RunAsync("amqp-delete-queue", "--queue", queue);

        Assert.Equal("exit code 2", got.Trim());
    }

    [Fact]
    public async Task Lines_are_published_with_headers_and_consumed()
    {
        string queue = Unique("tools");
        await RunAsync("amqp-declare-queue", "--queue", queue);

        await Script.RunAsync(
            "amqp-publish", [.. _server, "--routing-key", queue, "--line-buffered", "--header", "kind: line"],
            "one\ntwo\n");
        IChannel channel = await OpenAsync();
        await ReadyAsync(channel, queue, 2);
        Delivery first = await GetAsync(channel, queue, autoAck: false);
        await channel.BasicRejectAsync(first.Tag, requeue: true);
        string consumed = await RunAsync("amqp-consume", "--queue", queue, "--count", "2", "cat");
        await RunAsync("amqp-delete-queue", "--queue", queue);

        Assert.Equal("line", Text.Of(first.Headers["kind"]).Trim());
        Assert.Equal("one\ntwo", consumed.Trim().Replace("\n\n", "\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Publish_to_a_missing_exchange_shows_the_reply_text()
    {
        string output = await RunAsync("amqp-publish", "--exchange", "no-such-exchange", "--body", "x");

        // the error of an unconfirmed publish arrives with the close at the latest
        Assert.DoesNotContain("exit code 139", output, StringComparison.Ordinal);
        await OthersGoOnAsync();
    }

    private Task<string> RunAsync(string tool, params string[] arguments) =>
        Script.RunAsync(tool, [.. _server, .. arguments]);
}
