using Warren.Core.Alarms;
using Warren.Core.Metrics;

namespace Warren.Management.Prometheus;

/// <summary>Metrics of the node, by the families of RabbitMQ.</summary>
internal static class NodeMetrics
{
    /// <summary>connection_churn_metrics.</summary>
    public static readonly Measured<NodeSample>[] ConnectionChurn =
    [
        new(new Metric("connections_opened_total", MetricType.Counter, "Total number of connections opened"), static s => s.Totals[Series.Churn + 0]),
        new(new Metric("connections_closed_total", MetricType.Counter, "Total number of connections closed or terminated"), static s => s.Totals[Series.Churn + 1]),
        new(new Metric("channels_opened_total", MetricType.Counter, "Total number of channels opened"), static s => s.Totals[Series.Churn + 2]),
        new(new Metric("channels_closed_total", MetricType.Counter, "Total number of channels closed"), static s => s.Totals[Series.Churn + 3]),
        new(new Metric("queues_declared_total", MetricType.Counter, "Total number of queues declared"), static s => s.Totals[Series.Churn + 4]),
        new(new Metric("queues_created_total", MetricType.Counter, "Total number of queues created"), static s => s.Totals[Series.Churn + 5]),
        new(new Metric("queues_deleted_total", MetricType.Counter, "Total number of queues deleted"), static s => s.Totals[Series.Churn + 6]),
    ];

    /// <summary>node_coarse_metrics.</summary>
    public static readonly Measured<NodeSample>[] Coarse =
    [
        new(new Metric("process_open_fds", MetricType.Gauge, "Open file descriptors"), static s => s.Process.OpenDescriptors),
        new(new Metric("process_open_tcp_sockets", MetricType.Gauge, "Open TCP sockets"), static s => s.Broker.Connections.Count),
        new(new Metric("process_resident_memory_bytes", MetricType.Gauge, "Memory used in bytes"), static s => s.Broker.Alarms.MemoryInUseBytes),
        new(new Metric("disk_space_available_bytes", MetricType.Gauge, "Disk space available in bytes"), static s => s.Broker.Alarms.DiskFreeBytes),
        new(new Metric("erlang_processes_used", MetricType.Gauge, "Threads of the pool in use"), static s => s.Process.Threads),
        new(new Metric("erlang_gc_runs_total", MetricType.Counter, "Total number of garbage collections"), static s => s.Process.Collections),
        new(new Metric("erlang_gc_reclaimed_bytes_total", MetricType.Counter, "Total number of bytes allocated, less those still in use"), static s => Math.Max(0, s.Process.AllocatedBytes - s.Process.HeapBytes)),
        new(new Metric("erlang_scheduler_context_switches_total", MetricType.Counter, "Total number of work items done by the thread pool"), static s => s.Process.DoneWork),
    ];

    /// <summary>node_metrics.</summary>
    public static readonly Measured<NodeSample>[] Limits =
    [
        new(new Metric("process_max_fds", MetricType.Gauge, "Open file descriptors limit"), static s => s.Process.MostDescriptors),
        new(new Metric("process_max_tcp_sockets", MetricType.Gauge, "Open TCP sockets limit"), static s => s.Process.MostDescriptors),
        new(new Metric("resident_memory_limit_bytes", MetricType.Gauge, "Memory high watermark in bytes"), static s => s.Broker.Alarms.MemoryLimitBytes),
        new(new Metric("disk_space_available_limit_bytes", MetricType.Gauge, "Free disk space low watermark in bytes"), static s => s.Broker.Alarms.DiskLimitBytes),
        new(new Metric("erlang_processes_limit", MetricType.Gauge, "Limit of work at once; none"), static s => 1_048_576),
        new(new Metric("erlang_scheduler_run_queue", MetricType.Gauge, "Work items waiting for a thread of the pool"), static s => s.Process.WaitingWork),
        new(new Metric("erlang_net_ticktime_seconds", MetricType.Gauge, "Inter-node heartbeat interval; a single node has none"), static s => 60),
        new(new Metric("erlang_uptime_seconds", MetricType.Gauge, "Node uptime"), static s => s.UptimeSeconds),
    ];

    /// <summary>node_persister_metrics, as far as there is something to count.</summary>
    public static readonly Measured<NodeSample>[] Persister =
    [
        new(new Metric("io_sync_ops_total", MetricType.Counter, "Total number of batches synced to the disk"), static s => s.Totals[Series.DiskWrites]),
        new(new Metric("io_read_ops_total", MetricType.Counter, "Total number of messages read back from the disk"), static s => s.Totals[Series.DiskReads]),
        new(new Metric("io_write_ops_total", MetricType.Counter, "Total number of batches written to the disk"), static s => s.Totals[Series.DiskWrites]),
    ];

    /// <summary>Totals of objects.</summary>
    public static readonly Measured<NodeSample>[] Totals =
    [
        new(new Metric("connections", MetricType.Gauge, "Connections currently open"), static s => s.Objects.Connections),
        new(new Metric("channels", MetricType.Gauge, "Channels currently open"), static s => s.Objects.Channels),
        new(new Metric("consumers", MetricType.Gauge, "Consumers currently connected"), static s => s.Objects.Consumers),
        new(new Metric("queues", MetricType.Gauge, "Queues available"), static s => s.Objects.Queues),
    ];

    /// <summary>Alarms: 0 or 1.</summary>
    public static readonly Measured<NodeSample>[] Alarms =
    [
        new(new Metric("alarms_memory_used_watermark", MetricType.Untyped, "Is 1 if VM memory watermark alarm is in effect"), static s => (s.Broker.Alarms.Current & AlarmKinds.Memory) != 0 ? 1 : 0),
        new(new Metric("alarms_free_disk_space_watermark", MetricType.Untyped, "Is 1 if free disk space watermark alarm is in effect"), static s => (s.Broker.Alarms.Current & AlarmKinds.Disk) != 0 ? 1 : 0),
        new(new Metric("alarms_file_descriptor_limit", MetricType.Untyped, "Is 1 if file descriptor limit alarm is in effect"), static s => s.Broker.Alarms.IsShortOfDescriptors ? 1 : 0),
    ];
}
