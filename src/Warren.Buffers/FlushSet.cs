namespace Warren.Buffers;

/// <summary>Something with bytes waiting to be sent, or records waiting to be committed.</summary>
public interface IFlushable
{
    /// <summary>Starts sending what was appended. Thread-safe; must not block; called outside every lock.</summary>
    void Flush();
}

/// <summary>The outputs one read batch touched, each flushed once at its end (docs/hot-path.md, step 10).</summary>
/// <remarks>Not thread-safe: one per connection's read loop or per pool work item.</remarks>
public sealed class FlushSet
{
    // Up to here comparing with each is faster than hashing; a fan-out to thousands must not compare with each.
    private const int FewTargets = 16;

    private readonly List<IFlushable> _touched = [];
    private HashSet<IFlushable>? _known; // the same, once there are more than a few
    private IFlushable? _last;

    /// <summary>A queue that grows although it is consumed while memory runs out: its publisher should pause; null: none.</summary>
    public ICongestible? Congested { get; set; }

    /// <summary>Remembers <paramref name="target"/>. Cheap when it is the one touched last.</summary>
    public void Add(IFlushable target)
    {
        if (!ReferenceEquals(target, _last))
        {
            _last = target;
            if (IsNew(target))
            {
                _touched.Add(target);
            }
        }
    }

    /// <summary>Flushes each touched target once and forgets them. What is added meanwhile is flushed too.</summary>
    public void FlushAll()
    {
        for (int i = 0; i < _touched.Count; i++)
        {
            _touched[i].Flush();
        }

        _touched.Clear();
        _known?.Clear();
        _last = null;
    }

    private bool IsNew(IFlushable target)
    {
        if (_touched.Count < FewTargets)
        {
            return !_touched.Contains(target);
        }

        _known ??= new HashSet<IFlushable>(ReferenceEqualityComparer.Instance);
        if (_known.Count == 0)
        {
            _known.UnionWith(_touched);
        }

        return _known.Add(target);
    }
}
