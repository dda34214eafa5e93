using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Warren.Interop.Tests.Running;

namespace Warren.Interop.Tests;

/// <summary>A queue far longer than memory: published, killed, started again, drained.</summary>
/// <remarks>WARREN_BACKLOG says how many messages; by hand 5000000.</remarks>
public sealed class BacklogTests : OwnBrokerTest
{
    private const string Queue = "backlog";
    private const int Publishers = 4;
    private const int Window = 1000; // unconfirmed messages of each publisher
    private const int BodySize = 1024;
    private const ushort Prefetch = 1000;
    private const int AckEvery = 250;
    private const long ResidentMax = 1L << 30;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10); // of the start and of draining

    public BacklogTests(SharedBroker broker)
        : base(broker)
    {
    }

    private static int MessageCount =>
        int.TryParse(Environment.GetEnvironmentVariable("WARREN_BACKLOG"), CultureInfo.InvariantCulture, out int count)
            ? count - (count % Publishers)
            : 200_000;

    [Fact]
    public async Task Long_queue_survives_a_kill_in_order_and_in_little_memory()
    {
        int count = MessageCount;
        await StartAsync();
        IChannel declaring = await OpenOwnAsync();
        await DeclareAsync(declaring);

        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Publishers).Select(p => PublishAsync(p, count / Publishers)));
        Report($"{count} messages published in {watch.Elapsed.TotalSeconds:F1} s");
        CheckMemory();
        await Own.KillAsync();

        watch.Restart();
        await Own.StartAgainAsync(Limit);
        Report($"ready again after {watch.Elapsed.TotalSeconds:F1} s");

        IChannel channel = await OpenOwnAsync();
        Assert.Equal((uint)count, (await DeclareAsync(channel)).MessageCount);
        watch.Restart();
        await DrainInOrderAsync(channel, count);
        Report($"drained in {watch.Elapsed.TotalSeconds:F1} s");
        CheckMemory();
        Assert.Equal(0u, (await DeclareAsync(channel)).MessageCount);
    }

    private static Task<QueueDeclareOk> DeclareAsync(IChannel channel) =>
        channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false);

    private static void Report(string line) => TestContext.Current.SendDiagnosticMessage($"backlog: {line}");

    // Returns when every message is confirmed.
    private async Task PublishAsync(int publisher, int count)
    {
        IConnection connection = await ConnectOwnAsync();
        IChannel channel = await connection.CreateChannelAsync(new CreateChannelOptions(
            publisherConfirmationsEnabled: true,
            publisherConfirmationTrackingEnabled: true,
            outstandingPublisherConfirmationsRateLimiter: null));
        var properties = new BasicProperties { Persistent = true };
        var unconfirmed = new Queue<Task>(Window);
        for (int number = 0; number < count; number++)
        {
            if (unconfirmed.Count == Window)
            {
                await unconfirmed.Dequeue();
            }

            byte[] body = new byte[BodySize];
            BinaryPrimitives.WriteInt32BigEndian(body, publisher);
            BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(sizeof(int)), number);
            unconfirmed.Enqueue(channel.BasicPublishAsync("", Queue, mandatory: true, properties, body).AsTask());
        }

        await Task.WhenAll(unconfirmed);
        await channel.CloseAsync();
    }

    // Each publisher's messages come in the order it sent them, none twice, none missing.
    private static async Task DrainInOrderAsync(IChannel channel, int count)
    {
        int[] next = new int[Publishers];
        int got = 0;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            int publisher = BinaryPrimitives.ReadInt32BigEndian(delivery.Body.Span);
            int number = BinaryPrimitives.ReadInt32BigEndian(delivery.Body.Span[sizeof(int)..]);
            if (delivery.Body.Length != BodySize || number != next[publisher]++)
            {
                done.TrySetException(new InvalidDataException(
                    $"message {number} of publisher {publisher} came where {next[publisher] - 1} was due"));
                return;
            }

            got++;
            if (got % AckEvery == 0 || got == count)
            {
                await channel.BasicAckAsync(delivery.DeliveryTag, multiple: true);
            }

            if (got == count)
            {
                done.TrySetResult();
            }
        };
        channel.ChannelShutdownAsync += (_, shutdown) =>
        {
            done.TrySetException(new IOException(shutdown.ReplyText));
            return Task.CompletedTask;
        };
        await channel.BasicQosAsync(0, Prefetch, global: false);
        await channel.BasicConsumeAsync(Queue, autoAck: false, consumer);
        await done.Task.WaitAsync(Limit);
    }

    private void CheckMemory()
    {
        long peak = Own.PeakResidentBytes;
        Report($"{peak >> 20} MiB resident at most");
        Assert.True(peak < ResidentMax, $"{peak} bytes were resident");
    }
}
