using RabbitMQ.Client;
using Warren.Interop.Tests.Running;

namespace Warren.Interop.Tests;

/// <summary>Queues that an operator has paused.</summary>
public sealed class PauseTests : OwnBrokerTest
{
    public PauseTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Fact]
    public async Task Pause_lasts_over_a_crash()
    {
        await StartAsync("management.tcp.ip=127.0.0.1", "management.tcp.port=0");
        IChannel channel = await OpenOwnAsync();
        await DeclareAsync(channel, "resting");
        await DeclareAsync(channel, "gone");
        await DeclareAsync(channel, "resumed");
        await Ctl.RunAsync(Own, "pause_queue", "resting");
        await Ctl.RunAsync(Own, "pause_queue", "gone");
        await Ctl.RunAsync(Own, "pause_queue", "resumed");
        await Ctl.RunAsync(Own, "resume_queue", "resumed");
        await channel.QueueDeleteAsync("gone");
        await DeclareAsync(channel, "gone");
        Assert.Null(await TryGetAsync(channel, "resting"));

        await Own.KillAsync();
        await Own.StartAgainAsync();

        channel = await OpenOwnAsync();
        Assert.Equal(1u, await channel.MessageCountAsync("resting"));
        Assert.Null(await TryGetAsync(channel, "resting"));
        Assert.Equal("in resumed", (await GetAsync(channel, "resumed")).Body);
        Assert.Equal("in gone", (await GetAsync(channel, "gone")).Body);
        await Ctl.RunAsync(Own, "resume_queue", "resting");
        Assert.Equal("in resting", (await GetAsync(channel, "resting")).Body);
        await Own.StopAsync();
        await Own.StartAgainAsync();
        Assert.DoesNotContain("paused", await Ctl.RunAsync(Own, "list_queues", "name", "state"), StringComparison.Ordinal);
    }

    private static async Task DeclareAsync(IChannel channel, string queue)
    {
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false);
        await channel.BasicPublishAsync("", queue, mandatory: true, new BasicProperties { Persistent = true }, Text.Bytes($"in {queue}"));
    }
}
