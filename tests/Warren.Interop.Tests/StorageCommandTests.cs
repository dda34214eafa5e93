using System.Diagnostics;
using System.Text.Json;
using RabbitMQ.Client;
using Warren.Interop.Tests.Running;

namespace Warren.Interop.Tests;

/// <summary>A broker whose files are damaged while it is stopped, and what `warren storage` does about it.</summary>
public sealed class StorageCommandTests : OwnBrokerTest
{
    public StorageCommandTests(SharedBroker broker)
        : base(broker)
    {
    }

    private string FirstSegment => Path.Combine(Own.DataDirectory, "shard-0001", "seg-0000000000000001.log");

    [Fact]
    public async Task Verify_names_a_damaged_message_and_salvage_copies_the_others()
    {
        await FillAndKillAsync();
        byte[] bytes = await File.ReadAllBytesAsync(FirstSegment, TestContext.Current.CancellationToken);
        bytes[bytes.AsSpan().IndexOf("body-7-"u8)] ^= 1;
        await File.WriteAllBytesAsync(FirstSegment, bytes, TestContext.Current.CancellationToken);
        string target = Own.DataDirectory + "-salvaged";

        (int verified, string said) = await RunAsync("verify", Own.DataDirectory);
        (int salvaged, string json) = await RunAsync("salvage", Own.DataDirectory, "--to", target, "--json");
        (int again, _) = await RunAsync("verify", target);

        Assert.Equal((1, 1, 0), (verified, salvaged, again));
        Assert.Contains("damage: ", said, StringComparison.Ordinal);
        using JsonDocument summary = JsonDocument.Parse(json);
        Assert.Equal((19, 1), (summary.RootElement.GetProperty("messages").GetInt32(), summary.RootElement.GetProperty("lost_messages").GetInt32()));
    }

    [Theory]
    [InlineData("meta")]
    [InlineData("shard-0001")]
    public async Task A_directory_that_is_gone_refuses_the_start_with_65_until_its_loss_is_accepted(string gone)
    {
        await FillAndKillAsync();
        Directory.Delete(Path.Combine(Own.DataDirectory, gone), recursive: true);

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => Own.StartAgainAsync());

        Assert.Contains("exit code 65", refused.Message, StringComparison.Ordinal);
        Assert.Contains("accept-loss", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("accept-loss", Own.DataDirectory)).ExitCode);
        await Own.StartAgainAsync();
    }

    [Fact]
    public async Task A_running_broker_is_left_alone()
    {
        await StartAsync();

        Assert.Equal(69, (await RunAsync("verify", Own.DataDirectory)).ExitCode);
    }

    private async Task FillAndKillAsync()
    {
        await StartAsync();
        IChannel channel = await OpenOwnAsync();
        await channel.QueueDeclareAsync("q", durable: true, exclusive: false, autoDelete: false);
        for (int i = 0; i < 20; i++)
        {
            await channel.BasicPublishAsync(
                "", "q", mandatory: false, new BasicProperties { Persistent = true }, Text.Bytes($"body-{i}-" + new string('x', 200)));
        }

        await Own.KillAsync();
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(BrokerProcess.FindExecutable()!, ["storage", .. arguments])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output);
    }
}
