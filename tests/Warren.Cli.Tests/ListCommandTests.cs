using Xunit;

namespace Warren.Cli.Tests;

public sealed class ListCommandTests
{
    private const string Queues = """
        [{"name":"q1","vhost":"/","node":"rabbit@here","durable":true,"arguments":{},"messages":3,"state":"running"},
         {"name":"q2","vhost":"/","node":"rabbit@here","durable":false,"arguments":{"x-max-length":1000,"x-overflow":"drop-head"},"state":"down"}]
        """;

    [Fact]
    public async Task Table_has_a_banner_a_header_and_tabs()
    {
        Tool run = await Tool.Ctl(Broker(), "list_queues");

        Assert.Equal("Timeout: 60.0 seconds ...\nListing queues for vhost / ...\nname\tmessages\nq1\t3\nq2\t0\n", run.Output);
        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
    }

    [Fact]
    public async Task Quiet_leaves_the_banner_out_and_silent_the_header_too()
    {
        Assert.Equal("name\tmessages\nq1\t3\nq2\t0\n", (await Tool.Ctl(Broker(), "-q list_queues")).Output);
        Assert.Equal("q1\t3\nq2\t0\n", (await Tool.Ctl(Broker(), "list_queues -s")).Output);
        Assert.Equal("q1\t3\nq2\t0\n", (await Tool.Ctl(Broker(), "list_queues -q --no-table-headers")).Output);
    }

    [Fact]
    public async Task Arguments_are_shown_as_property_lists()
    {
        Tool run = await Tool.Ctl(Broker(), "list_queues -s name durable arguments");

        Assert.Equal("q1\ttrue\t[]\nq2\tfalse\t[{\"x-max-length\",1000},{\"x-overflow\",\"drop-head\"}]\n", run.Output);
    }

    [Fact]
    public async Task Json_is_one_document_with_one_object_a_line()
    {
        Tool run = await Tool.Ctl(Broker(), "--formatter json list_queues name arguments");

        Assert.Equal("[\n{\"name\":\"q1\",\"arguments\":{}}\n,{\"name\":\"q2\",\"arguments\":{\"x-max-length\":1000,\"x-overflow\":\"drop-head\"}}\n]\n", run.Output);
    }

    [Fact]
    public async Task Csv_quotes_every_field()
    {
        Tool run = await Tool.Ctl(Broker(), "list_queues name arguments --formatter=csv");

        Assert.Equal("\"name\",\"arguments\"\n\"q1\",\"[]\"\n\"q2\",\"[{\"\"x-max-length\"\",1000},{\"\"x-overflow\"\",\"\"drop-head\"\"}]\"\n", run.Output);
    }

    [Fact]
    public async Task Pretty_table_is_drawn()
    {
        Tool run = await Tool.Ctl(Broker(), "-q list_queues name --formatter pretty_table");

        Assert.Equal("┌──────┐\n│ name │\n├──────┤\n│ q1   │\n├──────┤\n│ q2   │\n└──────┘\n", run.Output);
    }

    [Fact]
    public async Task Unknown_column_is_a_usage_error_with_a_guess()
    {
        Tool run = await Tool.Ctl(Broker(), "list_queues mesages");

        Assert.Equal(64, run.ExitCode);
        Assert.StartsWith("Error (argument validation): Info key(s) mesages are not supported\nDid you mean 'messages'?\n", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Virtual_host_that_does_not_exist_has_no_queues()
    {
        Tool run = await Tool.Ctl(Broker(), "-q list_queues -p nope");

        Assert.Equal("", run.Output);
        Assert.Equal(0, run.ExitCode);
    }

    [Fact]
    public async Task Online_and_offline_queues_can_be_told_apart()
    {
        Assert.Equal("q1\n", (await Tool.Ctl(Broker(), "-s list_queues --online name")).Output);
        Assert.Equal("q2\n", (await Tool.Ctl(Broker(), "-s list_queues --offline name")).Output);
    }

    [Fact]
    public async Task Exchanges_bindings_and_consumers_have_the_columns_of_RabbitMQ()
    {
        FakeBroker broker = new FakeBroker()
            .Answer("GET exchanges/%2F", """[{"name":"","type":"direct"},{"name":"e1","type":"topic"}]""")
            .Answer("GET bindings/%2F", """[{"source":"e1","destination":"q1","destination_type":"queue","routing_key":"a.#","arguments":{}}]""")
            .Answer("GET consumers/%2F", """
                [{"queue":{"name":"q1"},"channel_details":{"name":"c (1)","node":"rabbit@here"},"consumer_tag":"t","ack_required":true,
                  "prefetch_count":7,"active":true,"arguments":{}}]
                """);

        Assert.Equal("\tdirect\ne1\ttopic\n", (await Tool.Ctl(broker, "-s list_exchanges")).Output);
        Assert.Equal("e1\texchange\tq1\tqueue\ta.#\t[]\n", (await Tool.Ctl(broker, "-s list_bindings")).Output);
        Assert.Matches(@"^q1\t<rabbit@here\.\d+\.\d+\.0>\tt\ttrue\t7\ttrue\t\[\]\n$", (await Tool.Ctl(broker, "-s list_consumers")).Output);
    }

    [Fact]
    public async Task Connections_and_channels_have_the_columns_of_RabbitMQ()
    {
        FakeBroker broker = new FakeBroker()
            .Answer("GET connections", """[{"name":"a","user":"guest","peer_host":"::1","peer_port":5,"state":"running","node":"rabbit@here"}]""")
            .Answer("GET channels", """[{"name":"a (1)","user":"guest","consumer_count":1,"node":"rabbit@here"}]""");

        Assert.Equal("user\tpeer_host\tpeer_port\tstate\nguest\t::1\t5\trunning\n", (await Tool.Ctl(broker, "-q list_connections")).Output);
        Assert.Matches(@"^<rabbit@here\.\d+\.\d+\.0>\tguest\t1\t0\n$", (await Tool.Ctl(broker, "-s list_channels")).Output);
    }

    [Fact]
    public async Task Connections_of_MQTT_are_listed_alone_and_by_client_id()
    {
        FakeBroker broker = new FakeBroker().Answer("GET connections", """
            [{"name":"a","protocol":"AMQP 0-9-1","user":"guest","node":"rabbit@here"},
             {"name":"b","protocol":"MQTT 5-0","user":"guest","state":"running","timeout":60,"node":"rabbit@here","variable_map":{"client_id":"one","clean_sess":true,"prefetch":10}},
             {"name":"c","protocol":"Web MQTT 3-1-1","user":"guest","node":"rabbit@here","variable_map":{"client_id":"two","clean_sess":false}}]
            """);

        Assert.Equal("client_id\tconn_name\none\tb\ntwo\tc\n", (await Tool.Ctl(broker, "-q list_mqtt_connections")).Output);
        Assert.Equal(
            "b\tMQTT 5-0\ttrue\t60\t10\trunning\n",
            (await Tool.Ctl(broker, "-s list_mqtt_connections conn_name protocol clean_sess keepalive prefetch connection_state")).Output.Split('\n')[0] + "\n");
        Assert.NotEqual(0, (await Tool.Ctl(broker, "list_mqtt_connections nonsense")).ExitCode);
    }

    [Fact]
    public async Task Users_virtual_hosts_and_rights_are_listed()
    {
        FakeBroker broker = new FakeBroker()
            .Answer("GET users", """[{"name":"bob","tags":["monitoring","policymaker"]},{"name":"old","tags":"administrator"}]""")
            .Answer("GET vhosts/%2F/permissions", """[{"user":"bob","vhost":"/","configure":"^b","write":".*","read":""}]""")
            .Answer("GET users/bob/permissions", """[{"user":"bob","vhost":"/","configure":"^b","write":".*","read":""}]""")
            .Answer("GET feature-flags", """[{"name":"quorum_queue","state":"enabled"}]""");

        Assert.Equal("user\ttags\nbob\t[monitoring, policymaker]\nold\t[administrator]\n", (await Tool.Ctl(broker, "-q list_users")).Output);
        Assert.Equal("/\n", (await Tool.Ctl(broker, "-s list_vhosts")).Output);
        Assert.Equal("user\tconfigure\twrite\tread\nbob\t^b\t.*\t\n", (await Tool.Ctl(broker, "-q list_permissions")).Output);
        Assert.Equal("/\t^b\t.*\t\n", (await Tool.Ctl(broker, "-s list_user_permissions bob")).Output);
        Assert.Equal(65, (await Tool.Ctl(broker, "list_permissions -p nope")).ExitCode);
        Assert.Equal("quorum_queue\tenabled\n", (await Tool.Ctl(broker, "-s list_feature_flags")).Output);
    }

    [Fact]
    public async Task Policies_and_parameters_show_their_JSON_as_text()
    {
        FakeBroker broker = new FakeBroker()
            .Answer("GET policies/%2F", """[{"vhost":"/","name":"p1","pattern":"^q","apply-to":"queues","definition":{"max-length":5},"priority":0}]""")
            .Answer("GET parameters", """
                [{"vhost":"/","component":"shovel","name":"s","value":{"a":1}},{"vhost":"/","component":"policy","name":"p","value":1},
                 {"vhost":"other","component":"shovel","name":"t","value":2}]
                """)
            .Answer("GET global-parameters", """[{"name":"x","value":"y"}]""")
            .Answer("GET vhost-limits/%2F", """[{"vhost":"/","value":{"max-queues":1000}}]""")
            .Answer("GET user-limits/bob", "[]");

        Assert.Equal("/\tp1\t^q\tqueues\t{\"max-length\":5}\t0\n", (await Tool.Ctl(broker, "-s list_policies")).Output);
        Assert.Contains("\"definition\":\"{\\\"max-length\\\":5}\"", (await Tool.Ctl(broker, "list_policies --formatter json")).Output, StringComparison.Ordinal);
        Assert.Equal("shovel\ts\t{\"a\":1}\n", (await Tool.Ctl(broker, "-s list_parameters")).Output);
        Assert.Equal("x\t\"y\"\n", (await Tool.Ctl(broker, "-s list_global_parameters")).Output);
        Assert.Equal("{\"max-queues\":1000}\n", (await Tool.Ctl(broker, "-q list_vhost_limits")).Output);
        Assert.Equal("{}\n", (await Tool.Ctl(broker, "-q list_user_limits --user bob")).Output);
    }

    [Fact]
    public async Task Control_characters_of_names_do_not_reach_the_terminal()
    {
        FakeBroker broker = new FakeBroker().Answer("GET queues/%2F", """[{"name":"a\tb\u001b[2J\n","messages":1}]""");

        Assert.Equal("a\\tb\\x1b[2J\\n\t1\n", (await Tool.Ctl(broker, "-s list_queues")).Output);
    }

    private static FakeBroker Broker() => new FakeBroker().Answer("GET queues/%2F", Queues);
}
