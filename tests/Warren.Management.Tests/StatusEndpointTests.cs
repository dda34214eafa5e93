using System.Text.Json.Nodes;
using Xunit;

namespace Warren.Management.Tests;

public sealed class StatusEndpointTests(ManagedBroker broker) : IClassFixture<ManagedBroker>
{
    [Fact]
    public async Task Overview_has_what_clients_need()
    {
        await broker.PutAsync("/queues/%2F/counted", "{}");

        JsonNode overview = await broker.GetAsync("/overview?msg_rates_age=60&msg_rates_incr=5");

        Assert.Equal("4.1.0", (string?)overview["rabbitmq_version"]);
        Assert.Equal("Warren", (string?)overview["product_name"]);
        Assert.Equal(1, (int)overview["object_totals"]!["queues"]!);
        Assert.Equal(7, overview["churn_rates"]!.AsObject().Count(k => !k.Key.EndsWith("_details", StringComparison.Ordinal)));
        Assert.Equal(13, overview["message_stats"]!["publish_details"]!["samples"]!.AsArray().Count);
        Assert.NotNull(overview["queue_totals"]!["messages_details"]!["rate"]);
        string[] listeners = [.. overview["listeners"]!.AsArray().Select(l => (string)l!["protocol"]!)];
        Assert.Equal(["amqp", "http"], listeners);
    }

    [Fact]
    public async Task Overview_hides_the_node_from_those_who_do_not_watch()
    {
        broker.Broker.Users.Add("plain", "pw", ["management"]);

        JsonNode overview = await broker.GetAsync("/overview", "plain", "pw");

        Assert.Null(overview["node"]);
        Assert.Null(overview["listeners"]);
        Assert.Equal(401, (await broker.TryGetAsync("/nodes", "plain", "pw")).Status);
    }

    [Fact]
    public async Task Node_has_every_key_rabbitmqadmin_requires()
    {
        JsonNode listed = Assert.Single((await broker.GetAsync("/nodes")).AsArray())!;
        JsonNode node = await broker.GetAsync($"/nodes/{listed["name"]}?memory=true");
        JsonNode relative = await broker.GetAsync($"/nodes/{listed["name"]}/memory/relative");

        Assert.All(
            [
                "name", "uptime", "run_queue", "processors", "os_pid", "fd_total", "proc_total", "mem_limit", "mem_alarm",
                "disk_free_limit", "disk_free_alarm", "rates_mode", "enabled_plugins", "being_drained", "mem_used", "fd_used",
            ],
            key => Assert.NotNull(node[key]));
        Assert.True((long)node["memory"]!["total"]!["rss"]! > 0);
        Assert.Equal(100, (int)relative["memory"]!["total"]!);
        Assert.Equal(404, (await broker.TryGetAsync("/nodes/other@host")).Status);
    }
}
