using System.Net;
using Warren.Cli.Ctl.Line;
using Xunit;

namespace Warren.Cli.Tests;

public sealed class ReplicaCommandTests
{
    private static FakeBroker Broker => new FakeBroker()
        .Answer("GET queues/%2F/q", """{"name":"q","vhost":"/","type":"quorum","members":["rabbit@here"],"leader":"rabbit@here","online":["rabbit@here"]}""")
        .Answer("GET queues/%2F/s", """{"name":"s","vhost":"/","type":"stream"}""")
        .Answer("GET queues/%2F/c", """{"name":"c","vhost":"/","type":"classic"}""")
        .Answer("GET queues", """[{"name":"q","vhost":"/","type":"quorum"},{"name":"c","vhost":"/","type":"classic"}]""");

    [Fact]
    public async Task Quorum_status_has_one_leader_and_no_made_up_indexes()
    {
        Tool run = await Tool.Ctl(Broker, "-q quorum_status q");

        Assert.Equal(
            "Node Name\tRaft State\tMembership\tLast Log Index\tLast Written\tLast Applied\tCommit Index\tSnapshot Index\tTerm\tMachine Version\n" +
            "rabbit@here\tleader\tvoter\t\t\t\t\t\t\t\n",
            run.Output);
    }

    [Theory]
    [InlineData("quorum_status c", 69, "Cannot get quorum status of a classic queue")]
    [InlineData("quorum_status none", 69, "queue 'none' in vhost '/' not found")]
    [InlineData("add_member q rabbit@there", 69, "node rabbit@there is not running: this broker has one node")]
    [InlineData("delete_member q rabbit@here", 69, "the member on node rabbit@here is the last of queue q: delete the queue instead")]
    [InlineData("delete_member c rabbit@here", 69, "Cannot delete members from a classic queue")]
    [InlineData("grow rabbit@there all", 69, "node rabbit@there is not running: this broker has one node")]
    [InlineData("reclaim_quorum_memory c", 69, "This operation is not supported for classic queues")]
    [InlineData("stream_status q", 69, "queue 'q' is not a stream")]
    [InlineData("join_cluster rabbit@there", 69, "'join_cluster' needs a cluster: this broker has one node")]
    [InlineData("forget_cluster_node rabbit@there --offline", 69, "'forget_cluster_node' needs a cluster: this broker has one node")]
    [InlineData("rename_cluster_node a b", 69, "'rename_cluster_node' needs a cluster: this broker has one node")]
    [InlineData("update_cluster_nodes a", 69, "'update_cluster_nodes' needs a cluster: this broker has one node")]
    [InlineData("force_boot", 69, "'force_boot' needs a cluster: this broker has one node")]
    [InlineData("add_replica s rabbit@there", 69, "this broker has one node, which holds the only replica of each stream")]
    [InlineData("delete_replica s rabbit@here", 69, "this broker has one node, which holds the only replica of each stream")]
    [InlineData("pause_queue none", 64, "Queue not found")]
    public async Task What_one_node_cannot_do_is_refused_with_a_reason(string line, int exitCode, string reason)
    {
        FakeBroker broker = Broker.Refuse("PUT queues/%2F/none/pause", HttpStatusCode.NotFound, "Not Found");

        Tool run = await Tool.Ctl(broker, line);

        Assert.Equal((exitCode, $"Error:\n{reason}\n"), (run.ExitCode, run.Error));
    }

    [Theory]
    [InlineData("add_member q rabbit@here", "queue q has a member on node rabbit@here already\n")]
    [InlineData("grow rabbit@here even", "")]
    [InlineData("shrink rabbit@here", "vhost\tname\tsize\tresult\n/\tq\t1\terror: last_node\n")]
    [InlineData("rebalance quorum", "Node name\tNumber of quorum queues\tNumber of replicated classic queues\nrabbit@here\t1\t0\n")]
    [InlineData("transfer_leadership q rabbit@here", "queue q has its leader on node rabbit@here\n")]
    [InlineData("reclaim_quorum_memory q", "")]
    [InlineData("list_stream_connections", "")]
    [InlineData("post_upgrade", "")]
    [InlineData("restart_vhost", "Vhost '/' is already running on node 'rabbit@here'\n")]
    public async Task What_is_so_already_is_told(string line, string output)
    {
        FakeBroker broker = Broker.Answer("GET vhosts/%2F", """{"name":"/"}""");

        Tool run = await Tool.Ctl(broker, $"-q {line}");

        Assert.Equal((0, output), (run.ExitCode, run.Output));
    }

    [Fact]
    public async Task Peek_counts_from_one()
    {
        FakeBroker broker = Broker.Answer("GET queues/%2F/q/messages", """{"messages":[{"payload":"m","redelivered":false}]}""");

        Tool run = await Tool.Ctl(broker, "-q peek q 2");
        Tool wrong = await Tool.Ctl(broker, "peek q 0");

        Assert.Equal("keys\tvalues\npayload\tm\nredelivered\tfalse\n", run.Output);
        Assert.Contains("GET queues/%2F/q/messages?page_size=1&position=1", broker.Requests);
        Assert.Equal(64, wrong.ExitCode);
    }

    [Fact]
    public async Task Peek_behind_the_end_is_69()
    {
        FakeBroker broker = Broker.Answer("GET queues/%2F/q/messages", """{"messages":[]}""");

        Tool run = await Tool.Ctl(broker, "peek q 9");

        Assert.Equal((69, "Error:\nTarget queue has no message at position 9\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task Queue_is_created_with_the_options_of_lavinmqctl()
    {
        FakeBroker broker = Broker;

        await Tool.Ctl(broker, "create_queue jobs --durable --max-length 10 --reject-on-overflow --dead-letter-exchange dlx");
        await Tool.Ctl(broker, "create_exchange topic news --durable --alternate-exchange rest");
        await Tool.Ctl(broker, "resume_queue q");

        Assert.Equal(
            [
                """PUT queues/%2F/jobs {"durable":true,"auto_delete":false,"arguments":{"x-max-length":10,"x-dead-letter-exchange":"dlx","x-overflow":"reject-publish"}}""",
                """PUT exchanges/%2F/news {"type":"topic","durable":true,"auto_delete":false,"internal":false,"arguments":{"alternate-exchange":"rest"}}""",
                "PUT queues/%2F/q/resume {}",
            ],
            broker.Changes);
    }

    [Theory]
    [InlineData("Queues", "rebalance all", 0)]
    [InlineData("Queues", "check_if_node_is_mirror_sync_critical", 0)]
    [InlineData("Queues", "list_users", 64)]
    [InlineData("Streams", "list_stream_consumers", 0)]
    [InlineData("Streams", "peek q 1", 64)]
    [InlineData("Upgrade", "drain", 0)]
    [InlineData("Upgrade", "rebalance all", 64)]
    [InlineData("Ctl", "stream_status q", 64)]
    public async Task Each_program_knows_its_own_commands(string tools, string line, int exitCode) =>
        Assert.Equal(exitCode, (await Tool.Ctl(Broker, line.Split(' '), tools: Enum.Parse<CtlTools>(tools))).ExitCode);

    [Fact]
    public async Task Last_lines_of_the_log_are_shown()
    {
        string file = Path.GetTempFileName();
        await File.WriteAllLinesAsync(file, ["one", "two", "three"], TestContext.Current.CancellationToken);
        FakeBroker broker = Broker.Answer("GET nodes/rabbit%40here", $$"""{"name":"rabbit@here","log_files":["{{file}}"]}""");

        Tool run = await Tool.Ctl(broker, "log_tail -N 2");

        Assert.Equal("two\nthree\n", run.Output);
        Tool all = await Tool.Ctl(broker, "log_tail_stream --duration 0"); // what was there is not repeated
        Assert.Equal((0, ""), (all.ExitCode, all.Output));
        File.Delete(file);
    }

    [Fact]
    public async Task Diagnostics_tell_logins_certificates_and_deprecated_features()
    {
        FakeBroker broker = Broker
            .Answer("GET auth/attempts/rabbit%40here", """[{"protocol":"amqp091","auth_attempts":3,"auth_attempts_failed":1,"auth_attempts_succeeded":2}]""")
            .Answer("GET health/checks/certificate-expiration/2/months", """{"status":"ok"}""")
            .Answer("GET deprecated-features", """[{"name":"global_qos","deprecation_phase":"permitted_by_default","desc":"d"}]""");

        Assert.Equal(
            "protocol\tauth_attempts\tauth_attempts_failed\tauth_attempts_succeeded\namqp091\t3\t1\t2\n",
            (await Tool.Ctl(broker, "-q list_node_auth_attempt_stats")).Output);
        Assert.Equal(
            "No certificates on node rabbit@here expire in 2 months\n",
            (await Tool.Ctl(broker, "-q check_certificate_expiration --within 2 --unit months")).Output);
        Assert.Equal("global_qos\tpermitted_by_default\n", (await Tool.Ctl(broker, "-s list_deprecated_features")).Output);
        Assert.Equal(64, (await Tool.Ctl(broker, "list_deprecated_features bogus")).ExitCode);
    }

    [Theory]
    [InlineData("activate_free_disk_space_monitoring", "PUT nodes/rabbit%40here/disk-free-limit {\"absolute\":\"50MB\"}")]
    [InlineData("enable_feature_flag all", null)]
    [InlineData("enable_feature_flag quorum_queue", "PUT feature-flags/quorum_queue/enable {\"name\":\"quorum_queue\"}")]
    [InlineData("reconcile_vhosts", null)]
    [InlineData("list_unresponsive_queues", null)]
    [InlineData("discover_peers", null)]
    [InlineData("check_for_quorum_queues_without_an_elected_leader", null)]
    [InlineData("metadata_store_status", null)]
    [InlineData("resolve_hostname localhost", null)]
    [InlineData("list_network_interfaces", null)]
    [InlineData("force_checkpoint", null)]
    [InlineData("list_stream_publishers", null)]
    [InlineData("await_online_quorum_plus_one", null)]
    [InlineData("has_reached_target_cluster_size", null)]
    [InlineData("delete_exchange news", "DELETE exchanges/%2F/news")]
    public async Task Rest_of_the_commands_answers(string line, string? change)
    {
        FakeBroker broker = Broker;
        foreach (string check in (string[])
        [
            "node-is-quorum-critical", "reached-target-cluster-size", "metadata-store/initialized",
            "quorum-queues-without-elected-leaders/vhost/%2F",
        ])
        {
            broker.Answer($"GET health/checks/{check}", """{"status":"ok"}""");
        }

        Tool run = await Tool.Ctl(broker, line);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(change is null ? [] : [change], broker.Changes);
    }
}
