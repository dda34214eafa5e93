namespace Warren.Core.Exchanges;

/// <summary>Collects the queues a message goes to, each once, and the exchanges still to be asked.</summary>
/// <remarks>Not thread-safe: one per channel, reused. Does not allocate once it has grown.</remarks>
public sealed class RouteSet
{
    private const int ScannedMax = 16; // above it a hash set answers whether a queue is known

    private readonly List<Exchange> _visited = [];
    private QueueTarget[] _queues = new QueueTarget[4];
    private HashSet<QueueTarget>? _known;
    private int _count;
    private int _next;

    /// <summary>The queues found so far.</summary>
    public ReadOnlySpan<QueueTarget> Queues => _queues.AsSpan(0, _count);

    /// <summary>True when an exchange that looks at headers was asked: the result holds for this message only.</summary>
    public bool DependsOnHeaders { get; internal set; }

    /// <summary>Matches counted so far, known queues included: tells whether an exchange matched anything.</summary>
    internal int Matches { get; private set; }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _queues.AsSpan(0, _count).Clear();
        _count = 0;
        _known?.Clear();
        DependsOnHeaders = false;
        BeginRound();
    }

    /// <summary>Removes the queues the predicate names.</summary>
    public void RemoveWhere(Predicate<QueueTarget> predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        int kept = 0;
        for (int i = 0; i < _count; i++)
        {
            if (!predicate(_queues[i]))
            {
                _queues[kept++] = _queues[i];
            }
        }

        _queues.AsSpan(kept, _count - kept).Clear();
        _count = kept;
        _known?.Clear();
    }

    /// <summary>A binding matched.</summary>
    internal void Add(RoutingTarget target)
    {
        Matches++;
        if (target is Exchange exchange)
        {
            Visit(exchange);
        }
        else
        {
            Add((QueueTarget)target);
        }
    }

    /// <summary>Bindings matched.</summary>
    internal void Add(RoutingTarget[] targets)
    {
        foreach (RoutingTarget target in targets)
        {
            Add(target);
        }
    }

    /// <summary>Begins with another routing key: exchanges may be asked again.</summary>
    internal void BeginRound()
    {
        _visited.Clear();
        _next = 0;
        Matches = 0;
    }

    /// <summary>Puts an exchange on the list, unless it was there: cycles end here.</summary>
    internal void Visit(Exchange exchange)
    {
        if (!_visited.Contains(exchange))
        {
            _visited.Add(exchange);
        }
    }

    internal bool TryNextExchange(out Exchange exchange)
    {
        if (_next < _visited.Count)
        {
            exchange = _visited[_next++];
            return true;
        }

        exchange = null!;
        return false;
    }

    private void Add(QueueTarget queue)
    {
        if (_count < ScannedMax)
        {
            for (int i = 0; i < _count; i++)
            {
                if (ReferenceEquals(_queues[i], queue))
                {
                    return;
                }
            }
        }
        else
        {
            _known ??= new HashSet<QueueTarget>(ReferenceEqualityComparer.Instance);
            if (_known.Count == 0)
            {
                for (int i = 0; i < _count; i++)
                {
                    _known.Add(_queues[i]);
                }
            }

            if (!_known.Add(queue))
            {
                return;
            }
        }

        if (_count == _queues.Length)
        {
            Array.Resize(ref _queues, _queues.Length * 2);
        }

        _queues[_count++] = queue;
    }
}
