using static Warren.Interop.Tests.Security.HttpGuard;
using static Warren.Interop.Tests.Security.MatrixBroker;
using static Warren.Interop.Tests.Security.Need;

namespace Warren.Interop.Tests.Security;

/// <summary>The table of <c>warren ctl</c>: who may run which command against a broker over HTTP.</summary>
internal static class CtlTable
{
    private const string AsksNobody = "it does not ask the broker";
    private const string Signals = "it ends a process of this machine, which takes the right of the system to do so";

    /// <summary>The rows; the virtual host is given to all of them.</summary>
    public static IReadOnlyList<CtlRow> Rows { get; } =
    [
        // the node
        new("status", HttpGuard.Monitor),
        new("cluster_status", HttpGuard.Monitor),
        new("environment", Any) { Allowed = 69 }, // until the API shows the configuration
        new("report", Admin),
        new("ping", Nobody),
        new("check_running", Any),
        new("is_running", Any),
        new("is_booting", Any),
        new("node_health_check", Nobody),
        new("check_local_alarms", HttpGuard.Monitor),
        new("check_alarms", HttpGuard.Monitor),
        new("alarms", HttpGuard.Monitor),
        new("check_port_connectivity", Any),
        new("check_port_listener 1", Any) { Allowed = 69 },
        new("check_protocol_listener none", Any) { Allowed = 69 },
        new("check_virtual_hosts", Any),
        new("check_if_node_is_quorum_critical", Any),
        new("check_if_any_deprecated_features_are_used", Any),
        new("listeners", Any),
        new("server_version", Any),
        new("erlang_version", Any),
        new("memory_breakdown", HttpGuard.Monitor),
        new("log_location", HttpGuard.Monitor),
        new("await_startup", Nobody),
        new("await_online_nodes 1", Nobody),
        new("wait", Nobody) { NotRun = AsksNobody },
        new("stop", Nobody) { NotRun = Signals },
        new("shutdown", Nobody) { NotRun = Signals },
        new("set_cluster_name other", Admin),

        // lists
        new("list_queues", VirtualHostVisible),
        new("list_exchanges", VirtualHostVisible),
        new("list_bindings", VirtualHostVisible),
        new("list_consumers", VirtualHostVisible),
        new("list_connections", Any),
        new("list_mqtt_connections", Any),
        new("list_channels", Any),
        new("list_vhosts", Any),
        new("list_feature_flags", Any),
        new("list_users", Admin),
        new("list_permissions", Admin),
        new("list_topic_permissions", Admin),
        new("list_user_permissions zz.doomed", Admin),
        new("list_user_topic_permissions zz.doomed", Admin),
        new("list_policies", HttpGuard.VirtualHost),
        new("list_operator_policies", HttpGuard.VirtualHost),
        new("list_parameters", Global),
        new("list_global_parameters", Global),
        new("list_vhost_limits", VirtualHostVisible),
        new("list_user_limits --user zz.doomed", OthersChanged),

        // users and permissions
        new("add_user zz.made pass", Admin),
        new("delete_user zz.doomed", Admin),
        new("change_password zz.doomed other", Admin),
        new("clear_password zz.doomed", Admin),
        new("authenticate_user zz.someone matrix", Nobody),
        new("set_user_tags zz.doomed administrator", Admin),
        new("hash_password secret", Nobody) { NotRun = AsksNobody },
        new("set_permissions zz.doomed .* .* .*", Admin),
        new("set_permissions_globally zz.doomed .* .* .*", Admin),
        new("clear_permissions zz.doomed", Admin),
        new("set_topic_permissions zz.doomed zz.topic .* .*", Admin),
        new("clear_topic_permissions zz.doomed", Admin),
        new("set_user_limits zz.doomed {\"max-connections\":7}", Admin),
        new("clear_user_limits zz.doomed all", Admin),

        // virtual hosts
        new("add_vhost zz-made", Admin),
        new("delete_vhost zz-doomed", Admin),
        new("update_vhost_metadata zz-doomed --description other", Admin),
        new("set_vhost_tags zz-doomed other", Admin),
        new("enable_vhost_deletion_protection zz-doomed", Admin),
        new("disable_vhost_deletion_protection zz-doomed", Admin),
        new("trace_on", Admin),
        new("trace_off", Admin),
        new("set_vhost_limits {\"max-queues\":7}", Admin),
        new("clear_vhost_limits", Admin),

        // policies and parameters
        new("set_policy zz.policy ^zz.none$ {\"max-length\":6}", Policies),
        new("clear_policy zz.policy", Policies),
        new("set_operator_policy zz.operator ^zz.none$ {\"max-length\":6}", Admin),
        new("clear_operator_policy zz.operator", Admin),
        new("set_parameter federation-upstream zz.upstream {\"uri\":\"amqp://other\"}", Policies) { Allowed = 69 }, // there is no such component yet
        new("set_parameter vhost-limits limits {\"max-queues\":7}", Admin),
        new("clear_parameter federation-upstream zz.upstream", Policies),
        new("set_global_parameter zz-global 2", Global),
        new("clear_global_parameter zz-global", Global),

        // queues, connections, definitions
        new("purge_queue zz.queue", HttpGuard.VirtualHost, ReadQueue(Queue)),
        new("delete_queue zz.queue", HttpGuard.VirtualHost, ConfigureQueue(Queue)),
        new("close_connection <nothing@here> reason", Any) { Allowed = 69 },
        new("close_all_connections reason", OwnChanged),
        new("close_all_user_connections zz.someone reason", OwnChanged),
        new("export_definitions -", Admin),
        new("import_definitions", Admin) { Input = """{"users":[{"name":"zz.doomed","password":"other","tags":"administrator"}]}""" },

        // programs around it
        new("help", Nobody) { NotRun = AsksNobody },
        new("version", Nobody) { NotRun = AsksNobody },
        new("eval 1", Nobody) { Allowed = 64 },
        new("eval_file 1", Nobody) { Allowed = 64 },
        new("exec 1", Nobody) { Allowed = 64 },
        new("remote_shell", Nobody) { Allowed = 64 },
        new("observer", Nobody) { Allowed = 64 },
        new("runtime_thread_stats", Nobody) { Allowed = 64 },
        new("maybe_stuck", Nobody) { Allowed = 64 },
        new("list", HttpGuard.Monitor),
        new("enable rabbitmq_management", Nobody),
        new("disable rabbitmq_management", Nobody),
        new("set rabbitmq_management", Nobody),
        new("is_enabled rabbitmq_management", HttpGuard.Monitor),
        new("directories", Nobody),
    ];
}
