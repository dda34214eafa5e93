namespace Warren.Buffers.Scheduling;

/// <summary>Guards for work items on their way through the pool, used again and again.</summary>
/// <remarks>Thread-safe; its lock is a leaf.</remarks>
internal sealed class WorkItemPool(Scheduler scheduler)
{
    private const int SpareMax = 256;

    private readonly Lock _lock = new();
    private readonly Stack<GuardedItem> _spare = new();

    /// <summary>A guard around an item, for one execution.</summary>
    public IThreadPoolWorkItem Rent(IThreadPoolWorkItem item)
    {
        GuardedItem? guard;
        lock (_lock)
        {
            _spare.TryPop(out guard);
        }

        guard ??= new GuardedItem(this);
        guard.Item = item;
        return guard;
    }

    private void Run(GuardedItem guard)
    {
        IThreadPoolWorkItem item = guard.Item!;
        guard.Item = null;
        lock (_lock)
        {
            if (_spare.Count < SpareMax)
            {
                _spare.Push(guard);
            }
        }

        try
        {
            item.Execute();
        }
        catch (Exception fault)
        {
            scheduler.Report(item, fault);
        }
    }

    private sealed class GuardedItem(WorkItemPool pool) : IThreadPoolWorkItem
    {
        public IThreadPoolWorkItem? Item { get; set; }

        public void Execute() => pool.Run(this);
    }
}

/// <summary>A delegate and its argument on their way through the pool.</summary>
internal sealed class GuardedCall<TState>(Scheduler scheduler, object owner, Action<TState> work, TState state)
    : IThreadPoolWorkItem
{
    public void Execute()
    {
        try
        {
            work(state);
        }
        catch (Exception fault)
        {
            scheduler.Report(owner, fault);
        }
    }
}
