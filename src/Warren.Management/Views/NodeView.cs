using System.Globalization;
using System.Text.Json.Nodes;
using Warren.Core;
using Warren.Core.Alarms;
using Warren.Core.Metrics;
using Warren.Management.Hosting;

namespace Warren.Management.Views;

/// <summary><c>/api/nodes</c>: the one node there is.</summary>
internal static class NodeView
{
    // What RabbitMQ counts there and a broker without Erlang and Mnesia does not.
    private static readonly string[] Uncounted =
    [
        "io_read_count", "io_read_bytes", "io_read_avg_time", "io_write_count", "io_write_bytes", "io_write_avg_time",
        "io_sync_avg_time", "io_seek_count", "io_seek_avg_time", "io_reopen_count",
        "mnesia_ram_tx_count", "mnesia_disk_tx_count", "msg_store_read_count", "msg_store_write_count",
        "queue_index_read_count", "queue_index_write_count", "gc_bytes_reclaimed",
    ];

    /// <summary>The node.</summary>
    public static JsonObject Of(ManagementContext context, SampleQuery samples)
    {
        Broker broker = context.Broker;
        ProcessResources process = ProcessResources.Look();
        AlarmKinds alarms = broker.Alarms.Current;
        var json = new JsonObject
        {
            ["name"] = context.NodeName,
            ["type"] = "disc",
            ["running"] = context.State != NodeState.Stopped,
            ["being_drained"] = context.State == NodeState.Drained,
            ["uptime"] = Math.Max(0, samples.NowMs - context.StartedAt.ToUnixTimeMilliseconds()),
            ["run_queue"] = process.WaitingWork,
            ["processors"] = Environment.ProcessorCount,
            ["os_pid"] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
            ["partitions"] = new JsonArray(),
            ["fd_total"] = process.MostDescriptors,
            ["fd_alarm"] = broker.Alarms.IsShortOfDescriptors,
            ["sockets_total"] = process.MostDescriptors,
            ["proc_total"] = 1_048_576,
            ["mem_limit"] = broker.Alarms.MemoryLimitBytes,
            ["mem_alarm"] = (alarms & AlarmKinds.Memory) != 0,
            ["mem_calculation_strategy"] = "rss",
            ["disk_free_limit"] = broker.Alarms.DiskLimitBytes,
            ["disk_free_alarm"] = (alarms & AlarmKinds.Disk) != 0,
            ["rates_mode"] = "basic",
            ["net_ticktime"] = 60,
            ["exchange_types"] = OverviewView.ExchangeTypeList(),
            ["auth_mechanisms"] = Mechanisms(),
            ["applications"] = new JsonArray((JsonNode)new JsonObject
            {
                ["name"] = "warren",
                ["description"] = ProductNames.Product,
                ["version"] = ManagementContext.ProductVersion,
            }),
            ["contexts"] = OverviewView.ContextsOf(context),
            ["enabled_plugins"] = new JsonArray("rabbitmq_management", "rabbitmq_mqtt", "rabbitmq_prometheus", "rabbitmq_web_mqtt"),
            ["log_files"] = JsonArrays.Of(context.Control?.LogFiles ?? []),
            ["config_files"] = JsonArrays.Of(context.ConfigurationFiles),
            ["db_dir"] = context.DataDirectory,
            ["cluster_links"] = new JsonArray(),
            ["metrics_gc_queue_length"] = new JsonObject(),
            ["ra_open_file_metrics"] = new JsonObject(),
        };
        AddNumbers(json, broker, process, samples);
        return json;
    }

    /// <summary><c>/api/nodes/:name/memory</c>.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="isRelative">In percent instead of bytes.</param>
    public static JsonObject Memory(Broker broker, bool isRelative)
    {
        (string Name, long Bytes)[] parts = MemoryParts(broker);
        long total = Math.Max(1, parts.Sum(static p => p.Bytes));
        var memory = new JsonObject();
        foreach ((string name, long bytes) in parts)
        {
            memory[name] = isRelative ? (bytes * 100 + total - 1) / total : bytes;
        }

        if (isRelative)
        {
            memory["total"] = 100;
        }
        else
        {
            memory["strategy"] = "rss";
            memory["total"] = new JsonObject { ["erlang"] = total, ["rss"] = Environment.WorkingSet, ["allocated"] = total };
        }

        return new JsonObject { ["memory"] = memory };
    }

    /// <summary>Bytes by what they are used for, under RabbitMQ's names.</summary>
    public static (string Name, long Bytes)[] MemoryParts(Broker broker)
    {
        ProcessResources process = ProcessResources.Look();
        long binary = broker.Slabs.RentedBytes;
        long other = Math.Max(0, process.ResidentBytes - process.HeapBytes - binary);
        return
        [
            ("connection_readers", 0), ("connection_writers", 0), ("connection_channels", 0), ("connection_other", 0),
            ("queue_procs", 0), ("quorum_queue_procs", 0), ("stream_queue_procs", 0),
            ("stream_queue_replica_reader_procs", 0), ("stream_queue_coordinator_procs", 0), ("plugins", 0),
            ("metadata_store", 0), ("other_proc", process.HeapBytes), ("metrics", 0), ("mgmt_db", 0), ("mnesia", 0),
            ("quorum_ets", 0), ("metadata_store_ets", 0), ("other_ets", 0), ("binary", binary), ("msg_index", 0),
            ("code", 0), ("atom", 0), ("other_system", other), ("allocated_unused", 0), ("reserved_unallocated", 0),
        ];
    }

    private static readonly string[] MechanismNames = ["PLAIN", "AMQPLAIN", "EXTERNAL"];

    private static JsonArray Mechanisms() =>
    [
        .. MechanismNames.Select(static name => (JsonNode)new JsonObject
        {
            ["name"] = name,
            ["description"] = $"SASL {name} authentication mechanism",
            ["enabled"] = true,
        }),
    ];

    private static void AddNumbers(JsonObject json, Broker broker, ProcessResources process, SampleQuery samples)
    {
        (string Name, long Value)[] now =
        [
            ("fd_used", process.OpenDescriptors),
            ("sockets_used", broker.Connections.Count),
            ("mem_used", broker.Alarms.MemoryInUseBytes),
            ("disk_free", broker.Alarms.DiskFreeBytes),
            ("proc_used", process.Threads),
            ("gc_num", process.Collections),
            ("context_switches", process.DoneWork),
        ];
        foreach ((string name, long value) in now)
        {
            Details.AddStill(json, name, value, samples.NodeStats, samples.NowMs);
        }

        foreach (string name in Uncounted)
        {
            Details.AddStill(json, name, 0, samples.NodeStats, samples.NowMs);
        }

        long[] totals = broker.Statistics.Totals();
        SampleHistory history = broker.Statistics.History;
        Details.Add(
            json, "io_sync_count", totals[Series.DiskWrites], history, [Series.DiskWrites], samples.NodeStats, samples.NowMs);
        foreach (KeyValuePair<string, JsonNode?> rate in OverviewView.ChurnOf(totals, history, samples))
        {
            json[rate.Key] = rate.Value?.DeepClone();
        }
    }
}
