using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace Warren.Management.Tests;

public sealed class BindingEndpointTests(ManagedBroker broker) : IClassFixture<ManagedBroker>
{
    [Fact]
    public async Task Binding_is_made_found_by_its_location_and_taken_away()
    {
        await broker.PutAsync("/queues/%2F/bound", "{}");

        using HttpResponseMessage made = await broker.SendAsync(
            HttpMethod.Post, "/bindings/%2F/e/amq.direct/q/bound", """{"routing_key":"a b","arguments":{"x":1}}""");
        string location = Assert.Single(made.Headers.GetValues("Location"));
        JsonNode binding = await broker.GetAsync($"/bindings/%2F/e/amq.direct/q/{location}");
        (int removed, _) = await broker.DeleteAsync($"/bindings/%2F/e/amq.direct/q/{location}");
        JsonNode rest = await broker.GetAsync("/bindings/%2F/e/amq.direct/q/bound");

        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        Assert.StartsWith("bound/a%2Bb~", location, StringComparison.Ordinal);
        Assert.Equal("a b", (string?)binding["routing_key"]);
        Assert.Equal(204, removed);
        Assert.Empty(rest.AsArray());
    }

    [Fact]
    public async Task Binding_without_key_and_arguments_is_called_a_tilde()
    {
        await broker.PutAsync("/queues/%2F/tilde", "{}");
        await broker.PostAsync("/bindings/%2F/e/amq.fanout/q/tilde", "{}");

        JsonNode binding = await broker.GetAsync("/bindings/%2F/e/amq.fanout/q/tilde/~");

        Assert.Equal("~", (string?)binding["properties_key"]);
    }

    [Fact]
    public async Task Bindings_of_a_queue_begin_with_that_of_the_default_exchange()
    {
        await broker.PutAsync("/queues/%2F/implied", "{}");

        JsonNode bindings = await broker.GetAsync("/queues/%2F/implied/bindings");

        JsonNode binding = Assert.Single(bindings.AsArray())!;
        Assert.Equal("", (string?)binding["source"]);
        Assert.Equal("implied", (string?)binding["routing_key"]);
        Assert.Equal("implied", (string?)binding["properties_key"]);
    }

    [Fact]
    public async Task Ends_that_are_not_there_are_not_found()
    {
        await broker.PutAsync("/queues/%2F/lonely", "{}");

        Assert.Equal(404, (await broker.PostAsync("/bindings/%2F/e/none/q/lonely", "{}")).Status);
        Assert.Equal(404, (await broker.PostAsync("/bindings/%2F/e/amq.topic/q/none", "{}")).Status);
        Assert.Equal(404, (await broker.DeleteAsync("/bindings/%2F/e/amq.topic/q/lonely/none")).Status);
    }
}
