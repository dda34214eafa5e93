using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Warren.Interop.Tests.Running;

namespace Warren.Interop.Tests;

/// <summary>A broker that may have 1 GiB of memory and is sent twice that.</summary>
public sealed class MemoryLimitTests : BrokerTest
{
    private const long Limit = 1L << 30;
    private const long Offered = 2 * Limit;
    private const int BodyBytes = 32 * 1024;
    private const int Batch = 64;
    private const int Publishers = 3;
    private static readonly TimeSpan PublishTime = TimeSpan.FromSeconds(15);

    public MemoryLimitTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Fact]
    public async Task Flood_before_a_slow_consumer_stays_below_the_limit_and_loses_nothing_confirmed()
    {
        Assert.SkipWhen(Broker.Process is null || !OperatingSystem.IsLinux(), "needs a process of its own with a limit of memory");
        using var group = MemoryGroup.TryCreate(Limit);
        await using ServerProgram server = new();
        string data = server["data"];
        string enter = group?.EnterCommand ?? $"export DOTNET_GCHeapHardLimit=0x{Limit:x}";
        await server.StartAsync("/bin/sh", ["-c", $"{enter}; exec {BrokerProcess.FindExecutable()} server --data-dir {data} "
            + $"--set listeners.tcp.1=127.0.0.1:{server.Port} --set management.tcp.ip=127.0.0.1 --set management.tcp.port=0 "
            + "--set prometheus.tcp.port=none --set vm_memory_high_watermark.relative=0.6 --set vm_memory_high_watermark_paging_ratio=0.5"]);
        using JsonDocument status = JsonDocument.Parse((await Ctl.TryInAsync(data, "status", "--formatter", "json")).Output);
        Assert.InRange(status.RootElement.GetProperty("vm_memory_high_watermark_limit").GetInt64(), Limit * 59 / 100, Limit * 60 / 100);

        IConnection consuming = await ConnectAsync(f => f.Port = server.Port);
        IChannel channel = await consuming.CreateChannelAsync();
        await channel.QueueDeclareAsync("flood", durable: true, exclusive: false, autoDelete: false);
        ConcurrentDictionary<long, bool> seen = new();
        TaskCompletionSource hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await ConsumeSlowlyAsync(channel, seen, hurry.Task);

        ConcurrentBag<long> confirmed = [];
        long peak = 0;
        using CancellationTokenSource enough = new(PublishTime);
        Task[] publishers = [.. Enumerable.Range(0, Publishers).Select(p => PublishAsync(server.Port, p, confirmed, enough))];
        Task publishing = Task.WhenAll(publishers);
        while (!publishing.IsCompleted)
        {
            peak = Math.Max(peak, ResidentBytes(server.ProcessId));
            await Task.WhenAny(publishing, Task.Delay(50));
        }

        await publishing;
        hurry.SetResult();
        TestContext.Current.TestOutputHelper?.WriteLine($"{confirmed.Count} confirmed, peak {peak >> 20} MiB, group: {group is not null}");
        Assert.True(confirmed.Count * (long)BodyBytes > Limit / 4, $"only {confirmed.Count} messages were confirmed");
        Assert.InRange(peak, 1, Limit);
        await EventuallyAsync(() => Task.FromResult(confirmed.All(seen.ContainsKey)), "all that was confirmed is there", everyMs: 200);
        await EventuallyAsync(async () => (await Ctl.TryInAsync(data, "check_alarms")).ExitCode == 0, "no alarm", everyMs: 200);
        using CancellationTokenSource one = new();
        await one.CancelAsync();
        await PublishAsync(server.Port, Publishers, confirmed, one); // nobody is blocked any more
        Assert.DoesNotContain(server.Lines, l => l.Contains("[error]", StringComparison.Ordinal));
    }

    private static async Task ConsumeSlowlyAsync(IChannel channel, ConcurrentDictionary<long, bool> seen, Task hurry)
    {
        await channel.BasicQosAsync(0, 50, global: false);
        AsyncEventingBasicConsumer consumer = new(channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            seen[BinaryPrimitives.ReadInt64LittleEndian(delivery.Body.Span)] = true;
            await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false);
            if (!hurry.IsCompleted)
            {
                await Task.WhenAny(hurry, Task.Delay(10));
            }
        };
        await channel.BasicConsumeAsync("flood", autoAck: false, consumer);
    }

    // At full speed until it is enough; at least one batch.
    private async Task PublishAsync(int port, int number, ConcurrentBag<long> confirmed, CancellationTokenSource enough)
    {
        IConnection connection = await ConnectAsync(f => f.Port = port);
        IChannel channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        for (long next = (long)number << 32; ; next += Batch)
        {
            Task[] batch = [.. Enumerable.Range(0, Batch).Select(i => PublishOneAsync(channel, next + i, confirmed))];
            Task done = Task.WhenAll(batch);
            if (await Task.WhenAny(done, Task.Delay(PublishTime)) != done)
            {
                return; // blocked: what is not confirmed does not count
            }

            await done;
            if (confirmed.Count * (long)BodyBytes >= Offered)
            {
                await enough.CancelAsync();
            }

            if (enough.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private static async Task PublishOneAsync(IChannel channel, long id, ConcurrentBag<long> confirmed)
    {
        byte[] body = new byte[BodyBytes];
        BinaryPrimitives.WriteInt64LittleEndian(body, id);
        await channel.BasicPublishAsync("", "flood", mandatory: true, new BasicProperties(), body);
        confirmed.Add(id);
    }

    private static long ResidentBytes(int pid)
    {
        using var process = Process.GetProcessById(pid);
        return process.WorkingSet64;
    }
}
