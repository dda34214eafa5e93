using System.Net;
using System.Security.Cryptography;
using System.Text;
using Xunit;

namespace Warren.Cli.Tests;

public sealed class OtherCommandTests
{
    [Fact]
    public async Task Topic_permissions_and_operator_policies_are_listed()
    {
        FakeBroker broker = new FakeBroker()
            .Answer("GET vhosts/%2F/topic-permissions", """[{"user":"bob","vhost":"/","exchange":"amq.topic","write":"^a","read":"^b"}]""")
            .Answer("GET users/bob/topic-permissions", """[{"user":"bob","vhost":"/","exchange":"amq.topic","write":"^a","read":"^b"}]""")
            .Answer("GET operator-policies/%2F", """[{"vhost":"/","name":"o","pattern":"^x","apply-to":"all","definition":{"max-length":1},"priority":0}]""");

        Assert.Equal("user\texchange\twrite\tread\nbob\tamq.topic\t^a\t^b\n", (await Tool.Ctl(broker, "-q list_topic_permissions")).Output);
        Assert.Equal("/\tamq.topic\t^a\t^b\n", (await Tool.Ctl(broker, "-s list_user_topic_permissions bob")).Output);
        Assert.Equal("/\to\t^x\tall\t{\"max-length\":1}\t0\n", (await Tool.Ctl(broker, "-s list_operator_policies")).Output);
    }

    [Fact]
    public async Task Virtual_host_keeps_what_a_change_does_not_name()
    {
        FakeBroker broker = new FakeBroker().Answer("GET vhosts/v1", """{"name":"v1","description":"d","tags":["a","b"],"tracing":false}""");

        await Tool.Ctl(broker, "trace_on -p v1");
        await Tool.Ctl(broker, "trace_off -p v1");
        await Tool.Ctl(broker, "set_vhost_tags v1 c");
        await Tool.Ctl(broker, "update_vhost_metadata v1 --description e");
        Tool missing = await Tool.Ctl(broker, "trace_on -p nope");

        Assert.Equal(
            [
                """PUT vhosts/v1 {"description":"d","tags":"a,b","tracing":true}""",
                """PUT vhosts/v1 {"description":"d","tags":"a,b","tracing":false}""",
                """PUT vhosts/v1 {"description":"d","tags":"c","tracing":false}""",
                """PUT vhosts/v1 {"description":"e","tags":"a,b","tracing":false}""",
            ],
            broker.Changes);
        Assert.Equal(65, missing.ExitCode);
    }

    [Fact]
    public async Task Hashed_password_is_salted_SHA_256()
    {
        Tool run = await Tool.Ctl(new FakeBroker { IsDown = true }, "-q hash_password secret");

        byte[] hash = Convert.FromBase64String(run.Output.Trim());
        Assert.Equal(SHA256.HashData([.. hash[..4], .. Encoding.UTF8.GetBytes("secret")]), hash[4..]);
    }

    [Fact]
    public async Task Permissions_are_set_in_every_virtual_host()
    {
        FakeBroker broker = new FakeBroker()
            .Answer("GET users/bob", """{"name":"bob","tags":[]}""")
            .Answer("GET vhosts", """[{"name":"/"},{"name":"v1"}]""");

        await Tool.Ctl(broker, "set_permissions_globally bob a b c");

        Assert.Equal(
            ["""PUT permissions/%2F/bob {"configure":"a","write":"b","read":"c"}""", """PUT permissions/v1/bob {"configure":"a","write":"b","read":"c"}"""],
            broker.Changes);
    }

    [Fact]
    public async Task Environment_is_shown_where_the_broker_shows_it()
    {
        FakeBroker broker = new FakeBroker().Answer("GET config/effective", """{"heartbeat":60}""");

        Assert.Equal("heartbeat = 60\n", (await Tool.Ctl(broker, "-q environment")).Output);
        Assert.Equal(69, (await Tool.Ctl(new FakeBroker(), "environment")).ExitCode);
    }

    [Fact]
    public async Task Report_holds_status_and_lists()
    {
        FakeBroker broker = new FakeBroker();
        foreach (string list in (string[])["nodes", "feature-flags", "users", "connections", "channels", "queues/%2F", "exchanges/%2F", "bindings/%2F",
            "consumers/%2F", "vhosts/%2F/permissions", "policies/%2F", "parameters", "global-parameters"])
        {
            broker.Answer($"GET {list}", "[]");
        }

        Tool run = await Tool.Ctl(broker, "report");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("Status of node rabbit@here", run.Output, StringComparison.Ordinal);
        Assert.Contains("Listing global runtime parameters", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("is_running")]
    [InlineData("is_booting")]
    [InlineData("node_health_check")]
    [InlineData("erlang_version")]
    [InlineData("directories")]
    [InlineData("set rabbitmq_management")]
    public async Task Smaller_commands_answer(string line)
    {
        Tool run = await Tool.Ctl(new FakeBroker(), line);

        Assert.Equal(0, run.ExitCode);
        Assert.NotEqual("", run.Output);
    }

    [Fact]
    public async Task Quorum_critical_node_fails_the_check()
    {
        FakeBroker critical = new FakeBroker().Refuse("GET health/checks/node-is-quorum-critical", HttpStatusCode.ServiceUnavailable, "q1");

        Assert.Equal(69, (await Tool.Ctl(critical, "check_if_node_is_quorum_critical")).ExitCode);
        Assert.Equal(0, (await Tool.Ctl(new FakeBroker().Answer("GET health/checks/node-is-quorum-critical", "{}"), "check_if_node_is_quorum_critical")).ExitCode);
    }
}
