using System.Net;
using System.Text.Json.Nodes;
using Warren.Cli.Ctl.Admin;
using Xunit;

namespace Warren.Cli.Tests;

public sealed class AdminTests
{
    private const string Queues = """[{"name":"q1","messages":3,"durable":true,"tags":["a","b"],"stats":{"x":1}},{"name":"queue2","messages":0,"durable":false}]""";

    [Fact]
    public async Task List_draws_a_table()
    {
        FakeBroker broker = new FakeBroker().Answer("GET queues", Queues);

        Tool run = await Tool.Admin(broker, ["list", "queues"]);

        Assert.Equal(
            """
            +--------+----------+
            |  name  | messages |
            +--------+----------+
            | q1     | 3        |
            | queue2 | 0        |
            +--------+----------+

            """,
            run.Output);
        Assert.Equal(["GET queues?columns=name%2Cmessages"], broker.Requests);
    }

    [Theory]
    [InlineData("tsv", "name\tstats.x\nq1\t1\nqueue2\t\n")]
    [InlineData("kvp", "name=\"q1\" stats.x=\"1\"\nname=\"queue2\" stats.x=\"\"\n")]
    [InlineData("bash", "q1 queue2\n")]
    public async Task Other_formats_and_dotted_columns(string format, string expected)
    {
        Tool run = await Tool.Admin(new FakeBroker().Answer("GET queues/%2F", Queues), ["-f", format, "-V", "/", "list", "queues", "name", "stats.x"]);

        Assert.Equal(expected, run.Output);
    }

    [Fact]
    public async Task Long_format_and_all_columns()
    {
        string line = new('-', 80);

        Tool run = await Tool.Admin(new FakeBroker().Answer("GET users", """[{"tags":["a","b"],"name":"bob","x":{"y":1},"ok":true}]"""), ["-f", "long", "list", "users"]);

        Assert.Equal($"\n{line}\n\nname: bob\n  ok: True\ntags: a b\n\n{line}\n\n", run.Output);
    }

    [Fact]
    public async Task Json_formats_give_what_the_API_gave()
    {
        FakeBroker broker = new FakeBroker().Answer("GET queues", """[{"name":"q1","messages":3}]""");

        Assert.Equal("[{\"name\":\"q1\",\"messages\":3}]\n", (await Tool.Admin(broker, ["-f", "raw_json", "list", "queues"])).Output);
        Assert.Equal(
            "[\n  {\n    \"messages\": 3,\n    \"name\": \"q1\"\n  }\n]\n", (await Tool.Admin(broker, ["-f", "pretty_json", "list", "queues"])).Output);
    }

    [Fact]
    public async Task Overview_is_shown()
    {
        Tool run = await Tool.Admin(new FakeBroker(), ["-f", "tsv", "-q", "show", "overview"]);

        Assert.Equal("4.1.0\tc1\t\t3\n", run.Output);
    }

    [Fact]
    public async Task Objects_are_declared_and_deleted()
    {
        FakeBroker broker = new();

        Tool queue = await Tool.Admin(broker, ["declare", "queue", "name=q 1", "queue_type=quorum"]);
        await Tool.Admin(broker, ["-V", "v1", "declare", "exchange", "name=e1", "type=topic", "durable=false"]);
        await Tool.Admin(broker, ["declare", "binding", "source=e1", "destination=q1", "routing_key=a.#"]);
        await Tool.Admin(broker, ["declare", "user", "name=bob", "password=x", "tags=monitoring"]);
        await Tool.Admin(broker, ["declare", "permission", "vhost=/", "user=bob", "configure=^b", "write=.*", "read=.*"]);
        await Tool.Admin(broker, ["declare", "policy", "name=p", "pattern=^q", "definition={\"max-length\":5}", "apply-to=queues"]);
        Tool deleted = await Tool.Admin(broker, ["delete", "binding", "source=e1", "destination_type=queue", "destination=q1", "properties_key=a.%23"]);
        await Tool.Admin(broker, ["purge", "queue", "name=q1"]);
        await Tool.Admin(broker, ["close", "connection", "name=a -> b"]);

        Assert.Equal("queue declared\n", queue.Output);
        Assert.Equal("binding deleted\n", deleted.Output);
        Assert.Equal(
            [
                """PUT queues/%2F/q%201 {"auto_delete":false,"durable":true,"arguments":{"x-queue-type":"quorum"},"name":"q 1","queue_type":"quorum","vhost":"/"}""",
                """PUT exchanges/v1/e1 {"auto_delete":false,"durable":false,"internal":false,"arguments":{},"name":"e1","type":"topic","vhost":"v1"}""",
                """POST bindings/%2F/e/e1/q/q1 {"destination_type":"queue","routing_key":"a.#","arguments":{},"source":"e1","destination":"q1","vhost":"/"}""",
                """PUT users/bob {"name":"bob","password":"x","tags":"monitoring","vhost":"/"}""",
                """PUT permissions/%2F/bob {"vhost":"/","user":"bob","configure":"^b","write":".*","read":".*"}""",
                """PUT policies/%2F/p {"priority":0,"name":"p","pattern":"^q","definition":{"max-length":5},"apply-to":"queues","vhost":"/"}""",
                "DELETE bindings/%2F/e/e1/q/q1/a.%2523",
                "DELETE queues/%2F/q1/contents",
                "DELETE connections/a%20-%3E%20b",
            ],
            broker.Changes);
    }

    [Fact]
    public async Task Messages_are_published_and_got()
    {
        string file = Path.GetTempFileName();
        FakeBroker broker = new FakeBroker()
            .Answer("POST exchanges/%2F/amq.default/publish", """{"routed":true}""")
            .Answer("POST exchanges/%2F/nowhere/publish", """{"routed":false}""")
            .Answer("POST queues/%2F/q1/get", """[{"payload":"aGk=","payload_encoding":"base64","routing_key":"q1","exchange":"","message_count":0,"payload_bytes":2,"redelivered":false}]""");

        Assert.Equal("Message published\n", (await Tool.Admin(broker, ["publish", "routing_key=q1", "payload=hi"])).Output);
        Assert.Equal("Message published but NOT routed\n", (await Tool.Admin(broker, ["publish", "exchange=nowhere", "routing_key=x"], "from stdin")).Output);
        Tool got = await Tool.Admin(broker, ["-q", "-f", "tsv", "get", "queue=q1", $"payload_file={file}"]);
        string payload = await File.ReadAllTextAsync(file);
        File.Delete(file);

        Assert.Equal("q1\t\t0\t2\tFalse\n", got.Output);
        Assert.Equal("hi", payload);
        JsonNode published = JsonNode.Parse(broker.Requests[1].Split(' ', 3)[2])!;
        Assert.Equal(("ZnJvbSBzdGRpbg==", "base64"), ((string?)published["payload"], (string?)published["payload_encoding"]));
        Assert.Contains("\"count\":1,\"ackmode\":\"ack_requeue_true\",\"encoding\":\"auto\"", broker.Requests[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Definitions_are_exported_and_imported()
    {
        string file = Path.GetTempFileName();
        FakeBroker broker = new FakeBroker().Answer("GET definitions", """{"queues":[]}""").Answer("GET definitions/v1", "{}");

        Tool exported = await Tool.Admin(broker, ["export", file]);
        await Tool.Admin(broker, ["import", file]);
        await Tool.Admin(broker, ["-V", "v1", "export", file]);
        File.Delete(file);

        Assert.StartsWith("Exported definitions for localhost to", exported.Output, StringComparison.Ordinal);
        Assert.Equal(["GET definitions", """POST definitions {"queues":[]}""", "GET definitions/v1"], broker.Requests);
    }

    [Theory]
    [InlineData("list nope", "\nERROR: Don't know how to list nope\n\nrabbitmqadmin --help for help\n")]
    [InlineData("declare queue", "\nERROR: mandatory argument \"name\" is required\n\nrabbitmqadmin --help for help\n")]
    [InlineData("declare queue name=q colour=red", "\nERROR: Argument \"colour\" is not recognised\n\nrabbitmqadmin --help for help\n")]
    [InlineData("delete queue name=nope", "*** Not found: /api/queues/%2F/nope\n")]
    [InlineData("delete queue name=secret", "*** Access refused: /api/queues/%2F/secret\n")]
    public async Task Every_error_is_1(string line, string expected)
    {
        FakeBroker broker = new FakeBroker()
            .Refuse("DELETE queues/%2F/nope", HttpStatusCode.NotFound, "Not Found")
            .Refuse("DELETE queues/%2F/secret", HttpStatusCode.Unauthorized, "no");

        Tool run = await Tool.Admin(broker, line.Split(' '));

        Assert.Equal(1, run.ExitCode);
        Assert.Equal(expected, run.Error);
    }

    [Fact]
    public void Configuration_file_has_sections()
    {
        string[] lines = ["[default]", "hostname = a", "", "# note", "[other]", "hostname=b", "port: 80"];

        Assert.Equal("a", AdminConfiguration.Parse(lines, "default")!["hostname"]);
        Assert.Equal("80", AdminConfiguration.Parse(lines, "other")!["port"]);
        Assert.Null(AdminConfiguration.Parse(lines, "third"));
    }
}
