using static Warren.Interop.Tests.Security.HttpGuard;
using static Warren.Interop.Tests.Security.MatrixBroker;
using static Warren.Interop.Tests.Security.Need;

namespace Warren.Interop.Tests.Security;

/// <summary>The table of the HTTP API: who may use which method of which resource.</summary>
internal static class HttpTable
{
    private const string Message = """{"properties":{},"routing_key":"zz.key","payload":"zz.payload","payload_encoding":"string"}""";
    private const string Take = """{"count":1,"ackmode":"ack_requeue_true","encoding":"auto"}""";
    private const string Everything = """{"configure":".*","write":".*","read":".*"}""";

    /// <summary>The rows.</summary>
    public static IReadOnlyList<HttpRow> Rows { get; } =
    [
        // who one is
        new("GET", "/whoami", Any),
        new("GET", "/auth", Nobody),
        new("POST", "/login", Nobody) { Allowed = 400 }, // a form is missing; LoginTests logs in
        new("GET", "/overview", Any),
        new("GET", "/version", Any),
        new("GET", "/extensions", Any),
        new("GET", "/feature-flags", Any),
        new("PUT", "/feature-flags/{name}/enable", Admin) { With = Names("classic_mirrored_queue_version") },
        new("GET", "/deprecated-features", Any),
        new("GET", "/deprecated-features/used", Any),
        new("GET", "/cluster-name", Any),
        new("PUT", "/cluster-name", Admin, """{"name":"other"}"""),
        new("GET", "/nodes", HttpGuard.Monitor),
        new("GET", "/nodes/{node}", HttpGuard.Monitor),
        new("GET", "/nodes/{node}/memory", HttpGuard.Monitor),
        new("GET", "/nodes/{node}/memory/relative", HttpGuard.Monitor),
        new("PUT", "/nodes/{node}/memory-watermark", Admin, """{"relative":0.9}"""),
        new("PUT", "/nodes/{node}/disk-free-limit", Admin, """{"absolute":"1MB"}"""),
        new("PUT", "/nodes/{node}/log-level", Admin, """{"level":"info"}""") { Allowed = 400 }, // the broker of this test has no log of its own
        new("POST", "/nodes/{node}/rotate-logs", Admin),
        new("POST", "/nodes/{node}/suspend-listeners", Admin) { OnlyRefused = true },
        new("POST", "/nodes/{node}/resume-listeners", Admin),
        new("POST", "/nodes/{node}/drain", Admin) { OnlyRefused = true },
        new("POST", "/nodes/{node}/revive", Admin),
        new("POST", "/nodes/{node}/stop-app", Admin) { OnlyRefused = true },
        new("POST", "/nodes/{node}/start-app", Admin),
        new("POST", "/nodes/{node}/reset", Admin) { OnlyRefused = true },
        new("GET", "/config/effective", Admin),
        new("GET", "/openapi.json", Nobody),
        new("DELETE", "/reset", Admin),
        new("DELETE", "/reset/{node}", Admin),
        new("POST", "/rebalance/queues", Admin),
        new("GET", "/auth/attempts/{node}", HttpGuard.Monitor),
        new("DELETE", "/auth/attempts/{node}", Admin),
        new("GET", "/auth/attempts/{node}/source", HttpGuard.Monitor),
        new("DELETE", "/auth/attempts/{node}/source", Admin),
        new("GET", "/auth/hash_password/{password}", Admin),

        // health
        new("GET", "/health/checks/alarms", Any),
        new("GET", "/health/checks/local-alarms", Any),
        new("GET", "/health/checks/port-listener/{port}", Any),
        new("GET", "/health/checks/protocol-listener/{protocol}", Any),
        new("GET", "/health/checks/certificate-expiration/{within}/{unit}", Any),
        new("GET", "/health/checks/virtual-hosts", Any),
        new("GET", "/health/checks/node-is-quorum-critical", Any),
        new("GET", "/health/checks/node-is-mirror-sync-critical", Any),
        new("GET", "/health/checks/is-in-service", Any),
        new("GET", "/health/checks/below-node-connection-limit", Any),
        new("GET", "/health/checks/ready-to-serve-clients", Any),
        new("GET", "/health/checks/reached-target-cluster-size", Any),
        new("GET", "/health/checks/metadata-store/initialized", Any),
        new("GET", "/health/checks/metadata-store/initialized/with-data", Any),
        new("GET", "/health/checks/quorum-queues-without-elected-leaders/all-vhosts", Any),
        new("GET", "/health/checks/quorum-queues-without-elected-leaders/all-vhosts/pattern/{pattern}", Any),
        new("GET", "/health/checks/quorum-queues-without-elected-leaders/vhost/{vhost}", HttpGuard.VirtualHost),
        new("GET", "/health/checks/quorum-queues-without-elected-leaders/vhost/{vhost}/pattern/{pattern}", HttpGuard.VirtualHost),
        new("GET", "/aliveness-test/{vhost}", HttpGuard.VirtualHost),
        new("GET", "/healthchecks/node", Any),
        new("GET", "/healthchecks/node/{node}", Any),

        // users and permissions
        new("GET", "/users", Admin),
        new("GET", "/users/without-permissions", Admin),
        new("POST", "/users/bulk-delete", Admin, """{"users":["zz.doomed"]}"""),
        new("GET", "/users/{user}", Admin),
        new("PUT", "/users/{user}", Admin, """{"password":"other","tags":"administrator"}"""),
        new("DELETE", "/users/{user}", Admin),
        new("GET", "/users/{user}/permissions", Admin),
        new("GET", "/users/{user}/topic-permissions", Admin),
        new("GET", "/permissions", Admin),
        new("GET", "/permissions/{vhost}/{user}", Admin),
        new("PUT", "/permissions/{vhost}/{user}", Admin, Everything),
        new("DELETE", "/permissions/{vhost}/{user}", Admin),
        new("GET", "/vhosts/{vhost}/permissions", Admin),
        new("GET", "/topic-permissions", Admin),
        new("GET", "/topic-permissions/{vhost}/{user}", Admin),
        new("PUT", "/topic-permissions/{vhost}/{user}", Admin, """{"exchange":"zz.topic","write":".*","read":".*"}"""),
        new("DELETE", "/topic-permissions/{vhost}/{user}", Admin),
        new("GET", "/topic-permissions/{vhost}/{user}/{exchange}", Admin),
        new("DELETE", "/topic-permissions/{vhost}/{user}/{exchange}", Admin),
        new("GET", "/vhosts/{vhost}/topic-permissions", Admin),
        new("GET", "/user-limits", Any),
        new("GET", "/user-limits/{user}", OthersChanged),
        new("PUT", "/user-limits/{user}/{name}", Admin, """{"value":7}""") { With = Names("max-connections") },
        new("DELETE", "/user-limits/{user}/{name}", Admin) { With = Names("max-connections") },

        // virtual hosts
        new("GET", "/vhosts", Any),
        new("GET", "/vhosts/{vhost}", Admin),
        new("PUT", "/vhosts/{vhost}", Admin, """{"description":"other"}""") { With = Hosts(DoomedVirtualHost) },
        new("DELETE", "/vhosts/{vhost}", Admin) { With = Hosts(DoomedVirtualHost) },
        new("POST", "/vhosts/{vhost}/start/{node}", Admin),
        new("POST", "/vhosts/{vhost}/deletion/protection", Admin) { With = Hosts(DoomedVirtualHost) },
        new("DELETE", "/vhosts/{vhost}/deletion/protection", Admin) { With = Hosts(DoomedVirtualHost) },
        new("GET", "/vhost-limits", Any),
        new("GET", "/vhost-limits/{vhost}", VirtualHostVisible),
        new("PUT", "/vhost-limits/{vhost}/{name}", Admin, """{"value":7}""") { With = Names("max-queues") },
        new("DELETE", "/vhost-limits/{vhost}/{name}", Admin) { With = Names("max-queues") },
        new("GET", "/vhosts/{vhost}/connections", VirtualHostVisible),
        new("GET", "/vhosts/{vhost}/channels", VirtualHostVisible),

        // policies and parameters
        new("GET", "/policies", Any),
        new("GET", "/policies/{vhost}", HttpGuard.VirtualHost),
        new("GET", "/policies/{vhost}/{name}", Policies) { With = Names("zz.policy") },
        new("PUT", "/policies/{vhost}/{name}", Policies, """{"pattern":"^zz.none$","definition":{"max-length":6}}""") { With = Names("zz.policy") },
        new("DELETE", "/policies/{vhost}/{name}", Policies) { With = Names("zz.policy") },
        new("GET", "/operator-policies", Any),
        new("GET", "/operator-policies/{vhost}", HttpGuard.VirtualHost),
        new("GET", "/operator-policies/{vhost}/{name}", Admin) { With = Names("zz.operator") },
        new("PUT", "/operator-policies/{vhost}/{name}", Admin, """{"pattern":"^zz.none$","definition":{"max-length":6}}""") { With = Names("zz.operator") },
        new("DELETE", "/operator-policies/{vhost}/{name}", Admin) { With = Names("zz.operator") },
        new("GET", "/parameters", Policies),
        new("GET", "/parameters/{component}", Policies),
        new("GET", "/parameters/{component}/{vhost}", Policies),
        new("GET", "/parameters/{component}/{vhost}/{name}", Policies) { With = Names("zz.upstream") },
        new("PUT", "/parameters/{component}/{vhost}/{name}", PoliciesAdmin, """{"value":{"max-queues":7}}""")
        {
            With = Parameter("vhost-limits", "limits"), Case = "limits of the virtual host",
        },
        new("DELETE", "/parameters/{component}/{vhost}/{name}", PoliciesAdmin)
        {
            With = Parameter("vhost-limits", "limits"), Case = "limits of the virtual host",
        },
        new("PUT", "/parameters/{component}/{vhost}/{name}", PoliciesAdmin, """{"value":{"pattern":"x","definition":{"max-length":1}}}""")
        {
            With = Parameter("operator_policy", "zz.operator"), Case = "an operator policy", Allowed = 400, // it has a resource of its own
        },
        new("PUT", "/parameters/{component}/{vhost}/{name}", Policies, """{"value":{"uri":"amqp://other"}}""") { With = Names("zz.upstream"), Allowed = 400 },
        new("DELETE", "/parameters/{component}/{vhost}/{name}", Policies) { With = Names("zz.upstream") },
        new("GET", "/global-parameters", Global),
        new("GET", "/global-parameters/{name}", Global) { With = Names("zz-global") },
        new("PUT", "/global-parameters/{name}", Global, """{"value":2}""") { With = Names("zz-global") },
        new("PUT", "/global-parameters/{name}", PoliciesAdmin, """{"value":"other"}""") { With = Names("cluster_name"), Case = "the cluster's name" },
        new("DELETE", "/global-parameters/{name}", PoliciesAdmin) { With = Names("cluster_name"), Case = "the cluster's name" },
        new("DELETE", "/global-parameters/{name}", Global) { With = Names("zz-global") },

        // definitions
        new("GET", "/definitions", Admin),
        new("POST", "/definitions", Admin, """{"users":[{"name":"zz.doomed","password":"other","tags":"administrator"}]}"""),
        new("GET", "/definitions/{vhost}", Admin),
        new("POST", "/definitions/{vhost}", Admin, """{"queues":[{"name":"zz.new","durable":true,"auto_delete":false,"arguments":{}}]}"""),
        new("GET", "/all-configuration", Admin),
        new("POST", "/all-configuration", Admin, """{"users":[{"name":"zz.doomed","password":"other","tags":"administrator"}]}"""),

        // clients
        new("GET", "/connections", Any),
        new("GET", "/connections/{name}", OthersWatched),
        new("DELETE", "/connections/{name}", OthersChanged),
        new("GET", "/connections/{name}/channels", OthersWatched),
        new("GET", "/connections/username/{user}", OthersWatched) { With = Users(Someone) },
        new("DELETE", "/connections/username/{user}", OthersChanged) { With = Users(Someone) },
        new("GET", "/channels", Any),
        new("GET", "/channels/{name}", OthersHidden),
        new("GET", "/consumers", Any),
        new("GET", "/consumers/{vhost}", VirtualHostVisible),

        // sessions and retained messages
        new("GET", "/mqtt/sessions", Any),
        new("GET", "/mqtt/sessions/{vhost}", VirtualHostVisible),
        new("GET", "/mqtt/sessions/{vhost}/{client}", VirtualHostVisible) { With = Clients("nobody"), Allowed = 404 },
        new("DELETE", "/mqtt/sessions/{vhost}/{client}", Admin) { With = Clients("nobody"), Allowed = 404 },
        new("GET", "/mqtt/retained/{vhost}", VirtualHostVisible),
        new("DELETE", "/mqtt/retained/{vhost}", Admin) { Allowed = 400 }, // of which topics is missing

        // exchanges
        new("GET", "/exchanges", Any),
        new("GET", "/exchanges/{vhost}", VirtualHostVisible),
        new("GET", "/exchanges/{vhost}/{name}", VirtualHostVisible) { With = Names(Direct) },
        new("PUT", "/exchanges/{vhost}/{name}", HttpGuard.VirtualHost, "{}", ConfigureExchange(New)) { With = Names(New) },
        new("PUT", "/exchanges/{vhost}/{name}", HttpGuard.VirtualHost, """{"arguments":{"alternate-exchange":"zz.fanout"}}""",
            ConfigureExchange(New), ReadExchange(New), WriteExchange(Fanout)) { With = Names(New), Case = "with an alternate exchange" },
        new("DELETE", "/exchanges/{vhost}/{name}", HttpGuard.VirtualHost, null, ConfigureExchange(Topic)) { With = Names(Topic) },
        new("POST", "/exchanges/{vhost}/{name}/publish", HttpGuard.VirtualHost, Message, WriteExchange(Direct)) { With = Names(Direct) },
        new("POST", "/exchanges/{vhost}/{name}/publish", HttpGuard.VirtualHost, Message, WriteExchange("amq.default"))
        {
            With = Names("amq.default"), Case = "the default exchange",
        },
        new("POST", "/exchanges/{vhost}/{name}/publish", HttpGuard.VirtualHost, Message, WriteExchange(Topic), WriteTopic(Topic, Key))
        {
            With = Names(Topic), Case = "a topic",
        },
        new("POST", "/exchanges/{vhost}/{name}/publish", HttpGuard.VirtualHost,
            """{"properties":{"headers":{"CC":["zz.key"]}},"routing_key":"else","payload":"x","payload_encoding":"string"}""",
            WriteExchange(Topic), WriteTopic(Topic, Key)) { With = Names(Topic), Case = "another topic in CC" },
        new("GET", "/exchanges/{vhost}/{name}/bindings/source", VirtualHostVisible) { With = Names(Direct) },
        new("GET", "/exchanges/{vhost}/{name}/bindings/destination", VirtualHostVisible) { With = Names(Direct) },
        new("POST", "/explain", VirtualHostHidden, """{"vhost":"zz-vhost","exchange":"zz.direct","routing_key":"zz.key"}"""),
        new("POST", "/explain", AdminHidden, """{"vhost":"zz-vhost","exchange":"zz.direct","routing_key":"zz.key","user":"zz.someone"}""")
        {
            Case = "for another user",
        },

        // queues
        new("GET", "/queues", Any),
        new("GET", "/queues/detailed", Any),
        new("GET", "/queues/{vhost}", VirtualHostVisible),
        new("GET", "/queues/{vhost}/{name}", VirtualHostVisible) { With = Names(Queue) },
        new("PUT", "/queues/{vhost}/{name}", HttpGuard.VirtualHost, """{"durable":true}""", ConfigureQueue(New)) { With = Names(New) },
        new("PUT", "/queues/{vhost}/{name}", HttpGuard.VirtualHost, """{"arguments":{"x-dead-letter-exchange":"zz.fanout"}}""",
            ConfigureQueue(New), ReadQueue(New), WriteExchange(Fanout)) { With = Names(New), Case = "with a dead letter exchange" },
        new("DELETE", "/queues/{vhost}/{name}", HttpGuard.VirtualHost, null, ConfigureQueue(Queue)) { With = Names(Queue) },
        new("DELETE", "/queues/{vhost}/{name}/contents", HttpGuard.VirtualHost, null, ReadQueue(Queue)) { With = Names(Queue) },
        new("POST", "/queues/{vhost}/{name}/actions", Admin, """{"action":"pause"}""") { With = Names(Queue) },
        new("PUT", "/queues/{vhost}/{name}/pause", HttpGuard.VirtualHost, null, ConfigureQueue(Queue)) { With = Names(Queue) },
        new("PUT", "/queues/{vhost}/{name}/resume", HttpGuard.VirtualHost, null, ConfigureQueue(Queue)) { With = Names(Queue) },
        new("GET", "/queues/{vhost}/{name}/bindings", VirtualHostVisible) { With = Names(Queue) },
        new("POST", "/queues/{vhost}/{name}/get", HttpGuard.VirtualHost, Take, ReadQueue(Queue)) { With = Names(Queue) },
        new("GET", "/queues/{vhost}/{name}/messages", HttpGuard.VirtualHost, null, ReadQueue(Queue)) { With = Names(Queue) },
        new("POST", "/queues/{vhost}/{name}/messages/move", HttpGuard.VirtualHost, """{"destination":{"queue":"zz.busy"}}""",
            ReadQueue(Queue), WriteExchange("amq.default")) { With = Names(Queue) },
        new("POST", "/queues/{vhost}/{name}/messages/move", HttpGuard.VirtualHost, """{"destination":{"exchange":"zz.topic","routing_key":"zz.key"}}""",
            ReadQueue(Queue), WriteExchange(Topic), WriteTopic(Topic, Key)) { With = Names(Queue), Case = "to a topic" },
        new("POST", "/queues/{vhost}/{name}/messages/copy", HttpGuard.VirtualHost, """{"destination":{"exchange":"zz.fanout"}}""",
            ReadQueue(Queue), WriteExchange(Fanout)) { With = Names(Queue) },
        new("POST", "/queues/{vhost}/{name}/messages/delete", HttpGuard.VirtualHost, "{}", ReadQueue(Queue)) { With = Names(Queue) },
        new("POST", "/queues/{vhost}/{name}/messages/delete", HttpGuard.VirtualHost, """{"dry_run":true}""", ReadQueue(Queue))
        {
            With = Names(Queue), Case = "to see what would go",
        },

        // bindings
        new("GET", "/bindings", Any),
        new("GET", "/bindings/{vhost}", VirtualHostVisible),
        new("GET", "/bindings/{vhost}/e/{source}/q/{destination}", VirtualHostVisible),
        new("POST", "/bindings/{vhost}/e/{source}/q/{destination}", HttpGuard.VirtualHost, """{"routing_key":"k"}""",
            WriteQueue(Queue), ReadExchange(Direct)),
        new("POST", "/bindings/{vhost}/e/{source}/q/{destination}", HttpGuard.VirtualHost, """{"routing_key":"zz.key"}""",
            WriteQueue(Queue), ReadExchange(Topic), ReadTopic(Topic, Key)) { With = Sources(Topic), Case = "a topic" },
        new("GET", "/bindings/{vhost}/e/{source}/q/{destination}/{props}", VirtualHostVisible),
        new("DELETE", "/bindings/{vhost}/e/{source}/q/{destination}/{props}", HttpGuard.VirtualHost, null, WriteQueue(Queue), ReadExchange(Direct)),
        new("GET", "/bindings/{vhost}/e/{source}/e/{destination}", VirtualHostVisible),
        new("POST", "/bindings/{vhost}/e/{source}/e/{destination}", HttpGuard.VirtualHost, """{"routing_key":"k"}""",
            WriteExchange(Fanout), ReadExchange(Direct)),
        new("GET", "/bindings/{vhost}/e/{source}/e/{destination}/{props}", VirtualHostVisible),
        new("DELETE", "/bindings/{vhost}/e/{source}/e/{destination}/{props}", HttpGuard.VirtualHost, null, WriteExchange(Fanout), ReadExchange(Direct)),
    ];

    private static Dictionary<string, string> Names(string name) => new() { ["name"] = name };

    private static Dictionary<string, string> Clients(string name) => new() { ["client"] = name };

    private static Dictionary<string, string> Hosts(string name) => new() { ["vhost"] = name };

    private static Dictionary<string, string> Users(string name) => new() { ["user"] = name };

    private static Dictionary<string, string> Sources(string name) => new() { ["source"] = name };

    private static Dictionary<string, string> Parameter(string component, string name) => new() { ["component"] = component, ["name"] = name };
}
