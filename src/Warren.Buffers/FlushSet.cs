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
    private const int ScannedMax = 16; // above it a hash set answers whether a target is known

    private readonly List<IFlushable> _touched = [];
    private HashSet<IFlushable>? _known;
    private IFlushable? _last;

    /// <summary>Remembers <paramref name="target"/>. Cheap when it is the one touched last.</summary>
    public void Add(IFlushable target)
    {
        if (!ReferenceEquals(target, _last))
        {
            _last = target;
            if (!IsKnown(target))
            {
                _touched.Add(target);
            }
        }
    }

    /// <summary>Flushes each touched target once and forgets them.</summary>
    public void FlushAll()
    {
        _last = null;
        for (int i = 0; i < _touched.Count; i++)
        {
            _touched[i].Flush();
        }

        _touched.Clear();
        _known?.Clear();
    }

    private bool IsKnown(IFlushable target)
    {
        if (_touched.Count < ScannedMax)
        {
            return _touched.Contains(target);
        }

        _known ??= new HashSet<IFlushable>(ReferenceEqualityComparer.Instance);
        if (_known.Count == 0)
        {
            _known.UnionWith(_touched);
        }

        return !_known.Add(target);
    }
}
