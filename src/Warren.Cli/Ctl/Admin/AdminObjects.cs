namespace Warren.Cli.Ctl.Admin;

/// <summary>What rabbitmqadmin's verbs work on.</summary>
internal static class AdminObjects
{
    private const string Binding = "bindings/{vhost}/e/{source}/{destination_char}/{destination}";

    /// <summary><c>declare</c>.</summary>
    public static IReadOnlyList<AdminObject> Declarable { get; } =
    [
        new("exchange", "exchanges/{vhost}/{name}", ["name", "type"],
            [("auto_delete", "false"), ("durable", "true"), ("internal", "false"), ("arguments", "{}")], ["arguments"]),
        new("queue", "queues/{vhost}/{name}", ["name"],
            [("auto_delete", "false"), ("durable", "true"), ("arguments", "{}"), ("node", null), ("queue_type", null)], ["arguments"]),
        new("binding", Binding, ["source", "destination"],
            [("destination_type", "queue"), ("routing_key", ""), ("arguments", "{}")], ["arguments"]),
        new("vhost", "vhosts/{name}", ["name"], [("tracing", null)], []),
        new("user", "users/{name}", ["name", "password|password_hash", "tags"], [("hashing_algorithm", null)], []),
        new("permission", "permissions/{vhost}/{user}", ["vhost", "user", "configure", "write", "read"], [], []),
        new("parameter", "parameters/{component}/{vhost}/{name}", ["component", "name", "value"], [], ["value"]),
        new("policy", "policies/{vhost}/{name}", ["name", "pattern", "definition"],
            [("priority", "0"), ("apply-to", null)], ["definition", "priority"]),
        new("operator_policy", "operator-policies/{vhost}/{name}", ["name", "pattern", "definition"],
            [("priority", "0"), ("apply-to", null)], ["definition", "priority"]),
        new("vhost_limit", "vhost-limits/{vhost}/{name}", ["vhost", "name", "value"], [], ["value"]),
    ];

    /// <summary><c>delete</c>.</summary>
    public static IReadOnlyList<AdminObject> Deletable { get; } =
    [
        Named("exchange", "exchanges/{vhost}/{name}"),
        Named("queue", "queues/{vhost}/{name}"),
        new("binding", Binding + "/{properties_key}", ["source", "destination_type", "destination"], [("properties_key", "~")], []),
        Named("vhost", "vhosts/{name}"),
        Named("user", "users/{name}"),
        new("permission", "permissions/{vhost}/{user}", ["vhost", "user"], [], []),
        new("parameter", "parameters/{component}/{vhost}/{name}", ["component", "name"], [], []),
        Named("policy", "policies/{vhost}/{name}"),
        Named("operator_policy", "operator-policies/{vhost}/{name}"),
        new("vhost_limit", "vhost-limits/{vhost}/{name}", ["vhost", "name"], [], []),
    ];

    /// <summary><c>close</c>.</summary>
    public static IReadOnlyList<AdminObject> Closable { get; } = [Named("connection", "connections/{name}")];

    /// <summary><c>purge</c>.</summary>
    public static IReadOnlyList<AdminObject> Purgeable { get; } = [Named("queue", "queues/{vhost}/{name}/contents")];

    /// <summary><c>publish</c>.</summary>
    public static AdminObject Publish { get; } = new("publish", "exchanges/{vhost}/{exchange}/publish", ["routing_key"],
        [("payload", null), ("properties", "{}"), ("exchange", "amq.default"), ("payload_encoding", "string")], ["properties"]);

    /// <summary><c>get</c>.</summary>
    public static AdminObject Get { get; } = new("get", "queues/{vhost}/{queue}/get", ["queue"],
        [("count", "1"), ("ackmode", "ack_requeue_true"), ("payload_file", null), ("encoding", "auto")], []);

    /// <summary><c>list</c>: the columns shown when nobody names any, and whether it can be limited to a virtual host.</summary>
    public static IReadOnlyDictionary<string, (string[] Columns, bool HasHost)> Listable { get; } =
        new Dictionary<string, (string[] Columns, bool HasHost)>(StringComparer.Ordinal)
        {
            ["connections"] = (["name", "user", "channels"], false),
            ["channels"] = (["name", "user"], false),
            ["consumers"] = ([], true),
            ["exchanges"] = (["name", "type"], true),
            ["queues"] = (["name", "messages"], true),
            ["bindings"] = (["source", "destination", "routing_key"], true),
            ["users"] = ([], false),
            ["vhosts"] = (["name", "messages"], false),
            ["permissions"] = ([], false),
            ["nodes"] = (["name", "type", "mem_used"], false),
            ["parameters"] = ([], false),
            ["policies"] = ([], false),
            ["operator_policies"] = ([], false),
            ["vhost_limits"] = ([], false),
        };

    /// <summary><c>show overview</c>.</summary>
    public static string[] OverviewColumns { get; } =
        ["rabbitmq_version", "cluster_name", "queue_totals.messages", "object_totals.queues"];

    private static AdminObject Named(string name, string path) => new(name, path, ["name"], [], []);
}
