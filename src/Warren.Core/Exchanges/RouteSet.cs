using Warren.Core.Queues;

namespace Warren.Core.Exchanges;

/// <summary>The queues one message goes to, each once, and what routing must remember on the way.</summary>
/// <remarks>
/// Made to be kept and used again: after the first messages nothing is allocated. Not thread-safe; one per connection
/// or thread. Room for a fan-out beyond <see cref="KeptCapacity"/> is given back when the next message needs far less.
/// </remarks>
public sealed class RouteSet
{
    /// <summary>Places always kept for the next message.</summary>
    public const int KeptCapacity = 1024;

    private const int ScanLimit = 16; // entries compared one by one; above, a set

    private MessageQueue[] _queues = new MessageQueue[8];
    private int _count;
    private HashSet<MessageQueue>? _seen;
    private int _seenCount; // of _queues, how many are in _seen

    private Exchange[] _exchanges = new Exchange[4]; // those done, then those to do
    private int _exchangeCount;
    private int _nextExchange;
    private HashSet<Exchange>? _seenExchanges;

    private RecentHistoryExchange[] _histories = [];
    private int _historyCount;

    private TopicScratch? _topic;
    private HeaderScratch? _headers;

    /// <summary>The queues found, each once, in the order they were met. Valid until the next call.</summary>
    public ReadOnlySpan<MessageQueue> Queues => _queues.AsSpan(0, _count);

    /// <summary>Number of queues found.</summary>
    public int Count => _count;

    /// <summary>The exchanges on the way that keep the message once it is published. Valid until the next call.</summary>
    public ReadOnlySpan<RecentHistoryExchange> Histories => _histories.AsSpan(0, _historyCount);

    /// <summary>True when something else than the routing key decided: the result holds for this message only.</summary>
    public bool DependsOnHeaders { get; private set; }

    /// <summary>True when the exchange being routed added anything, also something already there.</summary>
    internal bool Matched { get; set; }

    /// <summary>Working memory of topic exchanges.</summary>
    internal TopicScratch Topic => _topic ??= new TopicScratch();

    /// <summary>Working memory of headers exchanges.</summary>
    internal HeaderScratch Headers => _headers ??= new HeaderScratch();

    /// <summary>Forgets everything found.</summary>
    public void Clear()
    {
        if (_queues.Length > KeptCapacity && _count < _queues.Length / 4)
        {
            _queues = new MessageQueue[8];
            _seen = null;
        }
        else
        {
            Array.Clear(_queues, 0, _count);
            if (_seenCount > 0)
            {
                _seen?.Clear();
            }
        }

        _count = 0;
        _seenCount = 0;
        if (_historyCount > 0)
        {
            Array.Clear(_histories, 0, _historyCount);
            _historyCount = 0;
        }

        Matched = false;
        DependsOnHeaders = false;
        ClearExchanges();
    }

    /// <summary>Adds a queue unless it is there.</summary>
    public void Add(MessageQueue queue)
    {
        Matched = true;
        if (_count <= ScanLimit)
        {
            foreach (MessageQueue known in _queues.AsSpan(0, _count))
            {
                if (ReferenceEquals(known, queue))
                {
                    return;
                }
            }
        }
        else if (!IsNew(queue))
        {
            return;
        }

        Append(queue);
    }

    /// <summary>Adds a further exchange to look at, unless this message has been there.</summary>
    public void Add(Exchange exchange)
    {
        Matched = true;
        Visit(exchange);
    }

    /// <summary>Adds a queue or an exchange.</summary>
    public void Add(RoutingTarget target)
    {
        if (target is MessageQueue queue)
        {
            Add(queue);
        }
        else if (target is Exchange exchange)
        {
            Add(exchange);
        }
    }

    /// <summary>Says that more than the routing key decided.</summary>
    public void MarkDependentOnHeaders() => DependsOnHeaders = true;

    /// <summary>Adds an exchange that keeps the message. Each exchange is visited once, so none comes twice.</summary>
    public void AddHistory(RecentHistoryExchange exchange)
    {
        if (_historyCount == _histories.Length)
        {
            Array.Resize(ref _histories, Math.Max(1, _historyCount * 2));
        }

        _histories[_historyCount++] = exchange;
    }

    /// <summary>Takes out the queues the predicate names.</summary>
    public void RemoveWhere(Predicate<MessageQueue> predicate)
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

        Array.Clear(_queues, kept, _count - kept);
        _count = kept;
        _seenCount = 0;
        _seen?.Clear();
    }

    /// <summary>Adds a list in which no target is twice.</summary>
    internal void AddAll(SlotList<RoutingTarget> targets)
    {
        SlotList<RoutingTarget>.Walk walk = targets.Read();
        bool distinct = _count == 0; // a large fan-out needs no look-ups
        if (distinct)
        {
            EnsureRoom(walk.Remaining);
        }

        while (walk.TryNext(out RoutingTarget? target))
        {
            if (distinct && target is MessageQueue queue)
            {
                Matched = true;
                Append(queue);
            }
            else
            {
                Add(target);
            }
        }
    }

    /// <summary>Starts another walk over exchanges; the queues stay.</summary>
    internal void ClearExchanges()
    {
        if (_exchanges.Length > KeptCapacity)
        {
            _exchanges = new Exchange[4];
            _seenExchanges = null;
        }
        else
        {
            Array.Clear(_exchanges, 0, _exchangeCount);
            _seenExchanges?.Clear();
        }

        _exchangeCount = 0;
        _nextExchange = 0;
    }

    /// <summary>Queues an exchange for routing unless it was queued before.</summary>
    internal void Visit(Exchange exchange)
    {
        if (_exchangeCount <= ScanLimit)
        {
            foreach (Exchange known in _exchanges.AsSpan(0, _exchangeCount))
            {
                if (ReferenceEquals(known, exchange))
                {
                    return;
                }
            }
        }
        else
        {
            _seenExchanges ??= new HashSet<Exchange>(ReferenceEqualityComparer.Instance);
            if (_seenExchanges.Count == 0)
            {
                _seenExchanges.UnionWith(_exchanges.AsSpan(0, _exchangeCount).ToArray());
            }

            if (!_seenExchanges.Add(exchange))
            {
                return;
            }
        }

        if (_exchangeCount == _exchanges.Length)
        {
            Array.Resize(ref _exchanges, _exchangeCount * 2);
        }

        _exchanges[_exchangeCount++] = exchange;
    }

    /// <summary>The next exchange to route through, null when all are done.</summary>
    internal Exchange? NextExchange() => _nextExchange < _exchangeCount ? _exchanges[_nextExchange++] : null;

    private bool IsNew(MessageQueue queue)
    {
        _seen ??= new HashSet<MessageQueue>(ReferenceEqualityComparer.Instance);
        for (; _seenCount < _count; _seenCount++)
        {
            _seen.Add(_queues[_seenCount]);
        }

        return !_seen.Contains(queue);
    }

    private void Append(MessageQueue queue)
    {
        EnsureRoom(1);
        _queues[_count++] = queue;
    }

    private void EnsureRoom(int more)
    {
        if (_count + more > _queues.Length)
        {
            Array.Resize(ref _queues, Math.Max(_count + more, _queues.Length * 2));
        }
    }
}
