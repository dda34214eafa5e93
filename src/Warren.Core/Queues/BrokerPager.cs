using Warren.Buffers.Scheduling;

namespace Warren.Core.Queues;

/// <summary>Keeps the bodies of all queues within the memory budget, whoever publishes to which of them.</summary>
/// <remarks>
/// Thread-safe. Asleep, at no cost, until the slabs that are out are more than the budget. Then it walks all queues in
/// turn, one bounded step each, first for survivors of sparse slabs, then for all that costs no disk and, if that was not
/// enough, for everything; then it rests ten times as long as it has worked, and begins again while memory is short.
/// </remarks>
internal sealed class BrokerPager : IDue, IDisposable
{
    private const int StepsOfTurn = 32; // before the thread goes back to the pool
    private const long ShortestRestMs = 50;
    private const long LongestRestMs = 5_000;
    private const long RestPerWork = 10;

    private readonly QueueServices _services;
    private readonly Func<IEnumerable<MessageQueue>> _queues;
    private readonly Deadline _rested;
    private readonly Lock _turn = new(); // held by who takes a turn; one at a time anyway, but for the end
    private readonly Queue<MessageQueue> _more = new(); // queues this round is not through with
    private IEnumerator<MessageQueue>? _lap; // the first lap of the round
    private PageOutDepth _depth; // of the round; BehindHead: before the first
    private int _round;
    private long _letGo; // since the last rest
    private TimeSpan _worked; // since the last rest
    private long _vainRestMs;
    private int _isAwake;
    private int _isToSqueeze; // one round is owed although memory is not short
    private bool _disposed; // guarded by _turn

    /// <param name="services">The budget, the slabs, the page file.</param>
    /// <param name="queues">All queues of the broker.</param>
    public BrokerPager(QueueServices services, Func<IEnumerable<MessageQueue>> queues)
    {
        _services = services;
        _queues = queues;
        _rested = new Deadline(services.Scheduler, this);
    }

    /// <summary>Looks whether memory is short, now and from now on. Again when the budget has changed.</summary>
    public void Watch() => _services.Slabs.Watch(_services.PageBudgetBytes, Wake);

    /// <summary>Moves the survivors of sparse slabs together, once, whether memory is short or not.</summary>
    public void Squeeze()
    {
        Interlocked.Exchange(ref _isToSqueeze, 1);
        Wake();
    }

    /// <summary>Waits for the step under way; there is no other.</summary>
    public void Dispose()
    {
        _services.Slabs.Watch(long.MaxValue, static () => { });
        _rested.Cancel();
        lock (_turn)
        {
            _disposed = true;
            _lap?.Dispose();
        }
    }

    /// <inheritdoc/>
    public override string ToString() => "pager";

    /// <inheritdoc/>
    void IDue.OnDue(Uptime now) => Post();

    // On any thread, under any lock.
    private void Wake()
    {
        if (Interlocked.Exchange(ref _isAwake, 1) == 0)
        {
            Post();
        }
    }

    private void Post() => _services.Scheduler.Post(this, static pager => pager.TakeTurn(), this);

    private void TakeTurn()
    {
        lock (_turn)
        {
            if (_disposed)
            {
                return;
            }

            bool goesOn;
            try
            {
                goesOn = Work();
            }
            catch
            {
                Rest(); // the fault is reported; memory is short all the same
                throw;
            }

            if (goesOn && HasToDo)
            {
                Post();
            }
            else if (!IsShort)
            {
                Sleep();
            }
            else
            {
                Rest();
            }
        }
    }

    // A little less than the budget, or the next message would wake it again.
    private bool IsShort => _services.Slabs.RentedBytes > _services.PageBudgetBytes / 8 * 7;

    private bool HasToDo => IsShort || Volatile.Read(ref _isToSqueeze) != 0;

    // False: it has done what it can for now.
    private bool Work()
    {
        long began = _services.Scheduler.Time.GetTimestamp();
        try
        {
            bool goesOn = true;
            for (int step = 0; step < StepsOfTurn && goesOn && HasToDo; step++)
            {
                goesOn = Step() || TryBeginRound();
            }

            return goesOn;
        }
        finally
        {
            _worked += _services.Scheduler.Time.GetElapsedTime(began);
        }
    }

    // False: the round is over.
    private bool Step()
    {
        MessageQueue? queue;
        if (_lap is not null && _lap.MoveNext())
        {
            queue = _lap.Current;
        }
        else
        {
            EndLap();
            if (!_more.TryDequeue(out queue))
            {
                return false;
            }
        }

        _letGo += queue.PageOut(_depth, _round, out bool hasMore);
        if (hasMore)
        {
            _more.Enqueue(queue);
        }

        return true;
    }

    // False: there was one of each kind since the last rest, or one is enough.
    private bool TryBeginRound()
    {
        if (_depth >= PageOutDepth.Sparse)
        {
            Volatile.Write(ref _isToSqueeze, 0);
        }

        if (_depth == PageOutDepth.Everything || (_depth >= PageOutDepth.Sparse && !IsShort))
        {
            return false;
        }

        _depth++;
        _round++;
        _lap = _queues().GetEnumerator();
        return true;
    }

    private void EndLap()
    {
        _lap?.Dispose();
        _lap = null;
    }

    // What cannot be let go of now may be in a moment: committed, acknowledged, or with room on the disk.
    private void Rest()
    {
        _vainRestMs = _letGo > 0 ? 0 : Math.Max(ShortestRestMs, _vainRestMs * 2);
        long rest = Math.Max((long)_worked.TotalMilliseconds * RestPerWork, _vainRestMs);
        BeginAnew();
        _rested.Set(_services.Scheduler.Now + Math.Clamp(rest, ShortestRestMs, LongestRestMs));
    }

    private void Sleep()
    {
        BeginAnew();
        _vainRestMs = 0;
        Volatile.Write(ref _isAwake, 0);
        Watch();
    }

    private void BeginAnew()
    {
        EndLap();
        _more.Clear();
        _depth = PageOutDepth.BehindHead;
        _letGo = 0;
        _worked = TimeSpan.Zero;
    }
}
