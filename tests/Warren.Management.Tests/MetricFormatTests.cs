using RabbitMQ.Client;
using Xunit;

namespace Warren.Management.Tests;

/// <summary>Every page of metrics, read strictly.</summary>
public sealed class MetricFormatTests : IAsyncLifetime
{
    private const string AllFamilies =
        "/metrics/detailed?family=connection_churn_metrics&family=node_coarse_metrics&family=node_metrics&family=node_persister_metrics"
        + "&family=auth_attempt_metrics&family=auth_attempt_detailed_metrics&family=queue_coarse_metrics&family=queue_consumer_count"
        + "&family=queue_metrics&family=queue_delivery_metrics&family=queue_exchange_metrics&family=queue_info&family=channel_metrics"
        + "&family=channel_process_metrics&family=channel_exchange_metrics&family=channel_queue_metrics&family=connection_coarse_metrics"
        + "&family=connection_metrics&family=exchange_metrics&family=vhost_status&family=exchange_bindings&family=exchange_names"
        + "&family=message_size_metrics";

    // What the official dashboard "RabbitMQ-Overview" asks for.
    private static readonly string[] Overview =
    [
        "rabbitmq_identity_info", "rabbitmq_build_info", "rabbitmq_erlang_uptime_seconds",
        "rabbitmq_queue_messages_ready", "rabbitmq_queue_messages_unacked",
        "rabbitmq_global_messages_received_total", "rabbitmq_global_messages_delivered_total",
        "rabbitmq_global_messages_routed_total", "rabbitmq_global_messages_confirmed_total",
        "rabbitmq_global_messages_received_confirm_total",
        "rabbitmq_global_messages_unroutable_dropped_total", "rabbitmq_global_messages_unroutable_returned_total",
        "rabbitmq_global_messages_delivered_consume_auto_ack_total", "rabbitmq_global_messages_delivered_consume_manual_ack_total",
        "rabbitmq_global_messages_delivered_get_auto_ack_total", "rabbitmq_global_messages_delivered_get_manual_ack_total",
        "rabbitmq_global_messages_get_empty_total", "rabbitmq_global_messages_redelivered_total",
        "rabbitmq_global_messages_acknowledged_total", "rabbitmq_global_publishers", "rabbitmq_global_consumers",
        "rabbitmq_connections", "rabbitmq_channels", "rabbitmq_queues", "rabbitmq_consumers",
        "rabbitmq_connections_opened_total", "rabbitmq_connections_closed_total", "rabbitmq_channels_opened_total",
        "rabbitmq_channels_closed_total", "rabbitmq_queues_declared_total", "rabbitmq_queues_created_total",
        "rabbitmq_queues_deleted_total", "rabbitmq_resident_memory_limit_bytes", "rabbitmq_process_resident_memory_bytes",
        "rabbitmq_disk_space_available_bytes", "rabbitmq_disk_space_available_limit_bytes", "rabbitmq_process_max_fds",
        "rabbitmq_process_open_fds", "rabbitmq_message_size_bytes_bucket", "rabbitmq_message_size_bytes_sum",
        "rabbitmq_message_size_bytes_count",
    ];

    // Other series of RabbitMQ that have nothing to count here; docs/compatibility/management-objects.md says why.
    private static readonly string[] LeftOut =
    [
        "raft_", "erlang_mnesia_", "schema_db_", "msg_store_", "queue_index_", "stream_", "global_stream_", "global_messages_dead_lettered_",
        "queue_messages_ram", "queue_messages_persistent", "queue_messages_paged_out", "queue_head_message_timestamp", "queue_disk_",
    ];

    private readonly ManagedBroker _broker = new();
    private IConnection _connection = null!;

    public async ValueTask InitializeAsync()
    {
        await _broker.InitializeAsync();
        await _broker.PutAsync("/vhosts/other");
        await _broker.PutAsync("/queues/%2F/q%22%5C%0Aodd", "{}");
        await _broker.PutAsync("/queues/other/theirs", "{}");
        await _broker.PutAsync("/queues/%2F/group", """{"durable":true,"arguments":{"x-queue-type":"quorum"}}""");
        await _broker.TryGetAsync("/whoami", "who\\\n\"", "wrong");
        _connection = await new ConnectionFactory { HostName = "127.0.0.1", Port = _broker.AmqpPort }.CreateConnectionAsync();
        IChannel channel = await _connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        foreach (int size in (int[])[0, 100, 101, 20_000])
        {
            await channel.BasicPublishAsync("", "group", new byte[size]);
        }

        Assert.NotNull(await channel.BasicGetAsync("group", autoAck: true));
        _broker.Broker.Statistics.Collect();
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Theory]
    [InlineData("/metrics")]
    [InlineData("/metrics/per-object")]
    [InlineData("/metrics/detailed")]
    [InlineData("/metrics/memory-breakdown")]
    [InlineData(AllFamilies)]
    public async Task Page_is_what_the_format_allows(string path)
    {
        IReadOnlyList<ReadSeries> series = MetricsReader.Read(await _broker.ReadMetricsAsync(path));

        Assert.Single(series, static s => s.Name == "rabbitmq_identity_info");
        Assert.Single(series, static s => s.Name == "rabbitmq_build_info");
    }

    [Fact]
    public async Task Everything_the_official_dashboard_uses_is_there()
    {
        IReadOnlyList<ReadSeries> series = MetricsReader.Read(await _broker.ReadMetricsAsync("/metrics"));

        Assert.Empty(Overview.Except(series.Select(static s => s.Name), StringComparer.Ordinal));
        Assert.DoesNotContain(series, static s => LeftOut.Any(left => s.Name.StartsWith($"rabbitmq_{left}", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Number_of_series_does_not_grow_with_the_number_of_queues()
    {
        int before = MetricsReader.Read(await _broker.ReadMetricsAsync("/metrics")).Count;
        for (int i = 0; i < 50; i++)
        {
            await _broker.PutAsync($"/queues/%2F/more{i}", "{}");
        }

        Assert.Equal(before, MetricsReader.Read(await _broker.ReadMetricsAsync("/metrics")).Count);
    }

    [Fact]
    public async Task Sizes_of_messages_are_a_histogram_that_outlives_channels()
    {
        await _connection.CloseAsync();
        await _broker.PostAsync("/exchanges/%2F/amq.default/publish", """{"routing_key":"group","payload":"12345","payload_encoding":"string","properties":{}}""");

        IReadOnlyList<ReadSeries> series = MetricsReader.Read(await _broker.ReadMetricsAsync("/metrics"));

        double Bucket(string limit) => series.Single(s => s.Name == "rabbitmq_message_size_bytes_bucket" && s.Labels["le"] == limit).Value;
        Assert.Equal((3, 4, 4, 5, 5), (Bucket("100"), Bucket("1000"), Bucket("10000"), Bucket("100000"), Bucket("+Inf")));
        ReadSeries sum = series.Single(static s => s.Name == "rabbitmq_message_size_bytes_sum");
        Assert.Equal((20_206, "amqp091"), (sum.Value, sum.Labels["protocol"]));
    }

    [Fact]
    public async Task Labels_come_back_as_they_were()
    {
        IReadOnlyList<ReadSeries> series = MetricsReader.Read(await _broker.ReadMetricsAsync(AllFamilies));

        Assert.Contains(series, static s => s.Name == "rabbitmq_detailed_queue_messages" && s.Labels["queue"] == "q\"\\\nodd");
        Assert.Contains(series, static s => s.Name == "rabbitmq_detailed_auth_attempts_detailed_failed_total" && s.Labels["username"] == "who\\\n\"");
    }

    [Fact]
    public async Task Families_of_virtual_hosts_that_were_not_asked_for_are_left_out()
    {
        IReadOnlyList<ReadSeries> series = MetricsReader.Read(await _broker.ReadMetricsAsync(AllFamilies + "&vhost=other"));

        Assert.Equal(["theirs"], series.Where(static s => s.Name == "rabbitmq_detailed_queue_messages").Select(static s => s.Labels["queue"]));
        Assert.Equal(["other"], series.Where(static s => s.Name == "rabbitmq_cluster_vhost_status").Select(static s => s.Labels["vhost"]));
        Assert.DoesNotContain(series, static s => s.Name == "rabbitmq_detailed_channel_consumers");
        Assert.DoesNotContain(series, static s => s.Labels.GetValueOrDefault("vhost") == "/");
    }

    [Fact]
    public async Task Series_name_both_ends()
    {
        IReadOnlyList<ReadSeries> series = MetricsReader.Read(await _broker.ReadMetricsAsync("/metrics/per-object"));

        ReadSeries into = series.Single(static s => s.Name == "rabbitmq_queue_exchange_messages_published_total");
        Assert.Equal(("group", "", 4), (into.Labels["queue"], into.Labels["exchange"], into.Value));
        ReadSeries got = series.Single(static s => s.Name == "rabbitmq_channel_get_total");
        Assert.Equal(("group", "/", 1), (got.Labels["queue"], got.Labels["vhost"], got.Value));
        ReadSeries sent = series.Single(static s => s.Name == "rabbitmq_channel_messages_published_total");
        Assert.Equal(("", 4), (sent.Labels["exchange"], sent.Value));
        Assert.Equal(
            "rabbit_quorum_queue", series.Single(static s => s.Name == "rabbitmq_queue_info" && s.Labels["queue"] == "group").Labels["queue_type"]);
        Assert.Equal(1, series.Single(static s => s.Name == "rabbitmq_connection_channels").Value);
    }
}
