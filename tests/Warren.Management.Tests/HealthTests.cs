using System.Globalization;
using System.Text.Json.Nodes;
using Xunit;

namespace Warren.Management.Tests;

public sealed class HealthTests(ManagedBroker broker) : IClassFixture<ManagedBroker>
{
    [Theory]
    [InlineData("/health/checks/alarms")]
    [InlineData("/health/checks/local-alarms")]
    [InlineData("/health/checks/virtual-hosts")]
    [InlineData("/health/checks/certificate-expiration/1/months")]
    [InlineData("/health/checks/node-is-quorum-critical")]
    [InlineData("/health/checks/node-is-mirror-sync-critical")]
    [InlineData("/health/checks/is-in-service")]
    [InlineData("/health/checks/below-node-connection-limit")]
    [InlineData("/health/checks/ready-to-serve-clients")]
    [InlineData("/health/checks/reached-target-cluster-size")]
    [InlineData("/health/checks/metadata-store/initialized")]
    [InlineData("/health/checks/metadata-store/initialized/with-data")]
    [InlineData("/health/checks/quorum-queues-without-elected-leaders/all-vhosts")]
    [InlineData("/health/checks/quorum-queues-without-elected-leaders/all-vhosts/pattern/x")]
    [InlineData("/health/checks/quorum-queues-without-elected-leaders/vhost/%2F")]
    [InlineData("/health/checks/quorum-queues-without-elected-leaders/vhost/%2F/pattern/x")]
    [InlineData("/aliveness-test/%2F")]
    [InlineData("/healthchecks/node")]
    public async Task Healthy_broker_says_so(string path)
    {
        Assert.Equal("ok", (string?)(await broker.GetAsync(path))["status"]);
    }

    [Fact]
    public async Task Port_is_listened_on_or_not()
    {
        JsonNode well = await broker.GetAsync($"/health/checks/port-listener/{broker.AmqpPort}");
        (int status, string body) = await broker.TryGetAsync("/health/checks/port-listener/1");

        Assert.Equal(broker.AmqpPort, (int)well["port"]!);
        Assert.Equal(503, status);
        Assert.Equal(1, (int)JsonNode.Parse(body)!["missing"]!);
        Assert.Contains(broker.AmqpPort.ToString(CultureInfo.InvariantCulture), body, StringComparison.Ordinal);
        Assert.Equal(400, (await broker.TryGetAsync("/health/checks/port-listener/x")).Status);
    }

    [Fact]
    public async Task Protocol_is_spoken_or_not()
    {
        Assert.Equal("amqp", (string?)(await broker.GetAsync("/health/checks/protocol-listener/amqp091"))["protocol"]);
        (int status, string body) = await broker.TryGetAsync("/health/checks/protocol-listener/amqp,mqtt");

        Assert.Equal(503, status);
        Assert.Equal("""["mqtt"]""", JsonNode.Parse(body)!["missing"]!.ToJsonString());
    }

    [Fact]
    public async Task Unit_of_time_has_to_be_known()
    {
        (int status, string body) = await broker.TryGetAsync("/health/checks/certificate-expiration/1/fortnights");

        Assert.Equal(400, status);
        Assert.Equal("Time unit not recognised. Supported units: days, weeks, months, years.", ManagedBroker.ReasonOf(body));
    }

    [Fact]
    public async Task Alarm_is_a_failure()
    {
        await using var full = new ManagedBroker
        {
            Configure = static o => o with { Broker = o.Broker with { DiskFreeLimitBytes = long.MaxValue } },
        };
        await full.InitializeAsync();

        (int status, string body) = await full.TryGetAsync("/health/checks/alarms");

        Assert.Equal(503, status);
        JsonNode json = JsonNode.Parse(body)!;
        Assert.Equal("failed", (string?)json["status"]);
        Assert.Equal("disk", (string?)json["alarms"]![0]!["resource"]);
    }

    [Fact]
    public async Task What_RabbitMQs_tools_ask_for_first_is_answered()
    {
        Assert.Contains((await broker.GetAsync("/feature-flags")).AsArray(), f => (string?)f!["name"] == "quorum_queue" && (string?)f["state"] == "enabled");
        Assert.Equal(204, (await broker.PutAsync("/feature-flags/quorum_queue/enable")).Status);
        Assert.NotEmpty((await broker.GetAsync("/deprecated-features")).AsArray());
        Assert.Empty((await broker.GetAsync("/deprecated-features/used")).AsArray());
        Assert.Empty((await broker.GetAsync("/extensions")).AsArray());
        Assert.Equal("4.1.0", (string?)await broker.GetAsync("/version"));
        Assert.Equal(204, (await broker.PostAsync("/rebalance/queues")).Status);
        Assert.Equal("""{"oauth_enabled":false}""", (await broker.TryGetAsync("/auth", user: null)).Body);
    }

    [Fact]
    public async Task Attempts_to_log_in_are_counted()
    {
        string node = $"warren@{Environment.MachineName.Split('.')[0]}";
        await broker.TryGetAsync("/whoami", "guest", "wrong");

        JsonNode http = Assert.Single((await broker.GetAsync($"/auth/attempts/{node}")).AsArray(), a => (string?)a!["protocol"] == "http")!;

        Assert.True((long)http["auth_attempts_failed"]! > 0);
        Assert.Equal((long)http["auth_attempts"]!, (long)http["auth_attempts_failed"]! + (long)http["auth_attempts_succeeded"]!);
        Assert.NotEmpty((await broker.GetAsync($"/auth/attempts/{node}/source")).AsArray());
        Assert.Equal(204, (await broker.DeleteAsync($"/auth/attempts/{node}")).Status);
    }

    [Fact]
    public async Task Password_is_hashed_for_a_definitions_file()
    {
        string hash = (string)(await broker.GetAsync("/auth/hash_password/p%2Fw"))["ok"]!;

        Assert.True(Warren.Core.Security.PasswordHash.Verify(hash, Warren.Core.Security.PasswordHash.Sha256, "p/w"));
    }
}
