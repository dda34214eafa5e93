using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Warren.Management.Endpoints;
using Warren.Management.OpenApi;
using Warren.Management.Routing;
using Xunit;

namespace Warren.Management.Tests;

public sealed class OpenApiTests(OpenApiTests.Running running) : IClassFixture<OpenApiTests.Running>
{
    private static readonly string[] Methods = ["get", "put", "post", "delete"];

    // They take no body: what is to be done is in the path.
    private static readonly string[] Bodyless =
    [
        "PUT /feature-flags/{name}/enable", "POST /rebalance/queues", "POST /vhosts/{vhost}/start/{node}",
        "POST /vhosts/{vhost}/deletion/protection", "PUT /queues/{vhost}/{name}/pause", "PUT /queues/{vhost}/{name}/resume",
        "POST /nodes/{node}/rotate-logs", "POST /nodes/{node}/suspend-listeners", "POST /nodes/{node}/resume-listeners",
        "POST /nodes/{node}/drain", "POST /nodes/{node}/revive", "POST /nodes/{node}/stop-app", "POST /nodes/{node}/start-app",
        "POST /nodes/{node}/reset",
    ];

    private readonly JsonNode _document = running.Document;
    private readonly ManagedBroker _broker = running.Broker;

    [Fact]
    public void Every_route_is_described_with_its_methods()
    {
        var routes = new ApiRoutes();
        EndpointTable.Map(routes);
        string[] served = [.. routes.All.SelectMany(static r => r.Resource.Methods.Select(m => $"{m.Method} {r.Path}")).Order(StringComparer.Ordinal)];

        Assert.Equal(served, Operations().Select(static o => o.Name).Order(StringComparer.Ordinal));
        Assert.True(served.Length > 100);
    }

    [Fact]
    public void Every_operation_says_what_it_may_answer_and_who_may_ask()
    {
        foreach ((string name, JsonNode operation) in Operations())
        {
            Assert.Contains(operation["responses"]!.AsObject(), static r => r.Key[0] == '2');
            Assert.Equal(operation["x-guard"]!.GetValue<string>() == "None", operation["security"]!.AsArray().Count == 0);
            Assert.True(operation["security"]!.AsArray().Count == 0 || operation["responses"]!["401"] is not null, name);
        }

        Assert.Distinct(Operations().Select(static o => (string?)o.Operation["operationId"]), StringComparer.Ordinal);
    }

    [Fact]
    public void Every_parameter_of_a_path_is_declared_and_no_two_paths_are_the_same()
    {
        foreach ((string path, JsonNode? item) in _document["paths"]!.AsObject())
        {
            string[] named = [.. Regex.Matches(path, @"\{(\w+)\}", RegexOptions.ExplicitCapture | RegexOptions.None, TimeSpan.FromSeconds(1)).Select(static m => m.Value.Trim('{', '}'))];
            string[] declared = [.. (item!["parameters"]?.AsArray() ?? []).Select(static p => (string)p!["name"]!)];
            Assert.Equal(named, declared);
        }

        Assert.Distinct(
            _document["paths"]!.AsObject().Select(static p => Regex.Replace(p.Key, @"\{\w+\}", "{}", RegexOptions.None, TimeSpan.FromSeconds(1))),
            StringComparer.Ordinal);
    }

    [Fact]
    public void Every_reference_leads_somewhere()
    {
        foreach (string reference in References(_document))
        {
            JsonNode? target = _document;
            foreach (string part in reference.TrimStart('#', '/').Split('/'))
            {
                target = target?[part];
            }

            Assert.True(target is not null, reference);
        }
    }

    [Fact]
    public void Bodies_are_described_where_one_is_read()
    {
        string[] written = [.. Operations().Select(static o => o.Name).Where(static n => n.StartsWith("PUT", StringComparison.Ordinal) || n.StartsWith("POST", StringComparison.Ordinal))];

        Assert.Equal(written.Order(StringComparer.Ordinal), BodySchemas.Operations.Concat(Bodyless).Order(StringComparer.Ordinal));
        JsonNode schema = _document["paths"]!["/queues/{vhost}/{name}/get"]!["post"]!["requestBody"]!["content"]!["application/json"]!["schema"]!;
        Assert.Equal(["ackmode", "count", "encoding"], schema["required"]!.AsArray().Select(static r => (string)r!));
        Assert.Equal("integer", (string?)schema["properties"]!["truncate"]!["type"]);
    }

    [Fact]
    public async Task Answers_are_those_the_document_announces()
    {
        foreach ((string name, JsonNode operation) in Operations().Where(static o => o.Name.StartsWith("GET", StringComparison.Ordinal)))
        {
            string path = Regex.Replace(name[4..], @"\{\w+\}", "%2F", RegexOptions.None, TimeSpan.FromSeconds(1));

            int status = (await _broker.TryGetAsync(path)).Status;

            Assert.True(operation["responses"]![$"{status}"] is not null, $"{name} answers {status}");
        }
    }

    [Fact]
    public async Task Required_members_are_missed()
    {
        foreach ((string name, JsonNode operation) in Operations().Where(static o => o.Operation["requestBody"]?["required"]?.GetValue<bool>() == true))
        {
            string[] words = name.Split(' ');
            string path = Regex.Replace(words[1], @"\{\w+\}", "%2F", RegexOptions.None, TimeSpan.FromSeconds(1));
            (int status, string body) = words[0] == "PUT" ? await _broker.PutAsync(path, "{}") : await _broker.PostAsync(path, "{}");

            Assert.True(status is 400 or 404, $"{name} without its body answers {status} {body}");
        }
    }

    [Fact]
    public async Task Document_is_for_everybody()
    {
        Assert.Equal(200, (await _broker.TryGetAsync("/openapi.json", user: null)).Status);
        Assert.StartsWith("3.1", (string?)_document["openapi"], StringComparison.Ordinal);
    }

    private IEnumerable<(string Name, JsonNode Operation)> Operations() =>
        from path in _document["paths"]!.AsObject()
        from method in Methods
        where path.Value![method] is not null
        select ($"{method.ToUpperInvariant()} {path.Key}", path.Value![method]!);

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject table => table.SelectMany(static p => p.Key == "$ref" ? [(string)p.Value!] : References(p.Value)),
        JsonArray list => list.SelectMany(References),
        _ => [],
    };

    public sealed class Running : IAsyncLifetime
    {
        public ManagedBroker Broker { get; } = new();

        public JsonNode Document { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            await Broker.InitializeAsync();
            Document = await Broker.GetAsync("/openapi.json");
        }

        public ValueTask DisposeAsync() => Broker.DisposeAsync();
    }
}
