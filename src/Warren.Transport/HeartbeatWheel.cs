using Warren.Buffers;

namespace Warren.Transport;

/// <summary>Ticks every connection about once a second from one timer, a tenth of them at a time; those in a hurry twice.</summary>
/// <remarks>Thread-safe. Connections are spread by their number, so ten thousand of them do not wake together.</remarks>
public sealed class HeartbeatWheel : IDisposable
{
    private const int SlotCount = 10;

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(1000 / SlotCount);

    private readonly Slot[] _slots = new Slot[SlotCount];
    private readonly CoarseClock _clock;
    private readonly ITimer _timer;
    private int _next; // slot of the next beat; only who holds _beating
    private int _beating; // 1 while a beat runs: a late one is skipped, not doubled

    internal HeartbeatWheel(TimeProvider time, CoarseClock clock)
    {
        for (int i = 0; i < SlotCount; i++)
        {
            _slots[i] = new Slot();
        }

        _clock = clock;
        _timer = time.CreateTimer(static wheel => ((HeartbeatWheel)wheel!).Beat(), this, Period, Period);
    }

    /// <summary>Connections on the wheel: all that are open.</summary>
    public int Count
    {
        get
        {
            int count = 0;
            foreach (Slot slot in _slots)
            {
                count += slot.Count;
            }

            return count;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    internal void Add(Connection connection) => _slots[connection.Id % SlotCount].Add(connection);

    internal void Remove(Connection connection) => _slots[connection.Id % SlotCount].Remove(connection);

    private void Beat()
    {
        if (Interlocked.Exchange(ref _beating, 1) != 0)
        {
            return;
        }

        _slots[_next].Tick(_clock.NowMs, all: true);
        _slots[(_next + (SlotCount / 2)) % SlotCount].Tick(_clock.NowMs, all: false);
        _next = (_next + 1) % SlotCount;
        Volatile.Write(ref _beating, 0);
    }

    // A tenth of the connections.
    private sealed class Slot
    {
        private readonly Lock _lock = new();
        private readonly HashSet<Connection> _members = [];
        private Connection[] _ticked = [];

        internal int Count
        {
            get
            {
                lock (_lock)
                {
                    return _members.Count;
                }
            }
        }

        internal void Add(Connection connection)
        {
            lock (_lock)
            {
                _members.Add(connection);
            }
        }

        internal void Remove(Connection connection)
        {
            lock (_lock)
            {
                _members.Remove(connection);
            }
        }

        internal void Tick(long nowMs, bool all)
        {
            int count = CopyMembers();
            for (int i = 0; i < count; i++)
            {
                if (all || _ticked[i].TicksTwice)
                {
                    _ticked[i].Tick(nowMs);
                }
            }

            Array.Clear(_ticked, 0, count);
        }

        private int CopyMembers()
        {
            lock (_lock)
            {
                if (_ticked.Length < _members.Count || _ticked.Length > 4 * (_members.Count + 16))
                {
                    _ticked = new Connection[_members.Count + (_members.Count / 4)];
                }

                _members.CopyTo(_ticked);
                return _members.Count;
            }
        }
    }
}
