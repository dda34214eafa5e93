using RabbitMQ.Client;
using Warren.Interop.Tests.Running;

namespace Warren.Interop.Tests.Security;

/// <summary>A broker that is short of memory or disk, perhaps because somebody wants it so: reliability, 60.</summary>
public sealed class AlarmAttackTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Publishers_wait_while_all_others_work_and_go_on_when_it_is_over(bool memory)
    {
        await using OwnServer server = await OwnServer.StartAsync();
        await using IConnection attacker = await server.ConnectAsync(heartbeat: TimeSpan.FromSeconds(1));
        TaskCompletionSource<string> blocked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource unblocked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        attacker.ConnectionBlockedAsync += (_, e) => Set(() => blocked.TrySetResult(e.Reason));
        attacker.ConnectionUnblockedAsync += (_, _) => Set(() => unblocked.TrySetResult());
        IChannel publishing = await attacker.CreateChannelAsync();
        await using IConnection others = await server.ConnectAsync();
        IChannel channel = await others.CreateChannelAsync();
        await channel.QueueDeclareAsync("q", durable: true, exclusive: false, autoDelete: false);
        for (int i = 0; i < 10; i++)
        {
            await publishing.BasicPublishAsync("", "q", Text.Bytes($"before {i}"));
        }

        await UntilAsync(async () => await channel.MessageCountAsync("q") == 10);
        Alarm(server, memory, on: true);
        await publishing.BasicPublishAsync("", "q", Text.Bytes("during"));
        Assert.Equal(memory ? "low on memory" : "low on disk", await blocked.Task.WaitAsync(Limit));

        // Consuming, acknowledging, declaring, deleting and managing go on; nothing new comes in.
        Inbox inbox = await Inbox.OnAsync(channel, "q");
        for (int i = 0; i < 10; i++)
        {
            Delivery got = await inbox.NextAsync();
            Assert.Equal($"before {i}", got.Body);
            await channel.BasicAckAsync(got.Tag, multiple: false);
        }

        await channel.QueueDeclareAsync("other", durable: true, exclusive: false, autoDelete: false);
        await channel.QueueDeleteAsync("other");
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Get, "/queues")).Status);
        Assert.Equal(503, (await server.SendAsync(HttpMethod.Get, "/health/checks/alarms")).Status);
        await inbox.QuietForAsync(3000); // three heartbeats of the publisher: it is still there
        Assert.True(attacker.IsOpen);

        Alarm(server, memory, on: false);

        await unblocked.Task.WaitAsync(Limit);
        Assert.Equal("during", (await inbox.NextAsync()).Body);
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Get, "/health/checks/alarms")).Status);
    }

    // By the limits: what is in use and what is free stay what they are.
    private static void Alarm(OwnServer server, bool memory, bool on) =>
        server.Broker.Alarms.SetLimits(on && memory ? 1 : long.MaxValue, on && !memory ? long.MaxValue : 0);

    private static Task Set(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        DateTime end = DateTime.UtcNow + Limit;
        while (!await holds())
        {
            Assert.True(DateTime.UtcNow < end);
            await Task.Delay(20);
        }
    }
}
