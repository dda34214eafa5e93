namespace Warren.Core.Alarms;

/// <summary>The memory of this process, and the collector. Replaced in tests.</summary>
internal interface IProcessMemory
{
    /// <summary>Bytes of physical memory the process takes.</summary>
    long InUseBytes { get; }

    /// <summary>Bytes of objects made since the start.</summary>
    long AllocatedBytes { get; }

    /// <summary>Processor time used since the start.</summary>
    TimeSpan ProcessorTime { get; }

    /// <summary>Collects what nobody needs.</summary>
    /// <param name="thoroughly">Waits until the memory went back to the system; otherwise it goes on beside the others.</param>
    void Collect(bool thoroughly);
}

/// <summary>The memory of this process.</summary>
/// <remarks>Thread-safe; holds no state.</remarks>
internal sealed class ProcessMemory : IProcessMemory
{
    /// <inheritdoc/>
    public long InUseBytes => Environment.WorkingSet;

    /// <inheritdoc/>
    public long AllocatedBytes => GC.GetTotalAllocatedBytes();

    /// <inheritdoc/>
    public TimeSpan ProcessorTime => Environment.CpuUsage.TotalTime;

    /// <inheritdoc/>
    public void Collect(bool thoroughly)
    {
        if (thoroughly)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
        else
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
        }
    }
}
