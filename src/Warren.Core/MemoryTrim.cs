using Warren.Buffers;
using Warren.Buffers.Scheduling;
using Warren.Core.Alarms;

namespace Warren.Core;

/// <summary>Gives memory back that a burst has left behind: when the broker is idle, and before anybody is blocked for it.</summary>
/// <remarks>
/// Thread-safe. An idle broker allocates nothing, so the collector would never look at what was let go. Memory in use is
/// what the system says of the process, as in RabbitMQ; what is only kept for later (free slabs and blocks, garbage) is in
/// it, and therefore given back before the number is believed. Nothing is collected twice for the same garbage.
/// </remarks>
internal sealed class MemoryTrim : IDisposable
{
    private const long WorthACollection = 32L * 1024 * 1024; // while the broker is busy
    private const long WorthAThoroughOne = 4L * 1024 * 1024; // allocated or come home since the last, when nobody waits
    private const int IdlePeriods = 2; // in a row
    private const double IdleShare = 0.1; // of one processor: timers alone take a few hundredths
    private const int PeriodsBetween = 6; // two thorough collections of an idle broker
    private const long ShortestPauseMs = 400; // between two reliefs
    private const long LongestPauseMs = 30_000;
    private const long PausePerWork = 10;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new(); // the pools' locks come under it, nothing else
    private readonly SlabPool _slabs;
    private readonly IProcessMemory _process;
    private readonly Scheduler _scheduler;
    private readonly List<Func<bool, long>> _pools = [];
    private readonly GuardedTimer _timer;
    private long _dropped; // since the last collection
    private long _allocatedBefore; // at the last thorough collection
    private long _rentedBefore; // the most since then
    private TimeSpan _processorTimeBefore; // at the last tick
    private int _idlePeriods;
    private int _periods = PeriodsBetween; // since the last thorough collection
    private Uptime _relievedAt = new(long.MinValue);
    private long _pauseMs; // before the next relief
    private long _leastPauseMs; // if something has come home since the last

    public MemoryTrim(SlabPool slabs, Scheduler scheduler, IProcessMemory process)
    {
        _slabs = slabs;
        _scheduler = scheduler;
        _process = process;
        _pools.Add(slabs.Trim);
        _processorTimeBefore = process.ProcessorTime;
        _timer = scheduler.Every(Period, this, Tick);
    }

    /// <summary>Bytes of memory in use.</summary>
    public long InUseBytes => _process.InUseBytes;

    /// <summary>Called when the broker becomes idle, before anything is collected. Must not wait.</summary>
    public Action? OnIdle { get; set; }

    /// <summary>Lets a pool be trimmed too.</summary>
    /// <param name="trim">Lets go of some that is free, or of all when told true; answers the bytes.</param>
    public void Add(Func<bool, long> trim)
    {
        lock (_lock)
        {
            _pools.Add(trim);
        }
    }

    /// <summary>
    /// Bytes of memory in use; if they are more than a limit, after what is only kept for later went back. That is tried
    /// again soon when something came home since the last time, and ever more seldom when not.
    /// </summary>
    public long InUseAgainst(long limit)
    {
        long inUse = _process.InUseBytes;
        if (inUse <= limit)
        {
            return inUse;
        }

        lock (_lock)
        {
            Uptime now = _scheduler.Now;
            bool isWorthIt = HasChanged(Math.Max(WorthAThoroughOne, limit / 32));
            if (now < _relievedAt + (isWorthIt ? _leastPauseMs : _pauseMs))
            {
                return inUse;
            }

            CollectThoroughly();
            Uptime after = _scheduler.Now;
            inUse = _process.InUseBytes;
            _pauseMs = inUse <= limit || isWorthIt ? 0 : Math.Min(LongestPauseMs, _pauseMs * 2);
            _leastPauseMs = Math.Max(ShortestPauseMs, (after - now) * PausePerWork);
            _pauseMs = Math.Max(_pauseMs, _leastPauseMs);
            _relievedAt = after;
            return inUse;
        }
    }

    public void Dispose() => _timer.Dispose();

    /// <inheritdoc/>
    public override string ToString() => "memory trim";

    private void Tick()
    {
        lock (_lock)
        {
            TimeSpan processorTime = _process.ProcessorTime;
            bool isIdle = processorTime - _processorTimeBefore < Period * IdleShare;
            _processorTimeBefore = processorTime;
            _idlePeriods = isIdle ? _idlePeriods + 1 : 0;
            _periods++;
            if (_idlePeriods == 1)
            {
                OnIdle?.Invoke();
            }

            _rentedBefore = Math.Max(_rentedBefore, _slabs.RentedBytes);
            _dropped += TrimPools(everything: false);
            if (_idlePeriods >= IdlePeriods && _periods >= PeriodsBetween && HasChanged(WorthAThoroughOne))
            {
                CollectThoroughly();
                _processorTimeBefore = _process.ProcessorTime; // its own work is not the broker's
            }
            else if (_dropped >= WorthACollection)
            {
                _dropped = 0;
                _process.Collect(thoroughly: false);
            }
        }
    }

    // Whether so many bytes may have become garbage, or free in a pool, since the last thorough collection.
    private bool HasChanged(long bytes) =>
        _process.AllocatedBytes - _allocatedBefore >= bytes
        || _dropped + _slabs.FreeBytes >= bytes
        || _rentedBefore - _slabs.RentedBytes >= bytes;

    private void CollectThoroughly()
    {
        TrimPools(everything: true);
        _process.Collect(thoroughly: true);
        _dropped = 0;
        _periods = 0;
        _allocatedBefore = _process.AllocatedBytes;
        _rentedBefore = _slabs.RentedBytes;
    }

    private long TrimPools(bool everything)
    {
        long dropped = 0;
        foreach (Func<bool, long> trim in _pools)
        {
            dropped += trim(everything);
        }

        return dropped;
    }
}
