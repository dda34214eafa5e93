using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Warren.Core.Security;
using Warren.Management.Hosting;
using Warren.Server;
using Xunit;

namespace Warren.Management.Tests;

public sealed class DefinitionsTests(ManagedBroker broker) : IClassFixture<ManagedBroker>
{
    private static readonly string Hash = PasswordHash.Create("ann's");

    private static string Document(string host) => $$$"""
        {
          "rabbit_version": "3.10.8", "rabbitmq_version": "3.10.8", "product_name": "RabbitMQ", "unknown": [1],
          "users": [{"name": "{{{host}}}-ann", "password_hash": "{{{Hash}}}", "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": ["management"], "limits": {"max-channels": 9}},
                    {"name": "{{{host}}}-bob", "password": "clear", "tags": "monitoring,management"}],
          "vhosts": [{"name": "{{{host}}}"}],
          "permissions": [{"user": "{{{host}}}-ann", "vhost": "{{{host}}}", "configure": "^a", "write": ".*", "read": ""}],
          "topic_permissions": [{"user": "{{{host}}}-ann", "vhost": "{{{host}}}", "exchange": "amq.topic", "write": "^a", "read": "^b"}],
          "parameters": [{"value": {"max-queues": 100}, "vhost": "{{{host}}}", "component": "vhost-limits", "name": "limits"},
                         {"value": {"pattern": ".*", "definition": {"expires": 9000000}, "priority": 1, "apply-to": "queues"}, "vhost": "{{{host}}}", "component": "operator_policy", "name": "ops"},
                         {"value": {"src-uri": "amqp://"}, "vhost": "{{{host}}}", "component": "shovel", "name": "digger"}],
          "global_parameters": [{"name": "{{{host}}}-global", "value": "v"}],
          "policies": [{"vhost": "{{{host}}}", "name": "p", "pattern": "^q", "apply-to": "queues", "definition": {"max-length": 7}, "priority": 3}],
          "queues": [{"name": "q1", "vhost": "{{{host}}}", "durable": true, "auto_delete": false, "arguments": {"x-max-priority": 5}},
                     {"name": "q2", "vhost": "{{{host}}}", "durable": true, "auto_delete": false, "arguments": {"x-queue-type": "quorum"}}],
          "exchanges": [{"name": "e1", "vhost": "{{{host}}}", "type": "topic", "durable": true, "auto_delete": false, "internal": false, "arguments": {}},
                        {"name": "e2", "vhost": "{{{host}}}", "type": "fanout", "durable": true, "auto_delete": false, "internal": true, "arguments": []}],
          "bindings": [{"source": "e1", "vhost": "{{{host}}}", "destination": "q1", "destination_type": "queue", "routing_key": "a.#", "arguments": {}},
                       {"source": "e1", "vhost": "{{{host}}}", "destination": "e2", "destination_type": "exchange", "routing_key": "b", "arguments": {"x": 1}}]
        }
        """;

    [Fact]
    public async Task Document_of_RabbitMQ_is_imported_and_comes_out_the_same()
    {
        JsonNode document = JsonNode.Parse(Document("one"))!;

        Assert.Equal((204, ""), await broker.PostAsync("/definitions", document.ToJsonString()));
        Assert.Equal((204, ""), await broker.PostAsync("/definitions", document.ToJsonString()));

        JsonNode export = await broker.GetAsync("/definitions");
        foreach (string list in new[] { "permissions", "topic_permissions", "policies", "exchanges", "bindings" })
        {
            JsonNode[] exported = [.. export[list]!.AsArray().Where(i => (string?)i!["vhost"] == "one" && (string?)i["user"] != "guest").Select(i => i!)];
            Assert.Equal(document[list]!.AsArray().Count, exported.Length);
            foreach (JsonNode? item in document[list]!.AsArray())
            {
                Assert.Contains(exported, e => Same(item!, e));
            }
        }

        JsonNode ann = Assert.Single(export["users"]!.AsArray(), u => (string?)u!["name"] == "one-ann")!;
        Assert.Equal(Hash, (string?)ann["password_hash"]);
        Assert.Equal(9, (int)ann["limits"]!["max-channels"]!);
        Assert.Equal(
            ["limits", "ops", "digger"],
            export["parameters"]!.AsArray().Where(p => (string?)p!["vhost"] == "one").Select(p => (string)p!["name"]!).OrderBy(n => "lod".IndexOf(n[0], StringComparison.Ordinal)));
        JsonNode quorum = Assert.Single(export["queues"]!.AsArray(), q => (string?)q!["vhost"] == "one" && (string?)q["name"] == "q2")!;
        Assert.Equal("quorum", (string?)quorum["type"]);
        Assert.Equal("bob", (string?)(await broker.GetAsync("/whoami", "one-bob", "clear"))["name"] is { } name ? name[4..] : "");
        Assert.NotNull(broker.Broker.Users.FindPermissions("guest", "one"));
    }

    [Fact]
    public async Task Own_export_is_imported_by_another_broker()
    {
        await broker.PostAsync("/definitions", Document("two"));
        string export = (await broker.GetAsync("/definitions")).ToJsonString();
        await using var other = new ManagedBroker();
        await other.InitializeAsync();

        Assert.Equal((204, ""), await other.PostAsync("/definitions", export));
        await other.RestartAsync();

        JsonNode again = await other.GetAsync("/definitions");
        JsonNode before = JsonNode.Parse(export)!;
        foreach (string list in new[] { "users", "vhosts", "policies", "queues", "exchanges", "bindings", "parameters", "global_parameters", "topic_permissions" })
        {
            Assert.Equal(Sorted(before[list]!), Sorted(again[list]!));
        }
    }

    [Fact]
    public async Task One_virtual_host_is_copied_into_another()
    {
        await broker.PostAsync("/definitions", Document("three"));
        JsonNode document = await broker.GetAsync("/definitions/three");
        await broker.PutAsync("/vhosts/copy");

        Assert.Equal((204, ""), await broker.PostAsync("/definitions/copy", document.ToJsonString()));

        JsonNode copy = await broker.GetAsync("/definitions/copy");
        Assert.Equal("single_virtual_host", (string?)copy["rabbitmq_definition_format"]);
        Assert.All(copy["queues"]!.AsArray(), q => Assert.Null(q!["vhost"]));
        foreach (string list in new[] { "policies", "queues", "exchanges", "bindings", "parameters" })
        {
            Assert.Equal(Sorted(document[list]!), Sorted(copy[list]!));
        }
    }

    [Fact]
    public async Task Export_can_be_saved_under_a_name()
    {
        using HttpResponseMessage reply = await broker.SendAsync(HttpMethod.Get, "/definitions?download=my%22%0Ddefs.json");

        Assert.Equal("attachment; filename=mydefs.json", reply.Content.Headers.ContentDisposition!.ToString());
    }

    [Fact]
    public async Task File_of_a_form_is_imported()
    {
        using var form = new MultipartFormDataContent();
        using var file = new ByteArrayContent([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes("""{"users":[{"name":"formed","password":"x","tags":""}]}""")]);
        form.Add(file, "file", "definitions.json");
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String("guest:guest"u8));

        using HttpResponseMessage reply = await http.PostAsync(new Uri($"{broker.Url}/api/definitions"), form);

        Assert.Equal(204, (int)reply.StatusCode);
        Assert.NotNull(broker.Broker.Users.Find("formed"));
    }

    [Theory]
    [InlineData("{", "failed_to_parse_json")]
    [InlineData("""{"queues":[{"name":"q","vhost":"nowhere"}]}""", """["no_such_vhost","nowhere"]""")]
    [InlineData("""{"queues":[5]}""", "a queue is an object")]
    [InlineData("""{"queues":{}}""", "queues is no list")]
    [InlineData("""{"bindings":[{"source":"amq.direct","vhost":"/","destination":"nope"}]}""", "binding: no queue 'nope' in vhost '/'")]
    [InlineData("""{"exchanges":[{"name":"e","vhost":"/","type":"nope"}]}""", "exchange 'e': unknown exchange type 'nope'")]
    public async Task Document_that_makes_no_sense_is_refused(string document, string reason)
    {
        (int status, string body) = await broker.PostAsync("/definitions", document);

        Assert.Equal(400, status);
        Assert.Equal(reason, ManagedBroker.ReasonOf(body));
    }

    [Fact]
    public async Task Unknown_virtual_host_has_no_definitions()
    {
        (int status, string body) = await broker.TryGetAsync("/definitions/nowhere");

        Assert.Equal(400, status);
        Assert.Equal("vhost_not_found", ManagedBroker.ReasonOf(body));
    }

    [Fact]
    public async Task File_is_brought_in_at_the_start()
    {
        string file = Path.Combine(broker.DirectoryPath, "load.json");
        await File.WriteAllTextAsync(file, Document("booted"));
        await using var other = new ManagedBroker { Configure = o => o with { Definitions = new DefinitionsOptions { Path = file } } };

        await other.InitializeAsync();
        await other.RestartAsync();

        Assert.Equal(2, other.Broker.FindVirtualHost("booted")!.Queues.Count);
        Assert.Null(other.Broker.Users.FindPermissions("guest", "booted"));
    }

    [Fact]
    public async Task File_that_cannot_be_used_stops_the_start()
    {
        string file = Path.Combine(broker.DirectoryPath, "bad.json");
        await File.WriteAllTextAsync(file, "nonsense");
        var other = new ManagedBroker { Configure = o => o with { Definitions = new DefinitionsOptions { Path = file } } };

        var error = await Assert.ThrowsAsync<StartupError>(async () => await other.InitializeAsync());

        Assert.Equal(StartupFault.Configuration, error.Fault);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    private static bool Same(JsonNode expected, JsonNode actual) => expected.AsObject().All(m =>
        m.Value is JsonArray { Count: 0 } ? actual[m.Key] is JsonObject { Count: 0 } : JsonNode.DeepEquals(m.Value, actual[m.Key]));

    private static string[] Sorted(JsonNode list) => [.. list.AsArray().Select(i => i!.ToJsonString()).Order(StringComparer.Ordinal)];
}
