using Warren.Buffers;
using Warren.Core.Messages;

namespace Warren.Core.Queues;

/// <summary>Looks through the rings of a classic or quorum queue.</summary>
/// <remarks>
/// Not thread-safe; one for each walk. Entries are noted in slices under the queue's lock, so that a long queue is not
/// held up; bodies are looked at, and read back from the disk, outside it. What comes and goes meanwhile is seen or not.
/// </remarks>
internal sealed class RingBrowser : QueueBrowser
{
    private const int SliceEntries = 256; // noted at once; each costs a reference
    private const int SkipEntries = 8192; // passed over at once; costs nothing

    private readonly ClassicQueue _queue;
    private readonly List<Noted> _slice = [];
    private long _next; // id of the entry to go on with
    private bool _begun;

    /// <summary>Begins at the head of a queue.</summary>
    public RingBrowser(ClassicQueue queue) => _queue = queue;

    /// <inheritdoc/>
    public override void Skip(long count)
    {
        while (count > 0 && !AtEnd)
        {
            long passed = Walk((int)Math.Min(count, SkipEntries), isNoted: false);
            Position += passed;
            count -= passed;
        }
    }

    /// <inheritdoc/>
    public override bool Read(long most, BrowseVisitor visit)
    {
        ArgumentNullException.ThrowIfNull(visit);
        while (most > 0 && !AtEnd)
        {
            most -= Walk((int)Math.Min(most, SliceEntries), isNoted: true);
            if (!ShowSlice(visit))
            {
                return false;
            }
        }

        return !AtEnd;
    }

    private bool ShowSlice(BrowseVisitor visit)
    {
        bool goes = true;
        int shown = 0;
        try
        {
            while (goes && shown < _slice.Count)
            {
                goes = Show(_slice[shown++], visit);
                Position++;
            }
        }
        finally
        {
            for (; shown < _slice.Count; shown++)
            {
                _slice[shown].Entry.Payload.Release();
            }

            _slice.Clear();
        }

        return goes;
    }

    // A message that has gone meanwhile, or whose bytes are damaged, is passed over.
    private bool Show(in Noted noted, BrowseVisitor visit)
    {
        Payload payload = noted.Entry.Payload;
        if (payload.IsEmpty && !QueueReader.TryRead(_queue, noted.Id, out payload))
        {
            return true;
        }

        try
        {
            return visit(new BrowsedMessage(
                new Message(payload),
                noted.Id,
                Position,
                noted.Entry.State == EntryState.Unacked,
                noted.Entry.Redelivered,
                noted.Entry.DeliveryCount,
                _queue.Clock.WallMsAt(noted.Entry.ExpiresAt)));
        }
        finally
        {
            payload.Release();
        }
    }

    // Passes up to so many entries, from the highest priority down.
    private long Walk(int most, bool isNoted)
    {
        long passed = 0;
        QueueParts parts = _queue.Parts;
        lock (parts.Lock)
        {
            if (!_begun)
            {
                _begun = true;
                _next = PriorityRings.FirstOfLevel(parts.Rings.Levels - 1);
            }

            while (passed < most)
            {
                parts.Rings.VisitFrom(_next, (long id, ref QueueEntry entry) =>
                {
                    if (passed == most)
                    {
                        return false;
                    }

                    passed++;
                    _next = id + 1;
                    if (isNoted)
                    {
                        entry.Payload.Retain();
                        _slice.Add(new Noted(id, entry));
                    }

                    return true;
                });
                if (passed < most && !TryEnterNextLevel())
                {
                    AtEnd = true;
                    break;
                }
            }
        }

        return passed;
    }

    private bool TryEnterNextLevel()
    {
        int level = PriorityRings.LevelOf(_next);
        if (level == 0)
        {
            return false;
        }

        _next = PriorityRings.FirstOfLevel(level - 1);
        return true;
    }

    private readonly record struct Noted(long Id, QueueEntry Entry);
}
