using System.Text.Json.Nodes;
using Xunit;

namespace Warren.Cli.Tests;

public sealed class HealthCommandTests
{
    [Theory]
    [InlineData("ping", "Ping succeeded\n")]
    [InlineData("check_running", "RabbitMQ on node rabbit@here is fully booted and running\n")]
    [InlineData("check_local_alarms", "Node rabbit@here reported no local alarms\n")]
    [InlineData("check_alarms", "Node rabbit@here reported no alarms, local or clusterwide\n")]
    [InlineData("alarms", "Node rabbit@here reported no alarms, local or clusterwide\n")]
    [InlineData("check_port_listener 5672", "A listener for port 5672 is running on node rabbit@here.\n")]
    [InlineData("check_protocol_listener amqp", "A listener for protocol amqp is running on node rabbit@here.\n")]
    [InlineData("check_protocol_listener amqp0-9-1", "A listener for protocol amqp0-9-1 is running on node rabbit@here.\n")]
    [InlineData("check_virtual_hosts", "Node rabbit@here reported all vhosts as running\n")]
    [InlineData("server_version", "4.1.0\n")]
    [InlineData("memory_breakdown --unit bytes", "binary: 750 bytes (75.0%)\ncode: 250 bytes (25.0%)\n")]
    [InlineData("log_location", "<stdout>\n")]
    public async Task Healthy_broker_passes(string line, string expected)
    {
        Tool run = await Tool.Ctl(new FakeBroker(), $"-q {line}");

        Assert.Equal(expected, run.Output);
        Assert.Equal(0, run.ExitCode);
    }

    [Fact]
    public async Task Alarm_fails_the_checks_and_is_listed()
    {
        FakeBroker broker = new FakeBroker().Answer("GET nodes/rabbit%40here", """{"name":"rabbit@here","mem_alarm":true}""");

        Assert.Equal(69, (await Tool.Ctl(broker, "check_local_alarms")).ExitCode);
        Assert.Equal(69, (await Tool.Ctl(broker, "check_alarms")).ExitCode);
        Tool listed = await Tool.Ctl(broker, "-q alarms");
        Assert.Equal(0, listed.ExitCode);
        Assert.Contains("Memory alarm on node rabbit@here", listed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_listener_is_69_and_the_others_are_named()
    {
        Tool port = await Tool.Ctl(new FakeBroker(), "check_port_listener 1");
        Tool protocol = await Tool.Ctl(new FakeBroker(), "check_protocol_listener mqtt");

        Assert.Equal(69, port.ExitCode);
        Assert.Equal("No listener for port 1 is active on node rabbit@here. Found listeners that use the following ports: 5672, 15672\n", port.Error);
        Assert.Equal(69, protocol.ExitCode);
        Assert.Contains("Found listeners for the following protocols: amqp, http\n", protocol.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Virtual_host_that_is_down_fails_the_check()
    {
        FakeBroker broker = new FakeBroker().Answer("GET vhosts", """[{"name":"v1","cluster_state":{"rabbit@here":"stopped"}}]""");

        Tool run = await Tool.Ctl(broker, "check_virtual_hosts");

        Assert.Equal(69, run.ExitCode);
        Assert.Contains("v1", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Broker_that_does_not_answer_is_69()
    {
        FakeBroker broker = new() { IsDown = true };

        foreach (string line in (string[])["ping", "check_running", "status", "list_queues", "check_port_connectivity"])
        {
            Tool run = await Tool.Ctl(broker, line);

            Assert.Equal(69, run.ExitCode);
            Assert.StartsWith("Error:\nunable to reach the broker at http://localhost:15672", run.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Listeners_are_shown_in_the_words_of_RabbitMQ()
    {
        Tool run = await Tool.Ctl(new FakeBroker(), "-q listeners");

        Assert.Equal(
            "Interface: [::], port: 5672, protocol: amqp, purpose: AMQP 0-9-1 and AMQP 1.0\n" +
            "Interface: 127.0.0.1, port: 15672, protocol: http, purpose: HTTP API\n",
            run.Output);
    }

    [Fact]
    public async Task Status_has_the_sections_and_keys_of_RabbitMQ()
    {
        Tool text = await Tool.Ctl(new FakeBroker(), "status");
        Tool json = await Tool.Ctl(new FakeBroker(), "status --formatter json");

        Assert.Equal(
            ["Runtime", "Plugins", "Data directory", "Config files", "Log file(s)", "Alarms", "Memory", "File Descriptors", "Free Disk Space", "Totals", "Listeners"],
            text.Output.Split('\n').Where((l, i) => i > 0 && l.Length > 0 && !l.Contains(':', StringComparison.Ordinal) && l[0] is not (' ' or '(')));
        JsonNode status = JsonNode.Parse(json.Output)!;
        Assert.Equal("4.1.0", (string?)status["rabbitmq_version"]);
        Assert.Equal(5, (int)status["uptime"]!);
        Assert.Equal(3, (int)status["totals"]!["queue_count"]!);
        Assert.Equal(5672, (int)status["listeners"]![0]!["port"]!);
    }

    [Fact]
    public async Task Cluster_status_names_the_running_nodes()
    {
        FakeBroker broker = new FakeBroker()
            .Answer("GET nodes", """[{"name":"rabbit@here","running":true,"processors":2}]""")
            .Answer("GET feature-flags", """[{"name":"quorum_queue","state":"enabled"}]""");

        Tool text = await Tool.Ctl(broker, "cluster_status");
        Tool json = await Tool.Ctl(broker, "cluster_status --formatter json");

        Assert.Contains("Cluster name: c1\n\nDisk Nodes\n\nrabbit@here\n", text.Output, StringComparison.Ordinal);
        Assert.Equal("rabbit@here", (string?)JsonNode.Parse(json.Output)!["running_nodes"]![0]);
    }

    [Fact]
    public async Task Waiting_ends_when_the_broker_answers_or_the_time_is_over()
    {
        Assert.Equal(0, (await Tool.Ctl(new FakeBroker(), "await_startup")).ExitCode);
        Assert.Equal(0, (await Tool.Ctl(new FakeBroker().Answer("GET nodes", """[{"running":true}]"""), "await_online_nodes 1")).ExitCode);
        Assert.Equal(0, (await Tool.Ctl(new FakeBroker(), $"wait --pid {Environment.ProcessId}")).ExitCode);
        Assert.Equal(75, (await Tool.Ctl(new FakeBroker { IsDown = true }, "await_startup -t 1")).ExitCode);
        Assert.Equal(64, (await Tool.Ctl(new FakeBroker(), "wait")).ExitCode);
    }

    [Fact]
    public async Task Process_of_another_age_is_not_stopped()
    {
        FakeBroker broker = new FakeBroker().Answer(
            "GET nodes/rabbit%40here", $$"""{"name":"rabbit@here","os_pid":"{{Environment.ProcessId}}","uptime":9000000000}""");

        Tool run = await Tool.Ctl(broker, "stop");

        Assert.Equal(70, run.ExitCode);
        Assert.Contains("is not a process of this machine", run.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await Tool.Ctl(new FakeBroker { IsDown = true }, "stop --idempotent")).ExitCode);
    }

    [Fact]
    public async Task Plugins_answer_for_what_is_built_in()
    {
        Tool listed = await Tool.Ctl(new FakeBroker(), ["list", "-E"], tools: Ctl.Line.CtlTools.Plugins);
        Tool enabled = await Tool.Ctl(new FakeBroker { IsDown = true }, "enable rabbitmq_management --offline");

        Assert.EndsWith("[E*] rabbitmq_management 4.1.0\n", listed.Output, StringComparison.Ordinal);
        Assert.Equal(0, enabled.ExitCode);
        Assert.Equal(0, (await Tool.Ctl(new FakeBroker(), "disable rabbitmq_management")).ExitCode);
        Assert.Equal(70, (await Tool.Ctl(new FakeBroker(), "enable nope")).ExitCode);
        Assert.Equal(0, (await Tool.Ctl(new FakeBroker(), "is_enabled rabbitmq_management")).ExitCode);
        Assert.Equal(69, (await Tool.Ctl(new FakeBroker(), "is_enabled rabbitmq_mqtt")).ExitCode);
    }
}
