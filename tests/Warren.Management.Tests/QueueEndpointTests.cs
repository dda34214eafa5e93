using System.Text.Json.Nodes;
using Warren.Core.VirtualHosts;
using Xunit;

namespace Warren.Management.Tests;

public sealed class QueueEndpointTests(ManagedBroker broker) : IClassFixture<ManagedBroker>
{
    [Fact]
    public async Task Queue_is_created_then_found_and_stays_the_same()
    {
        (int created, _) = await broker.PutAsync("/queues/%2F/made", """{"durable":true,"arguments":{"x-max-length":5}}""");
        (int again, _) = await broker.PutAsync("/queues/%2F/made", """{"durable":"true","arguments":{"x-max-length":5}}""");
        (int other, string refusal) = await broker.PutAsync("/queues/%2F/made", """{"durable":false}""");
        JsonNode queue = await broker.GetAsync("/queues/%2F/made");

        Assert.Equal((201, 204, 400), (created, again, other));
        Assert.Contains("inequivalent arg", refusal, StringComparison.Ordinal);
        Assert.Equal("made", (string?)queue["name"]);
        Assert.Equal("classic", (string?)queue["type"]);
        Assert.True((bool)queue["durable"]!);
        Assert.Equal(5, (int)queue["arguments"]!["x-max-length"]!);
        Assert.Equal("running", (string?)queue["state"]);
        Assert.Equal(0, (int)queue["messages"]!);
        Assert.Null(queue["message_stats"]);
    }

    [Fact]
    public async Task Queue_of_another_virtual_host_or_name_is_not_found()
    {
        Assert.Equal(404, (await broker.TryGetAsync("/queues/%2F/nowhere")).Status);
        Assert.Equal(404, (await broker.PutAsync("/queues/missing/q", "{}")).Status);
        Assert.Equal(404, (await broker.DeleteAsync("/queues/%2F/nowhere")).Status);
    }

    [Fact]
    public async Task Arguments_and_switches_that_make_no_sense_are_refused()
    {
        (int status, string body) = await broker.PutAsync("/queues/%2F/bad", """{"durable":"yes"}""");
        (int node, string nodeBody) = await broker.PutAsync("/queues/%2F/bad", """{"node":"nope@x"}""");

        Assert.Equal(400, status);
        Assert.Equal("""{"error":"bad_request","reason":["not_boolean","yes"]}""", body);
        Assert.Equal(400, node);
        Assert.Contains("Node nope@x could not be contacted", nodeBody, StringComparison.Ordinal);
        Assert.Equal(400, (await broker.PutAsync("/queues/%2F/bad", """{"arguments":{"x-message-ttl":-1}}""")).Status);
    }

    [Fact]
    public async Task Delete_minds_if_empty_and_if_unused()
    {
        await broker.PutAsync("/queues/%2F/full", "{}");
        await PublishAsync("full", "a");

        (int refused, string reason) = await broker.DeleteAsync("/queues/%2F/full?if-empty=true");
        (int deleted, _) = await broker.DeleteAsync("/queues/%2F/full?if-unused=true");

        Assert.Equal(400, refused);
        Assert.Contains("queue 'full' in vhost '/' not empty", reason, StringComparison.Ordinal);
        Assert.Equal(204, deleted);
        Assert.Equal(404, (await broker.TryGetAsync("/queues/%2F/full")).Status);
    }

    [Fact]
    public async Task Purge_empties_a_queue()
    {
        await broker.PutAsync("/queues/%2F/purged", "{}");
        await PublishAsync("purged", "a");
        await PublishAsync("purged", "b");

        (int status, _) = await broker.DeleteAsync("/queues/%2F/purged/contents");

        Assert.Equal(204, status);
        Assert.Equal(0, (int)(await broker.GetAsync("/queues/%2F/purged"))["messages"]!);
    }

    [Fact]
    public async Task Page_has_counts_and_only_its_items()
    {
        broker.Broker.PutVirtualHost("paged", VirtualHostSettings.Default);
        broker.Broker.Users.SetPermissions("guest", "paged", ".*", ".*", ".*");
        foreach (string name in new[] { "c", "a", "b" })
        {
            await broker.PutAsync($"/queues/paged/{name}", "{}");
        }

        JsonNode page = await broker.GetAsync("/queues/paged?page=1&page_size=2&columns=name");

        Assert.Equal("""[{"name":"a"},{"name":"b"}]""", page["items"]!.ToJsonString());
        Assert.Equal(3, (int)page["total_count"]!);
        Assert.Equal(2, (int)page["page_count"]!);
    }

    [Fact]
    public async Task Lists_without_statistics_have_twelve_keys_with_totals()
    {
        await broker.PutAsync("/queues/%2F/plain", "{}");

        JsonNode page = await broker.GetAsync("/queues?page=1&name=plain&disable_stats=true&enable_queue_totals=true");

        string[] keys = [.. page["items"]![0]!.AsObject().Select(k => k.Key).Order(StringComparer.Ordinal)];
        Assert.Equal(
            [
                "arguments", "auto_delete", "durable", "exclusive", "messages", "messages_ready", "messages_unacknowledged",
                "name", "node", "state", "type", "vhost",
            ],
            keys);
    }

    [Fact]
    public async Task User_without_permission_sees_and_makes_nothing()
    {
        broker.Broker.Users.Add("reader", "pw", ["management"]);
        broker.Broker.Users.SetPermissions("reader", "/", "^mine", "^mine", "^mine");
        await broker.PutAsync("/queues/%2F/others", "{}");
        broker.Broker.PutVirtualHost("closed", VirtualHostSettings.Default);

        (int made, string refusal) = await broker.PutAsync("/queues/%2F/theirs", "{}", "reader", "pw");
        (int purged, _) = await broker.DeleteAsync("/queues/%2F/others/contents", "reader", "pw");
        (int closed, _) = await broker.TryGetAsync("/queues/closed", "reader", "pw");

        Assert.Equal(401, made);
        Assert.Equal("""{"error":"not_authorised","reason":"Access refused."}""", refusal);
        Assert.Equal(401, purged);
        Assert.Equal(401, closed);
        Assert.Equal(201, (await broker.PutAsync("/queues/%2F/mine", "{}", "reader", "pw")).Status);
    }

    [Fact]
    public async Task Paused_queue_says_so_until_it_is_resumed()
    {
        await broker.PutAsync("/queues/%2F/resting", "{}");

        (int paused, _) = await broker.PutAsync("/queues/%2F/resting/pause");
        string? resting = (string?)(await broker.GetAsync("/queues/%2F/resting"))["state"];
        (int resumed, _) = await broker.PostAsync("/queues/%2F/resting/actions", """{"action":"resume"}""");
        string? working = (string?)(await broker.GetAsync("/queues/%2F/resting"))["state"];

        Assert.Equal((204, 204), (paused, resumed));
        Assert.Equal(("paused", "running"), (resting, working));
    }

    [Fact]
    public async Task Samples_come_when_asked_for_and_too_many_are_refused()
    {
        await broker.PutAsync("/queues/%2F/charted", "{}");
        await PublishAsync("charted", "a");
        broker.Broker.Statistics.Collect();

        JsonNode queue = await broker.GetAsync("/queues/%2F/charted?lengths_age=60&lengths_incr=5&msg_rates_age=60&msg_rates_incr=5");
        (int status, string body) = await broker.TryGetAsync("/queues/%2F/charted?lengths_age=6000&lengths_incr=5");

        Assert.Equal(13, queue["messages_details"]!["samples"]!.AsArray().Count);
        Assert.Equal(0, (long)queue["messages_details"]!["samples"]![0]!["timestamp"]! % 5000);
        Assert.Equal(1, (int)queue["message_stats"]!["publish"]!);
        Assert.NotNull(queue["message_stats"]!["publish_details"]!["rate"]);
        Assert.Equal(400, status);
        Assert.Contains("Invalid range parameters: age 6000, incr 5", body, StringComparison.Ordinal);
    }

    private Task<(int Status, string Body)> PublishAsync(string queue, string payload) => broker.PostAsync(
        "/exchanges/%2F/amq.default/publish",
        $$"""{"routing_key":"{{queue}}","payload":"{{payload}}","payload_encoding":"string","properties":{} }""");
}
