using RabbitMQ.Client;
using Warren.Interop.Tests.Running;

namespace Warren.Interop.Tests;

/// <summary>What has fallen due while the broker was stopped happens after the start, to the end.</summary>
public sealed class StartTests : OwnBrokerTest
{
    private const int Queues = 5;
    private const int Messages = 500;

    public StartTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Messages_whose_time_ran_out_while_the_broker_was_stopped_are_all_dead_lettered(bool kill)
    {
        await StartAsync();
        IChannel channel = await OpenOwnAsync();
        await channel.ExchangeDeclareAsync("dead", "fanout", durable: true);
        await DeclareAsync(channel, "graveyard");
        await channel.QueueBindAsync("graveyard", "dead", "");
        for (int i = 0; i < Queues; i++)
        {
            await DeclareAsync(channel, $"q{i}", ("x-message-ttl", 4000), ("x-dead-letter-exchange", "dead"));
        }

        await Task.WhenAll(Enumerable.Range(0, Messages).Select(i => PublishAsync(
            channel, $"q{i % Queues}", $"{i}", new BasicProperties { Persistent = true }).AsTask()));
        if (kill)
        {
            await Own.KillAsync();
        }
        else
        {
            await Own.StopAsync();
        }

        await Task.Delay(4500, TestContext.Current.CancellationToken);
        await Own.StartAgainAsync();

        channel = await OpenOwnAsync();
        var found = new HashSet<string>();
        for (int i = 0; i < 600 && found.Count < Messages; i++)
        {
            found.UnionWith(await DrainAsync(channel, "graveyard"));
            if (found.Count < Messages)
            {
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }

        Assert.Equal(Messages, found.Count);
        for (int i = 0; i < Queues; i++)
        {
            Assert.Equal(0u, await channel.MessageCountAsync($"q{i}"));
        }
    }

    private static Task<QueueDeclareOk> DeclareAsync(IChannel channel, string queue, params (string, object?)[] arguments) =>
        channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, Arguments(arguments));

    private static ValueTask PublishAsync(IChannel channel, string queue, string body, BasicProperties properties) =>
        channel.BasicPublishAsync("", queue, mandatory: false, properties, Text.Bytes(body));
}
