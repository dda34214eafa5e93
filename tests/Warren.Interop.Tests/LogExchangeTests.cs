using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Warren.Interop.Tests.Running;

namespace Warren.Interop.Tests;

/// <summary>Log lines as messages of <c>amq.rabbitmq.log</c>.</summary>
public sealed class LogExchangeTests : OwnBrokerTest
{
    private const string Log = "amq.rabbitmq.log";

    public LogExchangeTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Fact]
    public async Task A_log_line_is_a_message_with_its_level_as_key()
    {
        await StartAsync("log.exchange=true");
        Inbox lines = await ListenAsync("#");

        await ConnectOwnAsync();

        Delivery line = await NextWithAsync(lines, "guest");
        Assert.Equal((Log, "info", "text/plain"), (line.Exchange, line.RoutingKey, line.Properties.ContentType));
        Assert.Contains("[info]", line.Body, StringComparison.Ordinal);
        Assert.NotEmpty(Text.Of(line.Headers["node"]));
        Assert.True(line.Properties.Timestamp.UnixTime > 1_700_000_000);
    }

    [Fact]
    public async Task Only_lines_of_its_level_come_and_json_when_asked_for()
    {
        await StartAsync("log.exchange=true", "log.exchange.level=warning", "log.exchange.formatter=json");
        Inbox lines = await ListenAsync("#");

        await Assert.ThrowsAsync<BrokerUnreachableException>(() => ConnectAsync(factory =>
        {
            factory.Port = Own.Port;
            factory.Password = "wrong";
        }));

        Delivery line = await lines.NextAsync();
        Assert.Equal(("warning", "application/json"), (line.RoutingKey, line.Properties.ContentType));
        Assert.StartsWith("{\"time\":", line.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_setting_there_is_no_exchange()
    {
        await StartAsync();
        IChannel channel = await OpenOwnAsync();

        await RefusedAsync(
            404, "NOT_FOUND - no exchange 'amq.rabbitmq.log' in vhost '/'", () => channel.ExchangeDeclarePassiveAsync(Log));
    }

    private static async Task<Delivery> NextWithAsync(Inbox lines, string text)
    {
        while (true)
        {
            Delivery line = await lines.NextAsync();
            if (line.Body.Contains(text, StringComparison.Ordinal))
            {
                return line;
            }
        }
    }

    private async Task<Inbox> ListenAsync(string pattern)
    {
        IChannel channel = await OpenOwnAsync();
        string queue = await QueueAsync(channel);
        await channel.QueueBindAsync(queue, Log, pattern);
        return await Inbox.OnAsync(channel, queue, autoAck: true);
    }
}
