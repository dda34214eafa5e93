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
    private readonly List<IFlushable> _touched = [];
    private IFlushable? _last;

    /// <summary>Remembers <paramref name="target"/>. Cheap when it is the one touched last.</summary>
    public void Add(IFlushable target)
    {
        if (!ReferenceEquals(target, _last))
        {
            _last = target;
            if (!_touched.Contains(target))
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
    }
}
