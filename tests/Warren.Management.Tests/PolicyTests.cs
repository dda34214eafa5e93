using System.Text.Json.Nodes;
using Xunit;

namespace Warren.Management.Tests;

public sealed class PolicyTests(ManagedBroker broker) : IClassFixture<ManagedBroker>
{
    [Fact]
    public async Task Policy_is_set_shown_and_deleted()
    {
        Assert.Equal((201, ""), await broker.PutAsync("/policies/%2F/short", """{"pattern":"^q","definition":{"max-length":5},"priority":"2","apply-to":"queues"}"""));
        Assert.Equal((204, ""), await broker.PutAsync("/policies/%2F/short", """{"pattern":"^q","definition":{"max-length":6},"priority":2,"apply-to":"queues"}"""));

        Assert.Equal(
            """{"vhost":"/","name":"short","pattern":"^q","apply-to":"queues","definition":{"max-length":6},"priority":2}""",
            (await broker.GetAsync("/policies/%2F/short")).ToJsonString());
        Assert.Single((await broker.GetAsync("/policies")).AsArray());
        Assert.Single((await broker.GetAsync("/policies/%2F")).AsArray());
        Assert.Equal(204, (await broker.DeleteAsync("/policies/%2F/short")).Status);
        Assert.Equal(404, (await broker.DeleteAsync("/policies/%2F/short")).Status);
    }

    [Theory]
    [InlineData("""{"definition":{"max-length":5}}""", "[{key_missing,pattern}]")]
    [InlineData("""{"pattern":".*","definition":{}}""", "Validation failed\n\nno policy provided\n")]
    [InlineData("""{"pattern":".*","definition":{"nope":5}}""", "Validation failed\n\n[{<<\"nope\">>,5}] are not recognised policy settings\n")]
    [InlineData("""{"pattern":".*","definition":{"max-length":"1"}}""", "Validation failed\n\n<<\"1\">> is not a valid maximum length\n")]
    public async Task Policy_that_makes_no_sense_is_refused_in_RabbitMQs_words(string body, string reason)
    {
        (int status, string answer) = await broker.PutAsync("/policies/%2F/bad", body);

        Assert.Equal(400, status);
        Assert.Equal(reason, ManagedBroker.ReasonOf(answer));
    }

    [Fact]
    public async Task Operator_policy_is_a_parameter_too()
    {
        Assert.Equal(201, (await broker.PutAsync("/operator-policies/%2F/ops", """{"pattern":".*","definition":{"expires":60000},"apply-to":"queues"}""")).Status);

        Assert.Equal(60000, (int)(await broker.GetAsync("/operator-policies/%2F/ops"))["definition"]!["expires"]!);
        JsonNode parameter = Assert.Single((await broker.GetAsync("/parameters/operator_policy/%2F")).AsArray())!;
        Assert.Equal("ops", (string?)parameter["name"]);
        Assert.Equal(204, (await broker.DeleteAsync("/operator-policies/%2F/ops")).Status);
    }

    [Fact]
    public async Task Policymaker_needs_the_virtual_host_and_may_not_touch_operator_policies()
    {
        broker.Broker.Users.Add("maker", "x", ["policymaker"]);
        const string Body = """{"pattern":".*","definition":{"max-length":5}}""";

        Assert.Equal(401, (await broker.PutAsync("/policies/%2F/mine", Body, "maker", "x")).Status);
        broker.Broker.Users.SetPermissions("maker", "/", "", "", "");
        Assert.Equal(201, (await broker.PutAsync("/policies/%2F/mine", Body, "maker", "x")).Status);
        Assert.Equal(401, (await broker.PutAsync("/operator-policies/%2F/mine", Body, "maker", "x")).Status);
        Assert.Equal(204, (await broker.DeleteAsync("/policies/%2F/mine", "maker", "x")).Status);
    }

    [Fact]
    public async Task Parameter_of_an_unknown_component_is_refused()
    {
        (int status, string answer) = await broker.PutAsync("/parameters/bogus/%2F/x", """{"value":{}}""");

        Assert.Equal(400, status);
        Assert.Equal("Validation failed\n\ncomponent bogus not found\n", ManagedBroker.ReasonOf(answer));
    }

    [Fact]
    public async Task Parameter_is_set_shown_and_deleted()
    {
        Assert.Equal(201, (await broker.PutAsync("/parameters/vhost-limits/%2F/limits", """{"value":{"max-queues":1000}}""")).Status);

        Assert.Equal(
            """{"value":{"max-queues":1000},"vhost":"/","component":"vhost-limits","name":"limits"}""",
            (await broker.GetAsync("/parameters/vhost-limits/%2F/limits")).ToJsonString());
        Assert.Equal(1000, broker.Broker.FindVirtualHost("/")!.Limits.MaxQueues);
        Assert.Equal(204, (await broker.DeleteAsync("/parameters/vhost-limits/%2F/limits")).Status);
        Assert.Null(broker.Broker.FindVirtualHost("/")!.Limits.MaxQueues);
    }

    [Fact]
    public async Task Global_parameter_is_set_shown_and_deleted()
    {
        Assert.Equal(201, (await broker.PutAsync("/global-parameters/mine", """{"value":[1,{"a":null}]}""")).Status);
        Assert.Equal(204, (await broker.PutAsync("/global-parameters/mine", """{"value":[1,{"a":null}]}""")).Status);

        Assert.Equal("""{"name":"mine","value":[1,{"a":null}]}""", (await broker.GetAsync("/global-parameters/mine")).ToJsonString());
        Assert.Equal(204, (await broker.DeleteAsync("/global-parameters/mine")).Status);
        Assert.Equal(404, (await broker.TryGetAsync("/global-parameters/mine")).Status);
    }

    [Fact]
    public async Task Name_of_the_cluster_can_be_changed()
    {
        Assert.Equal((204, ""), await broker.PutAsync("/cluster-name", """{"name":"burrow"}"""));

        Assert.Equal("""{"name":"burrow"}""", (await broker.GetAsync("/cluster-name")).ToJsonString());
    }
}
