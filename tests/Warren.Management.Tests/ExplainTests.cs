using System.Text.Json.Nodes;
using Xunit;

namespace Warren.Management.Tests;

public sealed class ExplainTests(ManagedBroker broker) : IClassFixture<ManagedBroker>
{
    [Fact]
    public async Task Explains_which_bindings_match_through_exchanges()
    {
        await broker.PutAsync("/exchanges/%2F/first", """{"type":"topic"}""");
        await broker.PutAsync("/exchanges/%2F/second", """{"type":"headers"}""");
        await broker.PutAsync("/queues/%2F/yes", "{}");
        await broker.PutAsync("/queues/%2F/no", "{}");
        await broker.PostAsync("/bindings/%2F/e/first/e/second", """{"routing_key":"a.*"}""");
        await broker.PostAsync("/bindings/%2F/e/first/q/no", """{"routing_key":"b.*"}""");
        await broker.PostAsync("/bindings/%2F/e/second/q/yes", """{"arguments":{"x-match":"all","kind":"big"}}""");

        (int status, string body) = await broker.PostAsync(
            "/explain", """{"vhost":"/","exchange":"first","routing_key":"a.b","headers":{"kind":"big"}}""");

        Assert.Equal(200, status);
        JsonNode explained = JsonNode.Parse(body)!;
        Assert.True((bool)explained["routed"]!);
        Assert.Equal("yes", (string?)Assert.Single(explained["queues"]!.AsArray())!["name"]);
        Assert.Equal(
            [("second", true), ("no", false)],
            explained["exchanges"]![0]!["bindings"]!.AsArray().Select(b => ((string)b!["destination"]!, (bool)b["matches"]!)));
        Assert.True((bool)explained["exchanges"]![1]!["bindings"]![0]!["matches"]!);
        Assert.True((bool)explained["permission"]!["allowed"]!);
        Assert.Equal(0, (int)(await broker.GetAsync("/queues/%2F/yes"))["messages"]!);
    }

    [Fact]
    public async Task Explains_permission_of_another_user_to_administrators_only()
    {
        broker.Broker.Users.Add("limited", "pw", ["management"]);
        broker.Broker.Users.SetPermissions("limited", "/", "", "^never$", ".*");

        (_, string body) = await broker.PostAsync("/explain", """{"exchange":"amq.topic","user":"limited"}""");
        (int refused, _) = await broker.PostAsync("/explain", """{"exchange":"amq.topic","user":"guest"}""", "limited", "pw");

        Assert.False((bool)JsonNode.Parse(body)!["permission"]!["allowed"]!);
        Assert.Equal(401, refused);
    }
}
