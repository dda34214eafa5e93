using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using Warren.Interop.Tests.Running;

namespace Warren.Interop.Tests;

/// <summary>`warren ctl` against a broker that runs: what operators change without a restart.</summary>
public sealed class OperatingTests : OwnBrokerTest
{
    private static readonly string[] Management = ["management.tcp.ip=127.0.0.1", "management.tcp.port=0"];

    public OperatingTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Fact]
    public async Task Stopped_broker_sends_clients_away_and_takes_them_again_when_it_is_started()
    {
        await StartAsync(Management);
        IConnection connection = await ConnectOwnAsync();
        IChannel channel = await OpenOwnAsync();
        await channel.QueueDeclareAsync("kept", durable: true, exclusive: false, autoDelete: false);
        await channel.BasicPublishAsync("", "kept", mandatory: true, new BasicProperties { Persistent = true }, Text.Bytes("m"));
        TaskCompletionSource<ShutdownEventArgs> closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionShutdownAsync += (_, e) =>
        {
            closed.TrySetResult(e);
            return Task.CompletedTask;
        };

        Assert.StartsWith("Stopping rabbit application on node warren@", await Ctl.RunAsync(Own, "stop_app"), StringComparison.Ordinal);

        ShutdownEventArgs reason = await closed.Task.WaitAsync(Patience);
        Assert.Equal((320, "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'"), (reason.ReplyCode, reason.ReplyText));
        await Assert.ThrowsAsync<BrokerUnreachableException>(ConnectOwnAsync);
        await Ctl.RunAsync(Own, "stop_app"); // again is nothing new
        await Ctl.RunAsync(Own, "ping");
        await Ctl.RunAsync(Own, "status");
        Assert.Equal("false", await RunningAsync());
        Assert.Equal(69, (await Ctl.TryAsync(Own, "check_running")).ExitCode);
        Assert.Equal(69, (await Ctl.TryAsync(Own, "check_port_listener", $"{Own.Port}")).ExitCode);
        Assert.Equal(75, (await Ctl.TryAsync(Own, "await_startup", "--timeout", "1")).ExitCode);
        Ctl refused = await Ctl.TryAsync(Own, "list_queues");
        Assert.Equal(69, refused.ExitCode);
        Assert.Contains("Start it with 'rabbitmqctl start_app'", refused.Error, StringComparison.Ordinal);

        await Ctl.RunAsync(Own, "start_app");

        await Ctl.RunAsync(Own, "await_startup");
        await Ctl.RunAsync(Own, "check_running");
        await Ctl.RunAsync(Own, "check_port_listener", $"{Own.Port}");
        Assert.Equal("m", (await GetAsync(await OpenOwnAsync(), "kept")).Body);
    }

    [Fact]
    public async Task Reset_needs_a_stopped_broker_and_leaves_the_defaults()
    {
        await StartAsync(Management);
        await Ctl.RunAsync(Own, "add_vhost", "other");
        await Ctl.RunAsync(Own, "add_user", "somebody", "secret");
        await Ctl.RunAsync(Own, "set_policy", "p", ".*", """{"max-length":5}""");
        await Ctl.RunAsync(Own, "set_global_parameter", "g", "1");
        await Ctl.RunAsync(Own, "delete_user", "guest");
        IChannel channel = await (await ConnectAsync(f => (f.Port, f.UserName, f.Password) = (Own.Port, "root", "r"), async () =>
        {
            await Ctl.RunAsync(Own, "add_user", "root", "r");
            await Ctl.RunAsync(Own, "set_permissions", "root", ".*", ".*", ".*");
        })).CreateChannelAsync();
        await channel.ExchangeDeclareAsync("e", ExchangeType.Fanout, durable: true);
        await channel.QueueDeclareAsync("q", durable: true, exclusive: false, autoDelete: false);
        await channel.BasicPublishAsync("", "q", mandatory: true, new BasicProperties { Persistent = true }, Text.Bytes("m"));

        Ctl early = await Ctl.TryAsync(Own, "reset");
        Assert.Equal(70, early.ExitCode);
        Assert.Contains("Mnesia is still running on node", early.Error, StringComparison.Ordinal);
        Assert.Contains("other", await Ctl.RunAsync(Own, "-q", "list_vhosts"), StringComparison.Ordinal);
        await Ctl.RunAsync(Own, "stop_app");
        await Ctl.RunAsync(Own, "reset");
        await Ctl.RunAsync(Own, "start_app");

        await ExpectDefaultsAsync();
        await Own.KillAsync();
        await Own.StartAgainAsync();
        await ExpectDefaultsAsync();
    }

    [Fact]
    public async Task Suspended_listeners_let_nobody_in_and_keep_who_is_there()
    {
        await StartAsync(Management);
        IChannel channel = await OpenOwnAsync();

        await Ctl.RunAsync(Own, "suspend_listeners");

        await Assert.ThrowsAsync<BrokerUnreachableException>(ConnectOwnAsync);
        string queue = await QueueAsync(channel);
        await channel.BasicPublishAsync("", queue, Text.Bytes("still"));
        Assert.Equal("still", (await GetAsync(channel, queue)).Body);
        await Ctl.RunAsync(Own, "resume_listeners");
        Assert.True((await ConnectOwnAsync()).IsOpen);
        Assert.Equal("still again", await EchoAsync(channel, queue, "still again"));
    }

    [Fact]
    public async Task Maintenance_closes_clients_and_shows_in_the_status()
    {
        await StartAsync(Management);
        IConnection connection = await ConnectOwnAsync();

        await Ctl.RunAsync(Own, "drain");

        await EventuallyAsync(() => Task.FromResult(!connection.IsOpen), "the client is closed");
        Assert.True((await StatusAsync()).GetProperty("is_under_maintenance").GetBoolean());
        await Ctl.RunAsync(Own, "list_queues"); // the node works, it only serves nobody
        await Ctl.RunAsync(Own, "revive");
        Assert.False((await StatusAsync()).GetProperty("is_under_maintenance").GetBoolean());
        Assert.True((await ConnectOwnAsync()).IsOpen);
    }

    [Fact]
    public async Task Memory_watermark_blocks_publishers_and_lets_them_go()
    {
        await StartAsync(Management);
        IConnection connection = await ConnectOwnAsync();
        TaskCompletionSource<string> blocked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource unblocked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionBlockedAsync += (_, e) =>
        {
            blocked.TrySetResult(e.Reason);
            return Task.CompletedTask;
        };
        connection.ConnectionUnblockedAsync += (_, _) =>
        {
            unblocked.TrySetResult();
            return Task.CompletedTask;
        };
        IChannel channel = await connection.CreateChannelAsync();

        await Ctl.RunAsync(Own, "set_vm_memory_high_watermark", "absolute", "1KiB");
        await channel.BasicPublishAsync("", "nowhere", Text.Bytes("m"));
        Assert.Equal("low on memory", await blocked.Task.WaitAsync(Patience));
        Assert.Equal(69, (await Ctl.TryAsync(Own, "check_local_alarms")).ExitCode);
        await Ctl.RunAsync(Own, "set_vm_memory_high_watermark", "0.9");

        await unblocked.Task.WaitAsync(Patience);
        await Ctl.RunAsync(Own, "check_local_alarms");
        Assert.Equal(65, (await Ctl.TryAsync(Own, "set_vm_memory_high_watermark", "1.1")).ExitCode);
        Assert.Equal(65, (await Ctl.TryAsync(Own, "set_vm_memory_high_watermark", "absolute", "much")).ExitCode);
    }

    [Fact]
    public async Task Disk_limit_changes()
    {
        await StartAsync(Management);

        await Ctl.RunAsync(Own, "set_disk_free_limit", "2GB");
        Assert.Equal(2_000_000_000, (await StatusAsync()).GetProperty("disk_free_limit").GetInt64());
        await Ctl.RunAsync(Own, "set_disk_free_limit", "mem_relative", "100000");

        Assert.Contains("Free disk space alarm", (await Ctl.TryAsync(Own, "check_alarms")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Log_level_changes_for_one_category_and_the_file_is_rotated()
    {
        await StartAsync([.. Management, "log.file=warren.log", "log.console=false", "log.level=error"]);
        string file = Path.Combine(Own.DataDirectory, "log", "warren.log");
        await (await ConnectOwnAsync()).CloseAsync();
        Assert.DoesNotContain("<connection>", ReadLog(file), StringComparison.Ordinal);

        await Ctl.RunAsync(Own, "set_log_level", "connection", "debug");
        await (await ConnectOwnAsync()).CloseAsync();

        await EventuallyAsync(() => Task.FromResult(ReadLog(file).Contains("<connection>", StringComparison.Ordinal)), "a line of a connection");
        Assert.DoesNotContain("<server>", ReadLog(file), StringComparison.Ordinal);
        await Ctl.RunAsync(Own, "rotate_logs");
        Assert.Equal("", ReadLog(file));
        Assert.Contains("<connection>", ReadLog(file + ".1"), StringComparison.Ordinal);
        Assert.Equal(65, (await Ctl.TryAsync(Own, "set_log_level", "loud")).ExitCode);
        Assert.Contains(file, await Ctl.RunAsync(Own, "log_location"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shutdown_returns_when_the_process_has_ended()
    {
        await StartAsync(Management);

        await Ctl.RunAsync(Own, "shutdown");

        Assert.Contains(Own.Output, l => l.EndsWith("stopped", StringComparison.Ordinal));
        Assert.Equal(69, (await Ctl.TryAsync(Own, "ping")).ExitCode);
    }

    private async Task<IConnection> ConnectAsync(Action<ConnectionFactory> configure, Func<Task> before)
    {
        await before();
        return await ConnectAsync(configure);
    }

    private static async Task<string> EchoAsync(IChannel channel, string queue, string body)
    {
        await channel.BasicPublishAsync("", queue, Text.Bytes(body));
        return (await GetAsync(channel, queue)).Body;
    }

    private static string ReadLog(string file)
    {
        if (!File.Exists(file))
        {
            return "";
        }

        using StreamReader reader = new(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        return reader.ReadToEnd();
    }

    private async Task ExpectDefaultsAsync()
    {
        Assert.Equal("/\n", await Ctl.RunAsync(Own, "-s", "list_vhosts"));
        Assert.Equal("guest\t[administrator]\n", await Ctl.RunAsync(Own, "-s", "list_users"));
        Assert.Equal("", await Ctl.RunAsync(Own, "-s", "list_queues"));
        Assert.Equal("", await Ctl.RunAsync(Own, "-s", "list_policies"));
        Assert.DoesNotContain("g\t", await Ctl.RunAsync(Own, "-s", "list_global_parameters"), StringComparison.Ordinal);
        IChannel channel = await OpenOwnAsync();
        await channel.ExchangeDeclarePassiveAsync("amq.topic");
        await Assert.ThrowsAsync<OperationInterruptedException>(() => channel.ExchangeDeclarePassiveAsync("e"));
    }

    private async Task<JsonElement> StatusAsync()
    {
        using JsonDocument status = JsonDocument.Parse(await Ctl.RunAsync(Own, "status", "--formatter", "json"));
        return status.RootElement.Clone();
    }

    private async Task<string> RunningAsync() =>
        (await Ctl.RunAsync(Own, "is_running")).Contains("is fully booted and running", StringComparison.Ordinal) ? "true" : "false";
}
