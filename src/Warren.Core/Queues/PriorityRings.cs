namespace Warren.Core.Queues;

/// <summary>The entries of a queue: one ring for each priority in use. An entry id is priority and sequence in one number.</summary>
/// <remarks>Not thread-safe: the queue's lock guards it.</remarks>
internal sealed class PriorityRings
{
    private const int PriorityShift = 48;
    private const long SequenceMask = (1L << PriorityShift) - 1;

    private readonly EntryRing?[] _rings;

    /// <param name="maxPriority">0 for a queue without priorities.</param>
    public PriorityRings(int maxPriority)
    {
        _rings = new EntryRing?[maxPriority + 1];
        _rings[0] = new EntryRing();
    }

    public long ReadyCount
    {
        get
        {
            if (_rings.Length == 1)
            {
                return _rings[0]!.ReadyCount;
            }

            long count = 0;
            foreach (EntryRing? ring in _rings)
            {
                count += ring?.ReadyCount ?? 0;
            }

            return count;
        }
    }

    public ref QueueEntry this[long id] => ref _rings[id >> PriorityShift]![id & SequenceMask];

    /// <summary>The id the next entry of this priority gets.</summary>
    public long NextId(int priority)
    {
        int level = Math.Min(priority, _rings.Length - 1);
        return ((long)level << PriorityShift) | (_rings[level]?.Tail ?? 0);
    }

    public long Add(int priority, in QueueEntry entry)
    {
        int level = Math.Min(priority, _rings.Length - 1);
        EntryRing ring = _rings[level] ??= new EntryRing();
        return ((long)level << PriorityShift) | ring.Add(entry);
    }

    public long AddUnacked(int priority, in QueueEntry entry)
    {
        int level = Math.Min(priority, _rings.Length - 1);
        EntryRing ring = _rings[level] ??= new EntryRing();
        return ((long)level << PriorityShift) | ring.AddUnacked(entry);
    }

    /// <summary>Number of priority levels that may hold entries.</summary>
    public int Levels => _rings.Length;

    /// <summary>The lowest id an entry of a level can have.</summary>
    public static long FirstOfLevel(int level) => (long)level << PriorityShift;

    /// <summary>The level of an entry.</summary>
    public static int LevelOf(long id) => (int)(id >> PriorityShift);

    /// <summary>First entry of a level that was never handed out, as an id; -1 when the level is unused.</summary>
    public long NextOfLevel(int level) => _rings[level] is { } ring ? ((long)level << PriorityShift) | ring.Next : -1;

    public bool Contains(long id)
    {
        long level = id >> PriorityShift;
        return (ulong)level < (ulong)_rings.Length && _rings[level] is { } ring && ring.Contains(id & SequenceMask);
    }

    /// <summary>Oldest ready entry of the highest priority.</summary>
    public bool TryPeek(out long id)
    {
        for (int level = _rings.Length - 1; level >= 0; level--)
        {
            if (_rings[level] is { ReadyCount: > 0 } ring && ring.TryPeek(out long sequence))
            {
                id = ((long)level << PriorityShift) | sequence;
                return true;
            }
        }

        id = -1;
        return false;
    }

    /// <summary>Oldest ready entry of the lowest priority: the first to be dropped when the queue is too long.</summary>
    public bool TryPeekLowest(out long id)
    {
        for (int level = 0; level < _rings.Length; level++)
        {
            if (_rings[level] is { ReadyCount: > 0 } ring && ring.TryPeek(out long sequence))
            {
                id = ((long)level << PriorityShift) | sequence;
                return true;
            }
        }

        id = -1;
        return false;
    }

    public void MarkUnacked(long id) => _rings[id >> PriorityShift]!.MarkUnacked(id & SequenceMask);

    public void MarkReturned(long id) => _rings[id >> PriorityShift]!.MarkReturned(id & SequenceMask);

    public void Remove(long id) => _rings[id >> PriorityShift]!.Remove(id & SequenceMask);

    /// <summary>Visits the entries of the priority of <paramref name="from"/>, from there on.</summary>
    public void VisitFrom(long from, EntryVisitor visit)
    {
        long level = from >> PriorityShift;
        _rings[level]?.Visit(from & SequenceMask, (long s, ref QueueEntry e) => visit((level << PriorityShift) | s, ref e));
    }

    /// <summary>Visits all entries, highest priority first.</summary>
    public void VisitAll(EntryVisitor visit)
    {
        bool go = true;
        for (long l = _rings.Length - 1; l >= 0 && go; l--)
        {
            long level = l;
            _rings[level]?.Visit(
                0,
                (long s, ref QueueEntry e) => go = visit((level << PriorityShift) | s, ref e));
        }
    }
}
