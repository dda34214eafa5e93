namespace Warren.Management.OpenApi;

/// <summary>What the requests with a body bring, by method and path.</summary>
internal static class BodySchemas
{
    private const string Text = "string";
    private const string Flag = "boolean";
    private const string Number = "integer";
    private const string Table = "object";
    private const string List = "array";
    private const string Anything = "";

    private static readonly (string, string)[] Permission = [("configure!", Text), ("write!", Text), ("read!", Text)];

    private static readonly (string, string)[] Policy =
        [("pattern!", Text), ("definition!", Table), ("priority", Number), ("apply-to", Text)];

    private static readonly (string, string)[] Definitions =
    [
        ("vhosts", List), ("users", List), ("permissions", List), ("topic_permissions", List), ("parameters", List),
        ("global_parameters", List), ("policies", List), ("queues", List), ("exchanges", List), ("bindings", List),
    ];

    private static readonly (string, string)[] Edit = [("filter", Table), ("limit", Number), ("dry_run", Flag)];

    private static readonly Dictionary<string, BodySchema> Known = new(StringComparer.Ordinal)
    {
        ["POST /login"] = new([("username!", Text), ("password!", Text)], 200) { MediaType = "application/x-www-form-urlencoded" },
        ["PUT /users/{user}"] = new(
            [("tags!", Anything), ("password", Text), ("password_hash", Text), ("hashing_algorithm", Text), ("limits", Table)]),
        ["POST /users/bulk-delete"] = new([("users!", List)], 204),
        ["PUT /permissions/{vhost}/{user}"] = new(Permission),
        ["PUT /topic-permissions/{vhost}/{user}"] = new([("exchange!", Text), ("write!", Text), ("read!", Text)]),
        ["PUT /vhosts/{vhost}"] = new(
            [("description", Text), ("tags", Anything), ("default_queue_type", Text), ("tracing", Flag), ("metadata", Table)]),
        ["PUT /vhost-limits/{vhost}/{name}"] = new([("value!", Number)]),
        ["PUT /user-limits/{user}/{name}"] = new([("value!", Number)]),
        ["PUT /policies/{vhost}/{name}"] = new(Policy),
        ["PUT /operator-policies/{vhost}/{name}"] = new(Policy),
        ["PUT /parameters/{component}/{vhost}/{name}"] = new([("value!", Anything)]),
        ["PUT /global-parameters/{name}"] = new([("value!", Anything)]),
        ["PUT /cluster-name"] = new([("name!", Text)]),
        ["PUT /nodes/{node}/memory-watermark"] = new([("relative", Anything), ("absolute", Anything)], 204),
        ["PUT /nodes/{node}/disk-free-limit"] = new([("mem_relative", Anything), ("absolute", Anything)], 204),
        ["PUT /nodes/{node}/log-level"] = new([("level!", Text), ("category", Text)], 204),
        ["POST /definitions"] = new(Definitions, 204),
        ["POST /all-configuration"] = new(Definitions, 204),
        ["POST /definitions/{vhost}"] = new(Definitions, 204),
        ["PUT /queues/{vhost}/{name}"] = new(
            [("durable", Flag), ("auto_delete", Flag), ("exclusive", Flag), ("arguments", Table), ("node", Text)]),
        ["POST /queues/{vhost}/{name}/actions"] = new([("action!", Text)], 204),
        ["POST /queues/{vhost}/{name}/get"] = new(
            [("ackmode!", Text), ("count!", Number), ("encoding!", Text), ("truncate", Number)], 200),
        ["POST /queues/{vhost}/{name}/messages/move"] = new([("destination!", Table), .. Edit], 200),
        ["POST /queues/{vhost}/{name}/messages/copy"] = new([("destination!", Table), .. Edit], 200),
        ["POST /queues/{vhost}/{name}/messages/delete"] = new(Edit, 200),
        ["PUT /exchanges/{vhost}/{name}"] = new(
            [("type", Text), ("durable", Flag), ("auto_delete", Flag), ("internal", Flag), ("arguments", Table)]),
        ["POST /exchanges/{vhost}/{name}/publish"] = new(
            [("routing_key!", Text), ("properties!", Table), ("payload!", Text), ("payload_encoding!", Text)], 200),
        ["POST /bindings/{vhost}/e/{source}/q/{destination}"] = new([("routing_key", Text), ("arguments", Table)], 201),
        ["POST /bindings/{vhost}/e/{source}/e/{destination}"] = new([("routing_key", Text), ("arguments", Table)], 201),
        ["POST /explain"] = new(
            [("vhost", Text), ("exchange", Text), ("routing_key", Text), ("headers", Table), ("properties", Table), ("user", Text)], 200),
    };

    /// <summary>Every method and path of the table.</summary>
    public static IReadOnlyCollection<string> Operations => Known.Keys;

    /// <summary>What an operation takes; null: nothing.</summary>
    public static BodySchema? Find(string method, string path) => Known.GetValueOrDefault($"{method} {path}");
}
