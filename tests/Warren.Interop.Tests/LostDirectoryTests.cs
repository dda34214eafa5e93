using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Warren.Interop.Tests.Running;

namespace Warren.Interop.Tests;

/// <summary>A broker whose data directory is taken away under load.</summary>
public sealed class LostDirectoryTests : BrokerTest
{
    public LostDirectoryTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Theory]
    [InlineData("")]
    [InlineData("shard-0001")]
    public async Task It_says_no_to_everybody_and_ends_with_74(string part)
    {
        Assert.SkipWhen(Broker.Process is null || OperatingSystem.IsWindows(), "needs a process of its own");
        await using ServerProgram server = new();
        string data = server["data"];
        await server.StartAsync(BrokerProcess.FindExecutable()!,
        [
            "server", "--data-dir", data, "--set", $"listeners.tcp.1=127.0.0.1:{server.Port}",
            "--set", "management.tcp.port=none", "--set", "prometheus.tcp.port=none",
        ]);
        IConnection connection = await ConnectAsync(f =>
        {
            f.Port = server.Port;
            f.AutomaticRecoveryEnabled = false;
        });
        IChannel channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await channel.QueueDeclareAsync("q", durable: true, exclusive: false, autoDelete: false);
        var properties = new BasicProperties { Persistent = true };
        await channel.BasicPublishAsync("", "q", mandatory: true, properties, Text.Bytes("kept"));

        Directory.Move(Path.Combine(data, part), server["gone"]);

        await Assert.ThrowsAnyAsync<RabbitMQClientException>(async () =>
        {
            while (true)
            {
                await channel.BasicPublishAsync("", "q", mandatory: true, properties, new byte[100_000]);
            }
        });
        Assert.Equal(74, await server.WaitForEndAsync());
        await server.WaitForLineAsync("removed or replaced");
    }
}
