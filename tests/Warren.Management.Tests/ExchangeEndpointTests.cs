using System.Text.Json.Nodes;
using Xunit;

namespace Warren.Management.Tests;

public sealed class ExchangeEndpointTests(ManagedBroker broker) : IClassFixture<ManagedBroker>
{
    [Fact]
    public async Task Exchange_is_created_shown_and_deleted()
    {
        (int created, _) = await broker.PutAsync("/exchanges/%2F/ex", """{"type":"topic","durable":true}""");
        (int other, string refusal) = await broker.PutAsync("/exchanges/%2F/ex", """{"type":"fanout","durable":true}""");
        JsonNode exchange = await broker.GetAsync("/exchanges/%2F/ex");
        (int deleted, _) = await broker.DeleteAsync("/exchanges/%2F/ex");

        Assert.Equal((201, 400, 204), (created, other, deleted));
        Assert.Contains("inequivalent arg 'type' for exchange 'ex' in vhost '/': received 'fanout' but current is 'topic'", refusal, StringComparison.Ordinal);
        Assert.Equal("topic", (string?)exchange["type"]);
        Assert.Equal(404, (await broker.TryGetAsync("/exchanges/%2F/ex")).Status);
    }

    [Fact]
    public async Task Reserved_names_and_unknown_types_are_refused()
    {
        (int reserved, string refusal) = await broker.PutAsync("/exchanges/%2F/amq.mine", "{}");
        (int unknown, string reason) = await broker.PutAsync("/exchanges/%2F/odd", """{"type":"nope"}""");

        Assert.Equal(401, reserved);
        Assert.Contains("Access refused.", refusal, StringComparison.Ordinal);
        Assert.Equal(400, unknown);
        Assert.Contains("unknown exchange type 'nope'", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exchange_in_use_is_kept_if_unused_is_asked()
    {
        await broker.PutAsync("/exchanges/%2F/used", """{"type":"fanout"}""");
        await broker.PutAsync("/queues/%2F/user", "{}");
        await broker.PostAsync("/bindings/%2F/e/used/q/user", "{}");

        (int status, string reason) = await broker.DeleteAsync("/exchanges/%2F/used?if-unused=true");

        Assert.Equal(400, status);
        Assert.Contains("exchange 'used' in vhost '/' in use", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Published_message_can_be_got_with_all_its_properties()
    {
        await broker.PutAsync("/queues/%2F/letters", """{"durable":true}""");
        const string Message = """
            {"routing_key":"letters","payload":"hello","payload_encoding":"string",
             "properties":{"delivery_mode":2,"content_type":"text/plain","priority":3,"timestamp":1700000000,
                           "headers":{"n":5,"deep":{"list":[1,"a",true,null]}}}}
            """;

        (int status, string routed) = await broker.PostAsync("/exchanges/%2F/amq.default/publish", Message);
        (int got, string body) = await broker.PostAsync(
            "/queues/%2F/letters/get", """{"count":5,"ackmode":"ack_requeue_true","encoding":"auto"}""");
        (_, string second) = await broker.PostAsync(
            "/queues/%2F/letters/get", """{"count":"5","ackmode":"ack_requeue_false","encoding":"base64","truncate":2}""");

        Assert.Equal((200, """{"routed":true}"""), (status, routed));
        Assert.Equal(200, got);
        JsonNode first = JsonNode.Parse(body)![0]!;
        Assert.Equal("hello", (string?)first["payload"]);
        Assert.False((bool)first["redelivered"]!);
        Assert.Equal(2, (int)first["properties"]!["delivery_mode"]!);
        Assert.Equal(1700000000, (long)first["properties"]!["timestamp"]!);
        Assert.Equal("""{"n":5,"deep":{"list":[1,"a",true,null]}}""", first["properties"]!["headers"]!.ToJsonString());
        JsonNode cut = JsonNode.Parse(second)![0]!;
        Assert.True((bool)cut["redelivered"]!);
        Assert.Equal("aGU=", (string?)cut["payload"]);
        Assert.Equal(5, (int)cut["payload_bytes"]!);
        Assert.Equal(0, (int)(await broker.GetAsync("/queues/%2F/letters"))["messages"]!);
    }

    [Theory]
    [InlineData("""{"routing_key":"nowhere","payload":"","payload_encoding":"string","properties":{}}""", 200, "{\"routed\":false}")]
    [InlineData("""{"routing_key":"x","payload":"","payload_encoding":"hex","properties":{}}""", 400, "[\"unsupported_encoding\",\"hex\"]")]
    [InlineData("""{"routing_key":"x","payload":"x!","payload_encoding":"base64","properties":{}}""", 400, "[\"not_base64\",\"x!\"]")]
    [InlineData("""{"routing_key":"x","payload":"","payload_encoding":"string","properties":{"delivery_mode":"2"}}""", 400, "[\"not_int\",\"delivery_mode\"]")]
    [InlineData("""{"routing_key":"x","payload":"","payload_encoding":"string","properties":{"app_id":2}}""", 400, "[\"not_string\",\"app_id\"]")]
    [InlineData("""{"routing_key":"x","payload":"","payload_encoding":"string","properties":{"expiration":"x"}}""", 400, "invalid expiration 'x': no_integer")]
    [InlineData("""{"routing_key":"x","payload":""}""", 400, "key_missing")]
    public async Task Publish_answers_as_RabbitMQ_does(string request, int status, string part)
    {
        (int answered, string body) = await broker.PostAsync("/exchanges/%2F/amq.default/publish", request);

        Assert.Equal(status, answered);
        Assert.Contains(part, body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_to_no_exchange_is_not_found()
    {
        (int status, string body) = await broker.PostAsync(
            "/exchanges/%2F/noex/publish", """{"routing_key":"x","payload":"","payload_encoding":"string","properties":{}}""");

        Assert.Equal(404, status);
        Assert.Contains("no exchange 'noex' in vhost '/'", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bindings_are_listed_from_both_ends()
    {
        await broker.PutAsync("/exchanges/%2F/from", """{"type":"topic"}""");
        await broker.PutAsync("/exchanges/%2F/to", """{"type":"fanout"}""");
        await broker.PostAsync("/bindings/%2F/e/from/e/to", """{"routing_key":"a.#"}""");

        JsonNode source = await broker.GetAsync("/exchanges/%2F/from/bindings/source");
        JsonNode destination = await broker.GetAsync("/exchanges/%2F/to/bindings/destination");

        Assert.Equal("a.#", (string?)Assert.Single(source.AsArray())!["routing_key"]);
        Assert.Equal("exchange", (string?)Assert.Single(destination.AsArray())!["destination_type"]);
    }
}
