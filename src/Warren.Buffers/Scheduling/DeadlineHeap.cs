namespace Warren.Buffers.Scheduling;

/// <summary>The deadlines that are set, the earliest first. Each knows its place, so that any of them can leave.</summary>
/// <remarks>Not thread-safe: the scheduler's lock guards it. A heap of four children a node.</remarks>
internal sealed class DeadlineHeap
{
    private const int Children = 4;
    private const int Smallest = 16;

    private Entry[] _entries = new Entry[Smallest];

    /// <summary>Deadlines that are set.</summary>
    public int Count { get; private set; }

    /// <summary>When the earliest is due; <see cref="Uptime.Never"/> when none is set.</summary>
    public Uptime Earliest => Count > 0 ? _entries[0].At : Uptime.Never;

    /// <summary>When a deadline that is set is due.</summary>
    public Uptime TimeOf(Deadline deadline) => _entries[deadline.Slot].At;

    /// <summary>Adds one that is not set, or moves one that is.</summary>
    public void Set(Deadline deadline, Uptime at)
    {
        int slot = deadline.Slot;
        if (slot < 0)
        {
            if (Count == _entries.Length)
            {
                Array.Resize(ref _entries, Count * 2);
            }

            slot = Count++;
        }

        Place(new Entry(at, deadline), slot);
    }

    /// <summary>Takes one out that is set.</summary>
    public void Remove(Deadline deadline)
    {
        int slot = deadline.Slot;
        deadline.Slot = -1;
        Entry last = _entries[--Count];
        _entries[Count] = default;
        if (slot < Count)
        {
            Place(last, slot);
        }

        if (_entries.Length > Smallest && Count < _entries.Length / 8)
        {
            Array.Resize(ref _entries, _entries.Length / 4); // a hundred thousand queues came and went
        }
    }

    /// <summary>Takes the earliest out. There must be one.</summary>
    public Deadline Take()
    {
        Deadline earliest = _entries[0].Deadline;
        Remove(earliest);
        return earliest;
    }

    /// <summary>Takes all out.</summary>
    public void Clear()
    {
        while (Count > 0)
        {
            _entries[--Count].Deadline.Slot = -1;
        }

        _entries = new Entry[Smallest];
    }

    // Puts an entry where it belongs, beginning at a slot that is free.
    private void Place(in Entry entry, int slot)
    {
        while (slot > 0 && entry.At < _entries[(slot - 1) / Children].At)
        {
            int parent = (slot - 1) / Children;
            Put(_entries[parent], slot);
            slot = parent;
        }

        while (true)
        {
            int first = (slot * Children) + 1;
            int earliest = -1;
            for (int child = first; child < Math.Min(first + Children, Count); child++)
            {
                if (_entries[child].At < (earliest < 0 ? entry.At : _entries[earliest].At))
                {
                    earliest = child;
                }
            }

            if (earliest < 0)
            {
                break;
            }

            Put(_entries[earliest], slot);
            slot = earliest;
        }

        Put(entry, slot);
    }

    private void Put(in Entry entry, int slot)
    {
        _entries[slot] = entry;
        entry.Deadline.Slot = slot;
    }

    private readonly record struct Entry(Uptime At, Deadline Deadline);
}
