namespace Warren.Buffers.Scheduling;

/// <summary>The one time at which an object wants to be called; it may be moved and given up.</summary>
/// <remarks>
/// Thread-safe. Costs nothing in the scheduler while it is not set, so an object that goes away and calls
/// <see cref="Cancel"/> leaves nothing behind. Moving it costs the logarithm of the number of deadlines that are set.
/// </remarks>
public sealed class Deadline
{
    private readonly Scheduler _scheduler;

    /// <summary>A deadline that is not set.</summary>
    public Deadline(Scheduler scheduler, IDue due)
    {
        ArgumentNullException.ThrowIfNull(scheduler);
        ArgumentNullException.ThrowIfNull(due);
        _scheduler = scheduler;
        Due = due;
    }

    /// <summary>Whether it waits for its time.</summary>
    public bool IsSet => Volatile.Read(ref Slot) >= 0;

    internal IDue Due { get; }

    /// <summary>Calls at this time or a little later, once, instead of at the time it was set to.</summary>
    public void Set(Uptime at) => _scheduler.Set(this, at, onlyEarlier: false);

    /// <summary>Calls at this time or a little later, unless it is set to an earlier one.</summary>
    public void SetEarlier(Uptime at) => _scheduler.Set(this, at, onlyEarlier: true);

    /// <summary>Gives it up. A call that has begun may still be under way.</summary>
    public void Cancel() => _scheduler.Cancel(this);

    // The lock of the scheduler guards these.
    internal int Slot = -1; // in the heap; -1: not set
    internal bool IsRunning;
    internal bool IsCancelled; // since its last call began
    internal Uptime FellDue = Uptime.Never; // while it was running: to be called again
}
