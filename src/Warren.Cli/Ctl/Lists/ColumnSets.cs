using System.Text.Json.Nodes;

namespace Warren.Cli.Ctl.Lists;

/// <summary>The columns of rabbitmqctl's list commands over the items of the management API.</summary>
internal static class ColumnSets
{
    /// <summary>list_queues.</summary>
    public static ColumnSet Queues { get; } = new(
        ["name", "messages"],
        [
            .. Keys("name", "durable", "auto_delete", "arguments", "policy", "operator_policy", "effective_policy_definition", "exclusive"),
            .. Keys("exclusive_consumer_tag", "head_message_timestamp", "consumer_utilisation", "consumer_capacity", "memory", "state"),
            .. Keys("type", "leader", "members", "online"),
            .. Counts("messages", "messages_ready", "messages_unacknowledged", "messages_ram", "messages_ready_ram"),
            .. Counts("messages_unacknowledged_ram", "messages_persistent", "message_bytes", "message_bytes_ready"),
            .. Counts("message_bytes_unacknowledged", "message_bytes_ram", "message_bytes_persistent", "consumers"),
            Column.Made("pid", "name", i => ProcessName.Of(i)),
            Column.Nested("owner_pid", "owner_pid_details", "name"),
            Column.Nested("exclusive_consumer_pid", "exclusive_consumer_details", "channel"),
            Column.Nested("disk_reads", "message_stats", "disk_reads"),
            Column.Nested("disk_writes", "message_stats", "disk_writes"),
            // mirrors of classic queues are no more, but scripts of their time still ask
            Column.Made("slave_pids", "name", _ => null),
            Column.Made("synchronised_slave_pids", "name", _ => null),
        ]);

    /// <summary>list_exchanges.</summary>
    public static ColumnSet Exchanges { get; } = new(
        ["name", "type"], Keys("name", "type", "durable", "auto_delete", "internal", "arguments", "policy"));

    /// <summary>list_bindings.</summary>
    public static ColumnSet Bindings { get; } = new(
        ["source_name", "source_kind", "destination_name", "destination_kind", "routing_key", "arguments"],
        [
            Column.Key("source_name", "source"),
            Column.Made("source_kind", "source", _ => "exchange"),
            Column.Key("destination_name", "destination"),
            Column.Key("destination_kind", "destination_type"),
            .. Keys("routing_key", "arguments"),
        ]);

    /// <summary>list_connections.</summary>
    public static ColumnSet Connections { get; } = new(
        ["user", "peer_host", "peer_port", "state"],
        [
            .. Keys("name", "port", "host", "peer_port", "peer_host", "ssl", "ssl_protocol", "ssl_key_exchange", "ssl_cipher", "ssl_hash"),
            .. Keys("peer_cert_subject", "peer_cert_issuer", "peer_cert_validity", "state", "channels", "protocol", "auth_mechanism"),
            .. Keys("user", "vhost", "container_id", "timeout", "frame_max", "channel_max", "client_properties", "recv_oct", "recv_cnt"),
            .. Keys("send_oct", "send_cnt", "send_pend", "connected_at", "user_provided_name", "user_who_performed_action", "node"),
            Column.Made("pid", "name", i => ProcessName.Of(i)),
        ]);

    /// <summary>list_mqtt_connections.</summary>
    public static ColumnSet MqttConnections { get; } = new(
        ["client_id", "conn_name"],
        [
            .. Keys("port", "host", "peer_port", "peer_host", "ssl", "ssl_protocol", "ssl_key_exchange", "ssl_cipher", "ssl_hash"),
            .. Keys("peer_cert_subject", "peer_cert_issuer", "peer_cert_validity", "protocol", "user", "vhost", "node", "connected_at"),
            .. Keys("recv_oct", "recv_cnt", "send_oct", "send_cnt", "send_pend"),
            Column.Key("conn_name", "name"),
            Column.Key("name", "name"),
            Column.Key("connection_state", "state"),
            Column.Key("keepalive", "timeout"),
            Column.Nested("client_id", "variable_map", "client_id"),
            Column.Nested("clean_sess", "variable_map", "clean_sess"),
            Column.Nested("will_msg", "variable_map", "will"),
            Column.Nested("exchange", "variable_map", "exchange"),
            Column.Nested("prefetch", "variable_map", "prefetch"),
            Column.Nested("messages_unacknowledged", "variable_map", "messages_unacknowledged"),
            Column.Made("pid", "name", i => ProcessName.Of(i)),
            Column.Made("connection", "name", i => ProcessName.Of(i)),
        ]);

    /// <summary>list_channels.</summary>
    public static ColumnSet Channels { get; } = new(
        ["pid", "user", "consumer_count", "messages_unacknowledged"],
        [
            .. Keys("name", "number", "user", "vhost", "transactional", "confirm", "state"),
            .. Counts("consumer_count", "messages_unacknowledged", "messages_uncommitted", "acks_uncommitted"),
            .. Counts("messages_unconfirmed", "prefetch_count", "global_prefetch_count"),
            Column.Made("pid", "name", i => ProcessName.Of(i)),
            Column.Made("connection", "connection_details", ConnectionOfChannel),
        ]);

    /// <summary>list_consumers.</summary>
    public static ColumnSet Consumers { get; } = new(
        ["queue_name", "channel_pid", "consumer_tag", "ack_required", "prefetch_count", "active", "arguments"],
        [
            .. Keys("consumer_tag", "ack_required", "prefetch_count", "active", "activity_status", "arguments", "exclusive"),
            Column.Nested("queue_name", "queue", "name"),
            Column.Made("channel_pid", "channel_details", i => i["channel_details"] is JsonObject channel ? ProcessName.Of(channel) : null),
        ]);

    /// <summary>list_vhosts.</summary>
    public static ColumnSet VirtualHosts { get; } = new(
        ["name"],
        Keys("name", "description", "tags", "default_queue_type", "protected_from_deletion", "tracing", "cluster_state", "metadata"));

    /// <summary>list_feature_flags.</summary>
    public static ColumnSet FeatureFlags { get; } = new(
        ["name", "state"], Keys("name", "state", "stability", "provided_by", "desc", "doc_url"));

    private static IEnumerable<Column> Keys(params IEnumerable<string> names) => names.Select(n => Column.Key(n));

    private static IEnumerable<Column> Counts(params IEnumerable<string> names) => names.Select(n => Column.Count(n, n));

    private static JsonNode? ConnectionOfChannel(JsonObject channel) =>
        channel["connection_details"] is JsonObject connection && connection["name"]?.ToString() is { } name
            ? ProcessName.Of(channel["node"]?.ToString() ?? "rabbit@localhost", name)
            : null;
}
