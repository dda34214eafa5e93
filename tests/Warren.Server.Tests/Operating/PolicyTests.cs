using RabbitMQ.Client;
using Warren.Core.Queues;
using Xunit;

namespace Warren.Server.Tests.Operating;

public sealed class PolicyTests : ServedBroker
{
    [Fact]
    public async Task A_length_limit_is_in_force_at_once_and_goes_with_its_policy()
    {
        IChannel channel = await OpenAsync(await ConnectAsync());
        await channel.QueueDeclareAsync("q", durable: true, exclusive: false, autoDelete: false);
        await PublishAsync(channel, "q", 10);

        SetPolicy("short", "^q$", """{"max-length":3}""");

        Assert.Equal(3u, await channel.MessageCountAsync("q"));
        Assert.Equal("7", await GetAsync(channel, "q")); // the oldest went
        Assert.True(Broker.Policies.Remove("/", "short", isOperators: false));
        await PublishAsync(channel, "q", 10);
        Assert.Equal(12u, await channel.MessageCountAsync("q"));
    }

    [Fact]
    public async Task What_a_policy_pushes_out_is_dead_lettered_by_the_policy()
    {
        IChannel channel = await OpenAsync(await ConnectAsync());
        await channel.QueueDeclareAsync("dead", durable: true, exclusive: false, autoDelete: false);
        await channel.QueueDeclareAsync("q", durable: true, exclusive: false, autoDelete: false);
        await PublishAsync(channel, "q", 5);

        SetPolicy("short", "^q$", """{"max-length":2,"dead-letter-exchange":"","dead-letter-routing-key":"dead"}""");
        await PublishAsync(channel, "q", 1);

        Assert.Equal(2u, await channel.MessageCountAsync("q"));
        Assert.Equal(4u, await channel.MessageCountAsync("dead"));
    }

    [Fact]
    public async Task An_operator_makes_a_users_limit_smaller()
    {
        IChannel channel = await OpenAsync(await ConnectAsync());
        await channel.QueueDeclareAsync("q", durable: true, exclusive: false, autoDelete: false);
        SetPolicy("users", ".*", """{"max-length":100}""");
        SetPolicy("operators", ".*", """{"max-length":4}""", isOperators: true);

        await PublishAsync(channel, "q", 10);

        Assert.Equal(4u, await channel.MessageCountAsync("q"));
    }

    [Fact]
    public async Task An_alternate_exchange_of_a_policy_takes_what_is_not_routed()
    {
        IChannel channel = await OpenAsync(await ConnectAsync());
        await channel.ExchangeDeclareAsync("main", "direct");
        await channel.QueueDeclareAsync("rest", durable: true, exclusive: false, autoDelete: false);
        await channel.QueueBindAsync("rest", "amq.fanout", "");
        await channel.BasicPublishAsync("main", "nobody", "lost"u8.ToArray());

        SetPolicy("ae", "^main$", """{"alternate-exchange":"amq.fanout"}""");
        await channel.BasicPublishAsync("main", "nobody", "kept"u8.ToArray());

        Assert.Equal("kept", await GetAsync(channel, "rest"));
    }

    [Fact]
    public async Task A_policy_is_there_for_new_queues_and_after_a_restart()
    {
        SetPolicy("short", ".*", """{"max-length":1}""", priority: 1);
        SetPolicy("long", ".*", """{"max-length":9}""", priority: 0);
        await RestartAsync();
        IChannel channel = await OpenAsync(await ConnectAsync());
        await channel.QueueDeclareAsync("q", durable: true, exclusive: false, autoDelete: false);
        await PublishAsync(channel, "q", 3);

        Assert.Equal(1u, await channel.MessageCountAsync("q"));
        MessageQueue queue = Broker.FindVirtualHost("/")!.Queues.Single();
        Assert.Equal("short", queue.Policies.User?.Name);
    }

    [Fact]
    public async Task Mirroring_of_old_policies_is_accepted_and_loses_nothing()
    {
        IChannel channel = await OpenAsync(await ConnectAsync());
        await channel.QueueDeclareAsync("q", durable: true, exclusive: false, autoDelete: false);
        await PublishAsync(channel, "q", 3);

        SetPolicy("ha-all", ".*", """{"ha-mode":"all"}""");

        Assert.Equal(3u, await channel.MessageCountAsync("q"));
    }

    private static async Task PublishAsync(IChannel channel, string queue, int count)
    {
        for (int i = 0; i < count; i++)
        {
            await channel.BasicPublishAsync("", queue, System.Text.Encoding.UTF8.GetBytes($"{i}"));
        }
    }

    private static async Task<string?> GetAsync(IChannel channel, string queue) =>
        await channel.BasicGetAsync(queue, autoAck: true) is { } got ? System.Text.Encoding.UTF8.GetString(got.Body.Span) : null;
}
