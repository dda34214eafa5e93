using System.Net;
using Xunit;

namespace Warren.Cli.Tests;

public sealed class ChangeCommandTests
{
    [Fact]
    public async Task User_is_added_once()
    {
        FakeBroker broker = new();

        Tool run = await Tool.Ctl(broker, "add_user bob secret");

        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith("Adding user \"bob\" ...\nDone. Don't forget to grant", run.Output, StringComparison.Ordinal);
        Assert.Equal(["""PUT users/bob {"tags":"","password":"secret"}"""], broker.Changes);

        Tool again = await Tool.Ctl(new FakeBroker().Answer("GET users/bob", """{"name":"bob"}"""), "add_user bob secret");
        Assert.Equal(70, again.ExitCode);
        Assert.Equal("Error:\nUser \"bob\" already exists\n", again.Error);
    }

    [Fact]
    public async Task Password_may_come_from_standard_input()
    {
        FakeBroker broker = new();

        await Tool.Ctl(broker, "add_user bob", input: "from a pipe\n");

        Assert.Equal(["""PUT users/bob {"tags":"","password":"from a pipe"}"""], broker.Changes);
    }

    [Fact]
    public async Task Missing_user_is_67()
    {
        FakeBroker broker = new FakeBroker().Refuse("DELETE users/nobody", HttpStatusCode.NotFound, "Not Found");

        Tool run = await Tool.Ctl(broker, "delete_user nobody");

        Assert.Equal(67, run.ExitCode);
        Assert.Equal("Error:\nUser \"nobody\" does not exist\n", run.Error);
        Assert.Equal(67, (await Tool.Ctl(broker, "change_password nobody x")).ExitCode);
        Assert.Equal(67, (await Tool.Ctl(broker, "set_user_tags nobody x")).ExitCode);
    }

    [Fact]
    public async Task Tags_change_and_the_password_stays()
    {
        FakeBroker broker = new FakeBroker().Answer(
            "GET users/bob", """{"name":"bob","password_hash":"abc","hashing_algorithm":"rabbit_password_hashing_sha512","tags":["a"]}""");

        Tool run = await Tool.Ctl(broker, "set_user_tags bob management foo");

        Assert.Equal("Setting tags for user \"bob\" to [management, foo] ...\n", run.Output);
        Assert.Equal(
            ["""PUT users/bob {"password_hash":"abc","hashing_algorithm":"rabbit_password_hashing_sha512","tags":"management,foo"}"""], broker.Changes);
    }

    [Fact]
    public async Task Password_changes_and_the_tags_stay()
    {
        FakeBroker broker = new FakeBroker().Answer("GET users/bob", """{"name":"bob","tags":["a","b"]}""");

        await Tool.Ctl(broker, "change_password bob new");
        await Tool.Ctl(broker, "clear_password bob");

        Assert.Equal(
            ["""PUT users/bob {"tags":["a","b"],"password":"new"}""", """PUT users/bob {"password_hash":"","tags":["a","b"]}"""], broker.Changes);
    }

    [Fact]
    public async Task Right_password_of_a_user_without_tags_authenticates()
    {
        Tool right = await Tool.Ctl(new FakeBroker().Refuse("GET whoami", HttpStatusCode.Unauthorized, "Not management user"), "authenticate_user bob b");
        Tool wrong = await Tool.Ctl(new FakeBroker().Refuse("GET whoami", HttpStatusCode.Unauthorized, "Login failed"), "authenticate_user bob c");

        Assert.Equal("Authenticating user \"bob\" ...\nSuccess\n", right.Output);
        Assert.Equal(65, wrong.ExitCode);
        Assert.Equal("Error:\nError: failed to authenticate user \"bob\"\nuser 'bob' - invalid credentials\n", wrong.Error);
    }

    [Fact]
    public async Task Permissions_are_set_and_cleared()
    {
        FakeBroker broker = new();

        await Tool.Ctl(broker, "set_permissions -p v1 bob ^a .* .*");
        await Tool.Ctl(broker, "clear_permissions -p v1 bob");
        await Tool.Ctl(broker, "set_topic_permissions bob amq.topic ^a ^b");
        await Tool.Ctl(broker, "clear_topic_permissions bob amq.topic");

        Assert.Equal(
            [
                """PUT permissions/v1/bob {"configure":"^a","write":".*","read":".*"}""",
                "DELETE permissions/v1/bob",
                """PUT topic-permissions/%2F/bob {"exchange":"amq.topic","write":"^a","read":"^b"}""",
                "DELETE topic-permissions/%2F/bob/amq.topic",
            ],
            broker.Changes);
    }

    [Fact]
    public async Task Permissions_tell_a_missing_user_from_a_missing_virtual_host()
    {
        FakeBroker broker = new FakeBroker()
            .Refuse("PUT permissions/nope/bob", HttpStatusCode.BadRequest, "vhost_or_user_not_found")
            .Refuse("PUT permissions/%2F/nobody", HttpStatusCode.BadRequest, "vhost_or_user_not_found")
            .Answer("GET users/bob", """{"name":"bob"}""");

        Assert.Equal(67, (await Tool.Ctl(broker, "set_permissions nobody a b c")).ExitCode);
        Assert.Equal(69, (await Tool.Ctl(broker, "set_permissions -p nope bob a b c")).ExitCode);
    }

    [Fact]
    public async Task Virtual_hosts_are_added_and_deleted()
    {
        FakeBroker broker = new FakeBroker().Refuse("DELETE vhosts/nope", HttpStatusCode.NotFound, "Not Found");

        await Tool.Ctl(broker, "add_vhost v/1 --description about~it --default-queue-type quorum");
        Tool missing = await Tool.Ctl(broker, "delete_vhost nope");

        Assert.Equal(
            ["""PUT vhosts/v%2F1 {"description":"about it","default_queue_type":"quorum"}""", "DELETE vhosts/nope"], broker.Changes);
        Assert.Equal(65, missing.ExitCode);
        Assert.Equal("Virtual host 'nope' does not exist\n", missing.Error);
    }

    [Fact]
    public async Task Policy_is_set_as_the_article_does()
    {
        FakeBroker broker = new();

        Tool run = await Tool.Ctl(broker, ["set_policy", "ha-all", ".*", """{"ha-mode":"all"}""", "--priority", "2", "--apply-to", "queues"]);

        Assert.Equal("Setting policy \"ha-all\" for pattern \".*\" to \"{\"ha-mode\":\"all\"}\" with priority \"2\" for vhost \"/\" ...\n", run.Output);
        Assert.Equal(["""PUT policies/%2F/ha-all {"pattern":".*","definition":{"ha-mode":"all"},"priority":2,"apply-to":"queues"}"""], broker.Changes);
    }

    [Fact]
    public async Task Policies_fail_with_69()
    {
        FakeBroker broker = new FakeBroker()
            .Refuse("PUT policies/%2F/p", HttpStatusCode.BadRequest, "Validation failed\\n\\n[{&lt;&lt;nope&gt;&gt;,1}] are not recognised policy settings\\n")
            .Refuse("DELETE policies/%2F/p", HttpStatusCode.NotFound, "Not Found");

        Tool refused = await Tool.Ctl(broker, ["set_policy", "p", "^x", """{"nope":1}"""]);

        Assert.Equal(69, refused.ExitCode);
        Assert.Contains("[{<<nope>>,1}] are not recognised policy settings", refused.Error, StringComparison.Ordinal);
        Assert.Equal(69, (await Tool.Ctl(broker, ["set_policy", "p", "^x", "{\"max"])).ExitCode);
        Tool missing = await Tool.Ctl(broker, "clear_policy p");
        Assert.Equal(69, missing.ExitCode);
        Assert.Equal("Error:\nParameter does not exist\n", missing.Error);
    }

    [Fact]
    public async Task Operator_policies_parameters_and_limits_are_set_and_cleared()
    {
        FakeBroker broker = new FakeBroker()
            .Answer("GET vhost-limits/%2F", """[{"vhost":"/","value":{"max-queues":1}}]""")
            .Answer("GET user-limits/bob", """[{"user":"bob","value":{"max-channels":1,"max-connections":2}}]""");

        await Tool.Ctl(broker, ["set_operator_policy", "o", "^x", """{"max-length":10}"""]);
        await Tool.Ctl(broker, "clear_operator_policy o");
        await Tool.Ctl(broker, "set_parameter shovel s 1");
        await Tool.Ctl(broker, "clear_parameter shovel s");
        await Tool.Ctl(broker, ["set_global_parameter", "x", "\"y\""]);
        await Tool.Ctl(broker, "clear_global_parameter x");
        await Tool.Ctl(broker, ["set_vhost_limits", """{"max-queues":1000,"max-connections":-1}"""]);
        await Tool.Ctl(broker, "clear_vhost_limits");
        await Tool.Ctl(broker, ["set_user_limits", "bob", """{"max-connections":5}"""]);
        await Tool.Ctl(broker, "clear_user_limits bob all");

        Assert.Equal(
            [
                """PUT operator-policies/%2F/o {"pattern":"^x","definition":{"max-length":10},"priority":0,"apply-to":"all"}""",
                "DELETE operator-policies/%2F/o",
                """PUT parameters/shovel/%2F/s {"value":1}""",
                "DELETE parameters/shovel/%2F/s",
                """PUT global-parameters/x {"value":"y"}""",
                "DELETE global-parameters/x",
                """PUT vhost-limits/%2F/max-queues {"value":1000}""",
                """PUT vhost-limits/%2F/max-connections {"value":-1}""",
                "DELETE vhost-limits/%2F/max-queues",
                """PUT user-limits/bob/max-connections {"value":5}""",
                "DELETE user-limits/bob/max-channels",
                "DELETE user-limits/bob/max-connections",
            ],
            broker.Changes);
    }

    [Fact]
    public async Task Queues_are_purged_and_deleted()
    {
        FakeBroker broker = new FakeBroker().Answer("GET queues/%2F/q1", """{"name":"q1","messages_ready":7}""");

        await Tool.Ctl(broker, "purge_queue q1");
        Tool deleted = await Tool.Ctl(broker, "-q delete_queue q1 -e --if-unused");

        Assert.Equal("Queue was successfully deleted with 7 ready messages\n", deleted.Output);
        Assert.Equal(["DELETE queues/%2F/q1/contents", "DELETE queues/%2F/q1?if-empty=true&if-unused=true"], broker.Changes);
    }

    [Fact]
    public async Task Queue_that_is_missing_or_in_use_is_64()
    {
        FakeBroker broker = new FakeBroker()
            .Answer("GET queues/%2F/busy", """{"name":"busy"}""")
            .Refuse("DELETE queues/%2F/busy", HttpStatusCode.BadRequest, "queue 'busy' in vhost '/' in use")
            .Refuse("DELETE queues/%2F/nope/contents", HttpStatusCode.NotFound, "Not Found");

        Assert.Equal((64, "Error:\nQueue not found\n"), Ending(await Tool.Ctl(broker, "delete_queue nope")));
        Assert.Equal((64, "Error:\nQueue is in use\n"), Ending(await Tool.Ctl(broker, "delete_queue busy --if-unused")));
        Assert.Equal((69, "Error:\nnot_found\n"), Ending(await Tool.Ctl(broker, "purge_queue nope")));
    }

    [Fact]
    public async Task Connection_is_closed_by_the_pid_that_was_listed()
    {
        FakeBroker broker = new FakeBroker().Answer(
            "GET connections", """[{"name":"1.2.3.4:5 -> 6.7.8.9:5672","node":"rabbit@here"},{"name":"other","node":"rabbit@here"}]""");
        string pid = (await Tool.Ctl(broker, "-s list_connections pid")).Output.Split('\n')[0];

        Tool run = await Tool.Ctl(broker, ["close_connection", pid, "because of this"]);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(["DELETE connections/1.2.3.4%3A5%20-%3E%206.7.8.9%3A5672"], broker.Changes);
        Assert.Equal("because of this", broker.CloseReason);
        Assert.Equal(69, (await Tool.Ctl(broker, "close_connection <0.1.2> x")).ExitCode);
    }

    [Fact]
    public async Task All_connections_of_a_virtual_host_or_user_are_closed()
    {
        FakeBroker broker = new FakeBroker().Answer(
            "GET connections", """[{"name":"a","vhost":"/","user":"bob"},{"name":"b","vhost":"v1","user":"bob"},{"name":"c","vhost":"/","user":"eve"}]""");

        Assert.EndsWith("Closed 2 connections\n", (await Tool.Ctl(broker, "close_all_connections -p / why")).Output, StringComparison.Ordinal);
        Assert.EndsWith("Closed 1 connections\n", (await Tool.Ctl(broker, "close_all_connections --global --limit 1 why")).Output, StringComparison.Ordinal);
        await Tool.Ctl(broker, "close_all_user_connections bob why");

        Assert.Equal(
            ["DELETE connections/a", "DELETE connections/c", "DELETE connections/a", "DELETE connections/a", "DELETE connections/b"], broker.Changes);
    }

    [Fact]
    public async Task Definitions_go_out_and_in()
    {
        string file = Path.GetTempFileName();
        FakeBroker broker = new FakeBroker().Answer("GET definitions", """{"users":[{"name":"bob"}]}""");

        await Tool.Ctl(broker, ["export_definitions", file]);
        Tool printed = await Tool.Ctl(broker, "export_definitions -");
        Tool imported = await Tool.Ctl(broker, ["import_definitions", file]);
        Tool piped = await Tool.Ctl(broker, "import_definitions", input: "{}");
        File.Delete(file);

        Assert.Equal("{\"users\":[{\"name\":\"bob\"}]}\n", printed.Output);
        Assert.Equal((0, 0), (imported.ExitCode, piped.ExitCode));
        Assert.Equal(["""POST definitions {"users":[{"name":"bob"}]}""", "POST definitions {}"], broker.Changes);
        Assert.Equal(65, (await Tool.Ctl(broker, "import_definitions", input: "{")).ExitCode);
    }

    [Fact]
    public async Task Cluster_name_is_set()
    {
        FakeBroker broker = new();

        await Tool.Ctl(broker, "set_cluster_name foo");

        Assert.Equal(["""PUT cluster-name {"name":"foo"}"""], broker.Changes);
    }

    private static (int ExitCode, string Error) Ending(Tool run) => (run.ExitCode, run.Error);
}
