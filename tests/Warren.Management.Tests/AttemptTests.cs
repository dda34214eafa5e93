using System.Text.Json.Nodes;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Warren.Core.Security;
using Xunit;

namespace Warren.Management.Tests;

/// <summary>Who tried to log in, and from where.</summary>
public sealed class AttemptTests : IAsyncLifetime
{
    private static readonly string Node = $"warren@{Environment.MachineName.Split('.')[0]}";

    private readonly ManagedBroker _broker = new();

    public ValueTask InitializeAsync() => _broker.InitializeAsync();

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task Attempts_are_told_by_protocol_address_and_name()
    {
        await _broker.TryGetAsync("/whoami", "guest", "wrong");
        await ConnectAsync("guest");
        await Assert.ThrowsAsync<BrokerUnreachableException>(() => ConnectAsync("wrong", "nobody"));

        JsonArray sources = (await _broker.GetAsync($"/auth/attempts/{Node}/source")).AsArray();

        Assert.Equal((1, 0, 1), Counts(sources, "amqp091", "nobody"));
        Assert.Equal((1, 1, 0), Counts(sources, "amqp091", "guest"));
        Assert.Equal((2, 1, 1), Counts(sources, "http", "guest"));
        JsonArray protocols = (await _broker.GetAsync($"/auth/attempts/{Node}")).AsArray();
        JsonNode amqp = Assert.Single(protocols, static p => (string?)p!["protocol"] == "amqp091")!;
        Assert.Equal((2, 1), ((int)amqp["auth_attempts"]!, (int)amqp["auth_attempts_failed"]!));
    }

    [Fact]
    public async Task Counters_begin_again_after_a_reset()
    {
        await ConnectAsync("guest");

        Assert.Equal(204, (await _broker.DeleteAsync($"/auth/attempts/{Node}")).Status);

        JsonNode only = Assert.Single((await _broker.GetAsync($"/auth/attempts/{Node}")).AsArray())!;
        Assert.Equal(("http", 1), ((string?)only["protocol"], (int)only["auth_attempts"]!));
        Assert.Equal(204, (await _broker.DeleteAsync($"/auth/attempts/{Node}/source")).Status);
        Assert.Equal(404, (await _broker.DeleteAsync("/auth/attempts/other@node")).Status);
    }

    [Fact]
    public async Task Monitors_may_look_and_only_administrators_reset()
    {
        await _broker.PutAsync("/users/watcher", """{"password":"w","tags":"monitoring"}""");

        Assert.Equal(200, (await _broker.TryGetAsync($"/auth/attempts/{Node}/source", "watcher", "w")).Status);
        Assert.Equal(401, (await _broker.DeleteAsync($"/auth/attempts/{Node}/source", "watcher", "w")).Status);
    }

    [Fact]
    public async Task Metrics_have_them_too()
    {
        await _broker.TryGetAsync("/whoami", "quoted\"name", "wrong");

        string all = await _broker.ReadMetricsAsync("/metrics");
        string detailed = await _broker.ReadMetricsAsync("/metrics/detailed?family=auth_attempt_detailed_metrics");

        Assert.Contains("rabbitmq_auth_attempts_failed_total{protocol=\"http\"} 1\n", all, StringComparison.Ordinal);
        Assert.Contains(
            "rabbitmq_detailed_auth_attempts_detailed_failed_total{protocol=\"http\",username=\"quoted\\\"name\",remote_address=\"127.0.0.1\"} 1\n",
            detailed,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Who_has_not_come_for_the_longest_time_is_forgotten()
    {
        var attempts = new LoginAttempts();
        attempts.Count(new LoginSource("http", "10.0.0.1", "first"), succeeded: true);
        attempts.Count(new LoginSource("http", "10.0.0.1", "faithful"), succeeded: true);
        for (int i = 0; i < LoginAttempts.MostSources; i++)
        {
            attempts.Count(new LoginSource("http", "10.0.0.2", $"u{i}"), succeeded: false);
            attempts.Count(new LoginSource("http", "10.0.0.1", "faithful"), succeeded: true);
        }

        attempts.Count(new LoginSource("http", "10.0.0.3", new string('x', 70_000)), succeeded: false);

        Assert.Equal(LoginAttempts.MostSources, attempts.BySource().Count);
        Assert.DoesNotContain(attempts.BySource(), static a => a.Source.UserName == "first");
        Assert.Contains(attempts.BySource(), static a => a.Source.UserName == "faithful" && a.Counts.Succeeded == LoginAttempts.MostSources + 1);
        Assert.Equal(255, attempts.BySource()[0].Source.UserName.Length);
        Assert.Equal((2 * LoginAttempts.MostSources) + 3, Assert.Single(attempts.ByProtocol()).Value.Total);
    }

    private async Task ConnectAsync(string password, string user = "guest")
    {
        var factory = new ConnectionFactory { HostName = "127.0.0.1", Port = _broker.AmqpPort, UserName = user, Password = password };
        await using IConnection connection = await factory.CreateConnectionAsync();
    }

    private static (int Total, int Succeeded, int Failed) Counts(JsonArray sources, string protocol, string user)
    {
        JsonNode source = Assert.Single(sources, s => (string?)s!["protocol"] == protocol && (string?)s["username"] == user)!;
        Assert.Equal("127.0.0.1", (string?)source["remote_address"]);
        return ((int)source["auth_attempts"]!, (int)source["auth_attempts_succeeded"]!, (int)source["auth_attempts_failed"]!);
    }
}
