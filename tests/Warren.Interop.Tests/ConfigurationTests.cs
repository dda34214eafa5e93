using System.Diagnostics;
using System.Globalization;
using RabbitMQ.Client;
using Warren.Interop.Tests.Raw;
using Warren.Interop.Tests.Running;

namespace Warren.Interop.Tests;

/// <summary>The real program with the files and variables of a RabbitMQ, and the published file.</summary>
public sealed class ConfigurationTests
{
    [Fact]
    public async Task Files_and_variables_of_a_compose_file_are_taken_as_they_are()
    {
        await using ServerProgram server = new();
        await File.WriteAllTextAsync(server["rabbitmq.config"],
            $"[{{rabbit, [{{tcp_listeners, [{{\"127.0.0.1\", {server.Port}}}]}},\n           {{heartbeat, 17}}]}}].\n");

        await server.StartAsync(
            BrokerProcess.FindExecutable()!,
            ["server", "--data-dir", server["data"]],
            ("RABBITMQ_CONFIG_FILE", server["rabbitmq"]),
            ("RABBITMQ_DEFAULT_USER", "shop"), ("RABBITMQ_DEFAULT_PASS", "s3cret"), ("RABBITMQ_DEFAULT_VHOST", "orders"));

        ConnectionFactory factory = new()
        {
            HostName = "127.0.0.1",
            Port = server.Port,
            UserName = "shop",
            Password = "s3cret",
            VirtualHost = "orders",
        };
        await using IConnection connection = await factory.CreateConnectionAsync();
        Assert.Equal(TimeSpan.FromSeconds(17), connection.Heartbeat);
        Assert.DoesNotContain(server.Lines, l => l.Contains("s3cret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SIGHUP_takes_what_can_change_and_names_what_cannot()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals");
        await using ServerProgram server = new();
        string listener = $"listeners.tcp.1 = 127.0.0.1:{server.Port}\n";
        await File.WriteAllTextAsync(server["a.conf"], listener);
        await server.StartAsync(
            BrokerProcess.FindExecutable()!, ["server", "--config", server["a.conf"], "--data-dir", server["data"]]);

        await File.WriteAllTextAsync(server["a.conf"], listener + "heartbeat = 17\nwarren.page_budget = 1MiB\n");
        using (var kill = Process.Start("kill", ["-HUP", server.ProcessId.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        await server.WaitForLineAsync("warren.page_budget = 1048576 needs a restart");
        await server.WaitForLineAsync("heartbeat is now 17, it was 60");
        await using IConnection connection = await new ConnectionFactory { HostName = "127.0.0.1", Port = server.Port }.CreateConnectionAsync();
        Assert.Equal(TimeSpan.FromSeconds(17), connection.Heartbeat);
    }

    [Fact]
    public async Task Published_file_starts_and_answers()
    {
        string? published = Environment.GetEnvironmentVariable("WARREN_PUBLISHED");
        Assert.SkipWhen(string.IsNullOrEmpty(published), "WARREN_PUBLISHED names no file made by ./publish.sh");
        await using ServerProgram server = new();

        await server.StartAsync(
            published!, ["--set", $"listeners.tcp.1=127.0.0.1:{server.Port}", "--set", "log.console=false", "--data-dir", server["data"]]);

        using var client = RawClient.Connect("127.0.0.1", server.Port);
        client.Login();
        client.OpenChannel(1);
    }
}
