using Warren.Buffers;
using Warren.Buffers.Scheduling;

namespace Warren.Transport;

/// <summary>Ticks every connection about once a second from one timer, a tenth of them at a time; those in a hurry twice.</summary>
/// <remarks>
/// <para>Thread-safe. Connections are spread by their number, so ten thousand of them do not wake together.</para>
/// <para>Two timers go round: one for heartbeats, which never waits for anybody, and one for what needs a session's
/// lock. When that one is held up, looks are late and heartbeats are not.</para>
/// </remarks>
public sealed class HeartbeatWheel : IDisposable
{
    private const int SlotCount = 10;

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(1000 / SlotCount);

    private readonly Slot[] _slots = new Slot[SlotCount];
    private readonly CoarseClock _clock;
    private readonly GuardedTimer _beats;
    private readonly GuardedTimer _looks;
    private readonly Round _beating = new(static (connection, now) => connection.Tick(now));
    private readonly Round _looking = new(static (connection, now) => connection.Look(now));

    internal HeartbeatWheel(Scheduler scheduler, CoarseClock clock)
    {
        for (int i = 0; i < SlotCount; i++)
        {
            _slots[i] = new Slot();
        }

        _clock = clock;
        _beats = scheduler.Every(Period, this, () => _beating.GoOn(_slots, _clock.Uptime));
        _looks = scheduler.Every(Period, this, () => _looking.GoOn(_slots, _clock.Uptime));
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
    public void Dispose()
    {
        _beats.Dispose();
        _looks.Dispose();
    }

    /// <inheritdoc/>
    public override string ToString() => "heartbeats";

    internal void Add(Connection connection) => _slots[connection.Id % SlotCount].Add(connection);

    internal void Remove(Connection connection) => _slots[connection.Id % SlotCount].Remove(connection);

    // One way round all connections. Its timer never calls twice at a time.
    private sealed class Round(Action<Connection, Uptime> call)
    {
        private Connection[] _called = [];
        private int _next; // slot of the next time

        internal void GoOn(Slot[] slots, Uptime now)
        {
            int slot = _next;
            _next = (slot + 1) % SlotCount; // before anything can throw
            CallAll(slots[slot], now, all: true);
            CallAll(slots[(slot + (SlotCount / 2)) % SlotCount], now, all: false);
        }

        private void CallAll(Slot slot, Uptime now, bool all)
        {
            int count = slot.CopyTo(ref _called);
            for (int i = 0; i < count; i++)
            {
                if (all || _called[i].TicksTwice)
                {
                    call(_called[i], now);
                }
            }

            Array.Clear(_called, 0, count);
        }
    }

    // A tenth of the connections.
    private sealed class Slot
    {
        private readonly Lock _lock = new();
        private readonly HashSet<Connection> _members = [];

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

        internal int CopyTo(ref Connection[] members)
        {
            lock (_lock)
            {
                if (members.Length < _members.Count || members.Length > 4 * (_members.Count + 16))
                {
                    members = new Connection[_members.Count + (_members.Count / 4)];
                }

                _members.CopyTo(members);
                return _members.Count;
            }
        }
    }
}
