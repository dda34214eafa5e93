using Warren.Buffers.Options;
using Warren.Core.Metrics;

namespace Warren.Core;

/// <summary>What a broker is started with. Sizes in bytes.</summary>
public sealed record BrokerOptions
{
    /// <summary>Bytes of message bodies kept in memory before long queues page out.</summary>
    [ConfigKey("warren.page_budget", Unit = ConfigUnit.Bytes)]
    public long PageBudgetBytes { get; init; } = 192L * 1024 * 1024;

    /// <summary>The virtual host created on the first start.</summary>
    [ConfigKey("default_vhost")]
    public string DefaultVirtualHost { get; init; } = "/";

    /// <summary>The type of queues declared without <c>x-queue-type</c> where the virtual host says nothing; null: classic.</summary>
    [ConfigKey("default_queue_type")]
    public string? DefaultQueueType { get; init; }

    /// <summary>The user created on the first start.</summary>
    [ConfigKey("default_user")]
    public string DefaultUser { get; init; } = "guest";

    /// <summary>Its password.</summary>
    [ConfigKey("default_pass", Secret = true)]
    public string DefaultPassword { get; init; } = "guest";

    /// <summary>Users who may log in from this machine only.</summary>
    [ConfigKey("loopback_users.$name", Reloads = true)]
    public IReadOnlyCollection<string> LoopbackUsers { get; init; } = ["guest"];

    /// <summary>Fraction of the memory available to the process at which publishers are blocked.</summary>
    [ConfigKey("vm_memory_high_watermark.relative", Max = 1, Reloads = true)]
    public double MemoryWatermarkRelative { get; init; } = 0.6;

    /// <summary>The same in bytes, used instead when set.</summary>
    [ConfigKey("vm_memory_high_watermark.absolute", Unit = ConfigUnit.Bytes, Reloads = true)]
    public long? MemoryWatermarkBytes { get; init; }

    /// <summary>Free disk space at which publishers are blocked.</summary>
    [ConfigKey("disk_free_limit.absolute", Unit = ConfigUnit.Bytes, Reloads = true)]
    public long DiskFreeLimitBytes { get; init; } = 50_000_000;

    /// <summary>The same as a multiple of the memory available to the process, used instead when set.</summary>
    [ConfigKey("disk_free_limit.relative", Reloads = true)]
    public double? DiskFreeLimitRelative { get; init; }

    /// <summary>Queues a virtual host may hold; bounds what clients can make the broker allocate.</summary>
    [ConfigKey("warren.vhost.queue_max", Min = 1)]
    public int QueuesPerVirtualHost { get; init; } = 1_000_000;

    /// <summary>Exchanges a virtual host may hold.</summary>
    [ConfigKey("warren.vhost.exchange_max", Min = 1)]
    public int ExchangesPerVirtualHost { get; init; } = 100_000;

    /// <summary>Bindings a virtual host may hold.</summary>
    [ConfigKey("warren.vhost.binding_max", Min = 1)]
    public int BindingsPerVirtualHost { get; init; } = 5_000_000;

    /// <summary>Client sessions a virtual host may hold, those without a client included.</summary>
    [ConfigKey("warren.vhost.session_max", Min = 1)]
    public int SessionsPerVirtualHost { get; init; } = 1_000_000;

    /// <summary>The virtual host of the exchange that tells of what happens, made when there is none; null: the default one.</summary>
    [ConfigKey("event_exchange.vhost")]
    public string? EventVirtualHost { get; init; }

    /// <summary>Whether the default virtual host has the exchange of log lines.</summary>
    [ConfigKey("log.exchange")]
    public bool LogExchange { get; init; }

    /// <summary>What is counted and how often it is looked at.</summary>
    public StatisticsOptions Statistics { get; init; } = new();

    /// <summary>How the log is kept, its identity apart; for tests.</summary>
    internal Storage.ShardLogOptions Log { get; init; } = new();
}
