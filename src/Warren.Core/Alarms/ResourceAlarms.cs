using Warren.Buffers.Scheduling;
using Warren.Storage;

namespace Warren.Core.Alarms;

/// <summary>What the broker runs short of.</summary>
[Flags]
public enum AlarmKinds
{
    /// <summary>Nothing: publishers are welcome.</summary>
    None = 0,

    /// <summary>Memory is above the watermark.</summary>
    Memory = 1,

    /// <summary>Free disk space is below the limit, or the log has no room.</summary>
    Disk = 2,
}

/// <summary>Watches memory and disk; publishers are blocked while an alarm is on, everybody else goes on.</summary>
/// <remarks>
/// Thread-safe. Looks twice a second, by the injected clock. Memory that is only kept for later goes back before an alarm is
/// raised for it, and again while it is on: see <see cref="MemoryTrim"/>.
/// </remarks>
public sealed class ResourceAlarms : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly MemoryTrim _memory;
    private readonly Func<long> _diskFree;
    private readonly Func<LogState> _logState;
    private readonly GuardedTimer _timer;
    private readonly Scheduler _scheduler;
    private long _memoryLimit;
    private long _diskLimit;
    private int _current;
    private Func<bool>? _fewDescriptors;
    private bool _isShortOfDescriptors;

    internal ResourceAlarms(
        Scheduler scheduler,
        long memoryLimit,
        long diskLimit,
        MemoryTrim memory,
        Func<long> diskFree,
        Func<LogState> logState)
    {
        _memoryLimit = memoryLimit;
        _diskLimit = diskLimit;
        _memory = memory;
        _diskFree = diskFree;
        _logState = logState;
        _scheduler = scheduler;
        _timer = scheduler.Every(Interval, this, Look);
    }

    /// <summary>Raised on a pool thread when <see cref="Current"/> has changed.</summary>
    public event Action<AlarmKinds>? Changed;

    /// <summary>Raised when a limit has changed, on the thread that did it.</summary>
    internal event Action? LimitsChanged;

    /// <summary>Raised on a pool thread when <see cref="IsShortOfDescriptors"/> has changed.</summary>
    public event Action<bool>? DescriptorsChanged;

    /// <summary>Whether file descriptors are short: no more clients are let in. Nobody is blocked, because who is there
    /// takes none.</summary>
    public bool IsShortOfDescriptors => Volatile.Read(ref _isShortOfDescriptors);

    /// <summary>The alarms that are on and block publishers.</summary>
    public AlarmKinds Current => (AlarmKinds)Volatile.Read(ref _current);

    /// <summary>Bytes of memory in use at which the alarm goes on.</summary>
    public long MemoryLimitBytes => Volatile.Read(ref _memoryLimit);

    /// <summary>Bytes of memory in use now.</summary>
    public long MemoryInUseBytes => _memory.InUseBytes;

    /// <summary>Bytes of free disk space below which the alarm goes on.</summary>
    public long DiskLimitBytes => Volatile.Read(ref _diskLimit);

    /// <summary>Bytes of free disk space now.</summary>
    public long DiskFreeBytes => _diskFree();

    /// <summary>Lets the alarms watch file descriptors too, which only the listeners' side can see.</summary>
    public void WatchDescriptors(Func<bool> fewAreLeft)
    {
        ArgumentNullException.ThrowIfNull(fewAreLeft);
        Volatile.Write(ref _fewDescriptors, fewAreLeft);
    }

    /// <summary>Changes both limits and looks at once.</summary>
    public void SetLimits(long memory, long disk)
    {
        Volatile.Write(ref _memoryLimit, memory);
        Volatile.Write(ref _diskLimit, disk);
        LimitsChanged?.Invoke();
        Look();
    }

    /// <summary>Changes the memory limit and looks at once.</summary>
    public void SetMemoryLimit(long bytes) => SetLimits(bytes, DiskLimitBytes);

    /// <summary>Changes the disk limit and looks at once.</summary>
    public void SetDiskLimit(long bytes) => SetLimits(MemoryLimitBytes, bytes);

    /// <summary>The reason clients are told in connection.blocked.</summary>
    public static string ReasonOf(AlarmKinds alarms) => alarms switch
    {
        AlarmKinds.Memory => "low on memory",
        AlarmKinds.Disk => "low on disk",
        _ => "low on memory & disk",
    };

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    /// <inheritdoc/>
    public override string ToString() => "resource alarms";

    /// <summary>Looks now.</summary>
    internal void Look()
    {
        AlarmKinds now = AlarmKinds.None;
        long limit = MemoryLimitBytes;
        if (_memory.InUseAgainst(limit) > limit)
        {
            now |= AlarmKinds.Memory;
        }

        if (_logState() != LogState.Open || _diskFree() < DiskLimitBytes)
        {
            now |= AlarmKinds.Disk;
        }

        if (Interlocked.Exchange(ref _current, (int)now) != (int)now)
        {
            Tell(Changed, now);
        }

        bool few = Volatile.Read(ref _fewDescriptors)?.Invoke() ?? false;
        if (Interlocked.Exchange(ref _isShortOfDescriptors, few) != few)
        {
            Tell(DescriptorsChanged, few);
        }
    }

    // Each is told, whatever the one before does: who is not would stay blocked.
    private void Tell<T>(Action<T>? listeners, T change)
    {
        foreach (Action<T> listener in Delegate.EnumerateInvocationList(listeners))
        {
            try
            {
                listener(change);
            }
            catch (Exception fault)
            {
                _scheduler.Report(this, fault);
            }
        }
    }
}
