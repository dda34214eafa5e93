using Warren.Management.Hosting;
using Xunit;

namespace Warren.Management.Tests;

public sealed class MetricsTests : IAsyncLifetime
{
    private readonly ManagedBroker _broker = new()
    {
        Configure = static o => o with { Prometheus = new PrometheusOptions { Port = 0, Address = "127.0.0.1" } },
    };

    private readonly HttpClient _http = new();

    public async ValueTask InitializeAsync()
    {
        await _broker.InitializeAsync();
        await _broker.PutAsync("/queues/%2F/measured", "{}");
        await _broker.PutAsync("/queues/%2F/quoted%22name", "{}");
        await _broker.PostAsync(
            "/exchanges/%2F/amq.default/publish",
            """{"routing_key":"measured","payload":"12345","payload_encoding":"string","properties":{}}""");
        _broker.Broker.Statistics.Collect();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task Aggregated_page_has_one_series_for_each_metric()
    {
        string[] lines = await ReadAsync("/metrics");

        Assert.Contains("rabbitmq_queue_messages_ready 1", lines);
        Assert.Contains("rabbitmq_queue_messages_ready_bytes 5", lines);
        Assert.Contains("rabbitmq_queues 2", lines);
        Assert.Contains("rabbitmq_global_messages_received_total{protocol=\"amqp091\"} 1", lines);
        Assert.Contains("# TYPE rabbitmq_queue_messages_ready gauge", lines);
        string identity = Assert.Single(lines, l => l.StartsWith("rabbitmq_identity_info{", StringComparison.Ordinal));
        Assert.Contains("rabbitmq_endpoint=\"aggregated\"", identity, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dead_letters_and_faults_are_counted()
    {
        await _broker.PutAsync(
            "/queues/%2F/short", """{"arguments":{"x-max-length":1,"x-dead-letter-exchange":"","x-dead-letter-routing-key":"measured"}}""");
        await _broker.PutAsync("/queues/%2F/lost", """{"arguments":{"x-max-length":1,"x-dead-letter-exchange":"amq.topic"}}""");
        foreach (string queue in new[] { "short", "short", "lost", "lost", "lost" })
        {
            await _broker.PostAsync(
                "/exchanges/%2F/amq.default/publish",
                $$$"""{"routing_key":"{{{queue}}}","payload":"x","payload_encoding":"string","properties":{}}""");
        }

        string[] lines = await ReadAsync("/metrics");

        Assert.Contains("warren_dead_letters_total{outcome=\"forwarded\"} 1", lines);
        Assert.Contains("warren_dead_letters_total{outcome=\"dropped\"} 2", lines);
        Assert.Contains("warren_dead_letters_total{outcome=\"postponed\"} 0", lines);
        Assert.Contains("warren_scheduled_faults_total 0", lines);
        Assert.Contains("warren_storage_damage 0", lines);
    }

    [Theory]
    [InlineData("rabbitmq_build_info")]
    [InlineData("rabbitmq_erlang_uptime_seconds")]
    [InlineData("rabbitmq_global_messages_delivered_total")]
    [InlineData("rabbitmq_global_messages_routed_total")]
    [InlineData("rabbitmq_global_messages_confirmed_total")]
    [InlineData("rabbitmq_global_messages_received_confirm_total")]
    [InlineData("rabbitmq_global_messages_unroutable_dropped_total")]
    [InlineData("rabbitmq_global_messages_unroutable_returned_total")]
    [InlineData("rabbitmq_global_messages_delivered_consume_auto_ack_total")]
    [InlineData("rabbitmq_global_messages_delivered_consume_manual_ack_total")]
    [InlineData("rabbitmq_global_messages_delivered_get_auto_ack_total")]
    [InlineData("rabbitmq_global_messages_delivered_get_manual_ack_total")]
    [InlineData("rabbitmq_global_messages_get_empty_total")]
    [InlineData("rabbitmq_global_messages_redelivered_total")]
    [InlineData("rabbitmq_global_messages_acknowledged_total")]
    [InlineData("rabbitmq_global_publishers")]
    [InlineData("rabbitmq_global_consumers")]
    [InlineData("rabbitmq_connections_opened_total")]
    [InlineData("rabbitmq_queues_created_total")]
    [InlineData("rabbitmq_resident_memory_limit_bytes")]
    [InlineData("rabbitmq_process_resident_memory_bytes")]
    [InlineData("rabbitmq_disk_space_available_bytes")]
    [InlineData("rabbitmq_disk_space_available_limit_bytes")]
    [InlineData("rabbitmq_process_max_fds")]
    [InlineData("rabbitmq_process_open_fds")]
    public async Task Series_of_the_official_dashboard_is_there(string name)
    {
        string[] lines = await ReadAsync("/metrics");

        // One series, or one for each protocol.
        Assert.Single(lines, l => l.StartsWith(name + " ", StringComparison.Ordinal)
            || (l.StartsWith(name + "{", StringComparison.Ordinal) && !l.Contains("protocol=\"mqtt", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Every_metric_is_described_once_before_its_series()
    {
        foreach (string page in new[] { "/metrics", "/metrics/per-object", "/metrics/detailed?family=queue_metrics&family=queue_consumer_count" })
        {
            string[] types = [.. (await ReadAsync(page)).Where(l => l.StartsWith("# TYPE ", StringComparison.Ordinal))];

            Assert.Equal(types.Length, types.Distinct(StringComparer.Ordinal).Count());
        }
    }

    [Fact]
    public async Task Page_per_object_names_each_queue()
    {
        string[] lines = await ReadAsync("/metrics/per-object");

        Assert.Contains("rabbitmq_queue_messages{vhost=\"/\",queue=\"measured\"} 1", lines);
        Assert.Contains("rabbitmq_queue_messages{vhost=\"/\",queue=\"quoted\\\"name\"} 0", lines);
    }

    [Fact]
    public async Task Detailed_page_has_the_families_and_queues_asked_for()
    {
        string[] lines = await ReadAsync("/metrics/detailed?family=queue_coarse_metrics&family=exchange_bindings&vhost=%2F&queue=%5Eme");

        Assert.Contains("rabbitmq_detailed_queue_messages_ready{vhost=\"/\",queue=\"measured\"} 1", lines);
        Assert.DoesNotContain(lines, l => l.Contains("quoted", StringComparison.Ordinal));
        Assert.Contains("rabbitmq_cluster_exchange_bindings{vhost=\"/\",exchange=\"amq.topic\",type=\"topic\"} 0", lines);
        Assert.DoesNotContain(lines, l => l.StartsWith("rabbitmq_queues", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Bad_expression_is_refused_and_other_paths_are_not_found()
    {
        using HttpResponseMessage bad = await _http.GetAsync(UrlOf("/metrics/detailed?queue=("));
        using HttpResponseMessage missing = await _http.GetAsync(UrlOf("/metricsx"));

        Assert.Equal((400, 404), ((int)bad.StatusCode, (int)missing.StatusCode));
    }

    [Fact]
    public async Task Management_port_has_the_metrics_too_for_those_who_may_watch()
    {
        using HttpResponseMessage open = await _http.GetAsync(new Uri(_broker.Url + "/metrics"));
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_broker.Url + "/metrics"));
        request.Headers.Add("Authorization", "Basic Z3Vlc3Q6Z3Vlc3Q=");
        using HttpResponseMessage known = await _http.SendAsync(request);

        Assert.Equal(401, (int)open.StatusCode);
        Assert.Equal(200, (int)known.StatusCode);
        Assert.StartsWith("text/plain", known.Content.Headers.ContentType!.ToString(), StringComparison.Ordinal);
    }

    private Uri UrlOf(string path) => new($"http://127.0.0.1:{_broker.Server.HttpSites[1].EndPoint.Port}{path}");

    private async Task<string[]> ReadAsync(string path) => (await _http.GetStringAsync(UrlOf(path))).Split('\n');
}
