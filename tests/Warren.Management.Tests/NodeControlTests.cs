using System.Text.Json.Nodes;
using Xunit;

namespace Warren.Management.Tests;

public sealed class NodeControlTests(ManagedBroker broker) : IClassFixture<ManagedBroker>
{
    public static TheoryData<string> Verbs => ["rotate-logs", "suspend-listeners", "resume-listeners", "drain", "revive", "stop-app", "start-app", "reset"];

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Only_administrators_operate_a_node(string verb)
    {
        await broker.PutAsync("/users/watcher", """{"password":"w","tags":"monitoring,policymaker"}""");

        (int status, _) = await broker.PostAsync($"/nodes/{await NodeAsync()}/{verb}", "{}", "watcher", "w");

        Assert.Equal(401, status);
        Assert.True((await broker.GetAsync($"/nodes/{await NodeAsync()}"))["running"]!.GetValue<bool>());
    }

    [Theory]
    [InlineData("memory-watermark", "{}", "relative or absolute is needed")]
    [InlineData("memory-watermark", """{"relative":1.5}""", "relative: a number from 0 to 1 is expected, not 1.5")]
    [InlineData("memory-watermark", """{"absolute":"much"}""", "Unable to parse: much is no size such as 1048576, 64MB or 64MiB")]
    [InlineData("disk-free-limit", """{"mem_relative":"1"}""", "mem_relative: a number from 0 to 1000000 is expected, not \"1\"")]
    [InlineData("log-level", """{"level":"loud"}""", "level loud is not supported")]
    [InlineData("log-level", """{"level":"debug","category":"../x"}""", "category ../x is not supported")]
    public async Task What_cannot_be_used_is_refused_with_a_reason(string what, string body, string reason)
    {
        (int status, string answer) = await broker.PutAsync($"/nodes/{await NodeAsync()}/{what}", body);

        Assert.Equal((400, reason), (status, ManagedBroker.ReasonOf(answer)));
    }

    [Fact]
    public async Task Limits_take_numbers_and_sizes_with_units()
    {
        string node = await NodeAsync();

        Assert.Equal(204, (await broker.PutAsync($"/nodes/{node}/memory-watermark", """{"absolute":123456789012}""")).Status);
        Assert.Equal(204, (await broker.PutAsync($"/nodes/{node}/disk-free-limit", """{"absolute":"3MiB"}""")).Status);

        JsonNode shown = await broker.GetAsync($"/nodes/{node}");
        Assert.Equal((123_456_789_012, 3 << 20), (shown["mem_limit"]!.GetValue<long>(), shown["disk_free_limit"]!.GetValue<long>()));
    }

    [Fact]
    public async Task Other_node_is_not_found() =>
        Assert.Equal(404, (await broker.PostAsync("/nodes/rabbit@elsewhere/stop-app", "{}")).Status);

    [Fact]
    public async Task Checks_tell_that_clients_are_not_served()
    {
        await using var own = new ManagedBroker();
        await own.InitializeAsync();
        string node = (await own.GetAsync("/overview"))["node"]!.GetValue<string>();
        int amqp = own.AmqpPort;

        await own.PostAsync($"/nodes/{node}/stop-app", "{}");

        Assert.Equal(503, (await own.TryGetAsync("/health/checks/is-in-service")).Status);
        Assert.Equal(503, (await own.TryGetAsync("/health/checks/ready-to-serve-clients")).Status);
        Assert.Equal(503, (await own.TryGetAsync($"/health/checks/port-listener/{amqp}")).Status);
        Assert.Equal(503, (await own.TryGetAsync("/queues")).Status);
        Assert.False((await own.GetAsync($"/nodes/{node}"))["running"]!.GetValue<bool>());
        await own.PostAsync($"/nodes/{node}/start-app", "{}");
        Assert.Equal(200, (await own.TryGetAsync("/health/checks/is-in-service")).Status);
        Assert.Equal(200, (await own.TryGetAsync($"/health/checks/port-listener/{amqp}")).Status);
    }

    private async Task<string> NodeAsync() => (await broker.GetAsync("/overview"))["node"]!.GetValue<string>();
}
