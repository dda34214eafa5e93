using System.Collections;
using Warren.Server.Configuration;
using Warren.Server.Tests.Tls;
using Xunit;

namespace Warren.Server.Tests;

public sealed class ReloadTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Limits_and_logins_change_while_the_server_runs_and_the_rest_waits_for_a_restart()
    {
        using var log = new LogLines();
        await using WarrenServer server = await WarrenServer.StartAsync(Options() with { Loggers = log }, CancellationToken.None);

        server.Reload(Options(
            "vm_memory_high_watermark.absolute = 123MB", "disk_free_limit.absolute = 7MB", "loopback_users = none",
            "heartbeat = 7", "warren.page_budget = 1MiB"));

        Assert.Equal((123_000_000, 7_000_000), (server.Broker.Alarms.MemoryLimitBytes, server.Broker.Alarms.DiskLimitBytes));
        Assert.Empty(server.Broker.Authenticator.LoopbackUsers);
        Assert.Contains(log.Lines, l => l.Contains("heartbeat is now 7, it was 60", StringComparison.Ordinal));
        Assert.Contains(log.Lines, l => l.Contains("warren.page_budget = 1048576 needs a restart", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Lines, l => l.Contains("heartbeat", StringComparison.Ordinal) && l.Contains("restart", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_waits_for_a_restart_is_told_again()
    {
        using var log = new LogLines();
        await using WarrenServer server = await WarrenServer.StartAsync(Options() with { Loggers = log }, CancellationToken.None);

        server.Reload(Options("warren.page_budget = 1MiB", "heartbeat = 7"));
        server.Reload(Options("warren.page_budget = 1MiB", "heartbeat = 7"));

        Assert.Equal(2, log.Lines.Count(l => l.Contains("warren.page_budget", StringComparison.Ordinal)));
        Assert.Single(log.Lines, l => l.Contains("heartbeat", StringComparison.Ordinal));
    }

    private WarrenServerOptions Options(params string[] lines)
    {
        File.WriteAllLines(_directory["warren.conf"], ["listeners.tcp.1 = 127.0.0.1:0", "log.console = false", .. lines]);
        return ConfigurationLoader.Load(new ConfigurationSources
        {
            File = _directory["warren.conf"],
            Variables = new Hashtable(),
            DataDirectory = _directory["data"],
        }).Options;
    }
}
