namespace Warren.Core;

/// <summary>What a broker is started with. Sizes in bytes.</summary>
public sealed record BrokerOptions
{
    /// <summary>Bytes of message bodies kept in memory before long queues page out (warren.page_budget).</summary>
    public long PageBudgetBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>The virtual host created on the first start (default_vhost).</summary>
    public string DefaultVirtualHost { get; init; } = "/";

    /// <summary>The user created on the first start (default_user).</summary>
    public string DefaultUser { get; init; } = "guest";

    /// <summary>Its password (default_pass).</summary>
    public string DefaultPassword { get; init; } = "guest";

    /// <summary>Users who may log in from this machine only (loopback_users).</summary>
    public IReadOnlyCollection<string> LoopbackUsers { get; init; } = ["guest"];

    /// <summary>Fraction of the memory available to the process at which publishers are blocked (vm_memory_high_watermark.relative).</summary>
    public double MemoryWatermarkRelative { get; init; } = 0.6;

    /// <summary>The same in bytes, used instead when set (vm_memory_high_watermark.absolute).</summary>
    public long? MemoryWatermarkBytes { get; init; }

    /// <summary>Free disk space at which publishers are blocked (disk_free_limit.absolute).</summary>
    public long DiskFreeLimitBytes { get; init; } = 50_000_000;

    /// <summary>Queues a virtual host may hold; bounds what clients can make the broker allocate.</summary>
    public int QueuesPerVirtualHost { get; init; } = 1_000_000;

    /// <summary>Exchanges a virtual host may hold.</summary>
    public int ExchangesPerVirtualHost { get; init; } = 100_000;

    /// <summary>Bindings a virtual host may hold.</summary>
    public int BindingsPerVirtualHost { get; init; } = 5_000_000;
}
