using System.Text.Json.Nodes;
using Xunit;

namespace Warren.Management.Tests;

public sealed class VirtualHostTests(ManagedBroker broker) : IClassFixture<ManagedBroker>
{
    [Fact]
    public async Task Virtual_host_is_made_changed_and_deleted_with_its_permissions()
    {
        Assert.Equal((201, ""), await broker.PutAsync("/vhosts/a%2Fb", """{"description":"one","tags":"x,y","default_queue_type":"quorum"}"""));
        Assert.Equal((204, ""), await broker.PutAsync("/vhosts/a%2Fb", """{"tracing":true}"""));

        JsonNode shown = await broker.GetAsync("/vhosts/a%2Fb");

        Assert.Equal("a/b", (string?)shown["name"]);
        Assert.Equal("one", (string?)shown["description"]);
        Assert.Equal("""["x","y"]""", shown["tags"]!.ToJsonString());
        Assert.Equal("quorum", (string?)shown["default_queue_type"]);
        Assert.True((bool)shown["tracing"]!);
        Assert.NotNull(broker.Broker.Users.FindPermissions("guest", "a/b"));
        Assert.Equal(204, (await broker.DeleteAsync("/vhosts/a%2Fb")).Status);
        Assert.Equal(404, (await broker.DeleteAsync("/vhosts/a%2Fb")).Status);
        Assert.Null(broker.Broker.Users.FindPermissions("guest", "a/b"));
    }

    [Fact]
    public async Task Names_are_cut_before_they_are_decoded()
    {
        Assert.Equal(201, (await broker.PutAsync("/vhosts/%252F")).Status);

        Assert.Equal("%2F", (string?)(await broker.GetAsync("/vhosts/%252F"))["name"]);
        Assert.Equal("/", (string?)(await broker.GetAsync("/vhosts/%2F"))["name"]);
    }

    [Fact]
    public async Task Protected_virtual_host_is_not_deleted()
    {
        await broker.PutAsync("/vhosts/kept");
        Assert.Equal(204, (await broker.PostAsync("/vhosts/kept/deletion/protection")).Status);

        (int status, string body) = await broker.DeleteAsync("/vhosts/kept");

        Assert.Equal(412, status);
        Assert.Equal("Refusing to delete virtual host 'kept' because it is protected from deletion", ManagedBroker.ReasonOf(body));
        Assert.Equal(204, (await broker.DeleteAsync("/vhosts/kept/deletion/protection")).Status);
        Assert.Equal(204, (await broker.DeleteAsync("/vhosts/kept")).Status);
    }

    [Fact]
    public async Task Unknown_default_queue_type_is_refused()
    {
        Assert.Equal(400, (await broker.PutAsync("/vhosts/bad", """{"default_queue_type":"nonsense"}""")).Status);
        Assert.Equal(404, (await broker.TryGetAsync("/vhosts/bad")).Status);
    }

    [Fact]
    public async Task Limits_are_set_shown_and_lifted()
    {
        await broker.PutAsync("/vhosts/limited");

        Assert.Equal(204, (await broker.PutAsync("/vhost-limits/limited/max-queues", """{"value":"3"}""")).Status);
        Assert.Equal(204, (await broker.PutAsync("/vhost-limits/limited/max-connections", """{"value":-1}""")).Status);

        Assert.Equal(3, broker.Broker.FindVirtualHost("limited")!.Limits.MaxQueues);
        Assert.Equal(
            """[{"vhost":"limited","value":{"max-queues":3,"max-connections":-1}}]""",
            (await broker.GetAsync("/vhost-limits/limited")).ToJsonString());
        Assert.Equal(400, (await broker.PutAsync("/vhost-limits/limited/nonsense", """{"value":3}""")).Status);
        Assert.Equal(204, (await broker.DeleteAsync("/vhost-limits/limited/max-queues")).Status);
        Assert.Equal(204, (await broker.DeleteAsync("/vhost-limits/limited/max-connections")).Status);
        Assert.Equal("[]", (await broker.GetAsync("/vhost-limits/limited")).ToJsonString());
        Assert.Null(broker.Broker.FindVirtualHost("limited")!.Limits.MaxQueues);
    }
}
