using System.Diagnostics;
using Warren.Buffers;
using Warren.Storage;

namespace Warren.Core.Queues;

/// <summary>Moves the bodies of a long queue out of memory and back.</summary>
/// <remarks>
/// What the log holds is simply let go once it is committed; what it does not hold goes to the page file. Members are
/// under the queue's lock, except <see cref="ReadCollected"/> and <see cref="TryRead"/>, which read the disk and are
/// under <see cref="ReadLock"/>. Order: ReadLock → MessageQueue.
/// </remarks>
internal sealed class QueuePager
{
    private const int HeadEntries = 1024; // kept in memory in front of the consumers
    private const int HeadBytes = 1024 * 1024;
    private const int FewHeadEntries = 16; // when memory is short still
    private const int FewHeadBytes = 64 * 1024;
    private const int StepEntries = 4096; // looked at in one step
    private const int StepBytes = 2 * 1024 * 1024; // moved in one step
    private const int ReadEntries = 4096; // paged in at most at once
    private const int ReadBytes = 1024 * 1024;

    private readonly QueueServices _services;
    private readonly PriorityRings _rings;
    private readonly List<Wanted> _collected = [];
    private readonly List<long> _damaged = [];
    private long[]? _cursors; // by priority: entries before it were looked at
    private RecordReader? _reader;
    private long _walked; // by the round: entries before it were looked at
    private int _round;
    private bool _pagingIn;

    public QueuePager(QueueServices services, PriorityRings rings)
    {
        _services = services;
        _rings = rings;
    }

    /// <summary>Held while the disk is read for this queue.</summary>
    public Lock ReadLock { get; } = new();

    /// <summary>Begins a step of letting go: notes what is to be moved, and lets go of what the log holds.</summary>
    /// <param name="depth">How far.</param>
    /// <param name="round">Of <see cref="BrokerPager"/>: another one than before begins at the first entry again.</param>
    /// <param name="hasConsumers">Whether somebody gets the messages at its head soon.</param>
    /// <param name="batch">What is to be moved and handed to <see cref="EndPageOut"/>; null: nothing.</param>
    /// <returns>Bodies let go of.</returns>
    public int BeginPageOut(PageOutDepth depth, int round, bool hasConsumers, out PageOutBatch? batch)
    {
        Debug.Assert(!IsPagingOut, "one step at a time");
        if (depth != PageOutDepth.BehindHead && round != _round)
        {
            _round = round;
            _walked = 0;
        }

        var step = new Step(_services, depth, hasConsumers);
        if (depth == PageOutDepth.BehindHead)
        {
            WalkBehindHeads(step);
        }
        else
        {
            WalkOn(step);
        }

        batch = step.Batch;
        IsPagingOut = batch is not null;
        return step.LetGo;
    }

    /// <summary>Ends the step with what was moved.</summary>
    /// <returns>Bodies let go of.</returns>
    public int EndPageOut(PageOutBatch batch, bool deleted)
    {
        IsPagingOut = false;
        return batch.Install(_rings, deleted);
    }

    /// <summary>Whether a step is under way: the next one has to wait.</summary>
    public bool IsPagingOut { get; private set; }

    /// <summary>Whether the round has not seen the last entry yet.</summary>
    public bool HasMore => PriorityRings.LevelOf(_walked) < _rings.Levels;

    /// <summary>Under pressure a delivered body is let go too: it is read back only if the message is returned.</summary>
    public void AfterDelivery(ref QueueEntry entry)
    {
        if ((entry.Flags & EntryFlags.InLog) != 0 && _services.UnderPressure && entry.Locator <= _services.Log.CommittedLsn)
        {
            LetGoOfStored(ref entry);
        }
    }

    /// <summary>True for the one caller that is to start a page-in.</summary>
    public bool TryBeginPageIn()
    {
        bool begin = !_pagingIn;
        _pagingIn = true;
        return begin;
    }

    public void EndPageIn() => _pagingIn = false;

    /// <summary>Notes which bodies the consumers will need next.</summary>
    public void CollectHead()
    {
        _collected.Clear();
        if (!_rings.TryPeek(out long head))
        {
            return;
        }

        long bytes = 0;
        _rings.VisitFrom(head, (long id, ref QueueEntry entry) =>
        {
            if (entry.State == EntryState.Ready && entry.IsPagedOut)
            {
                _collected.Add(new Wanted(id, entry.Locator, entry.Flags, entry.Payload.Length));
                bytes += entry.Payload.Length;
            }

            return bytes < ReadBytes && _collected.Count < ReadEntries;
        });
    }

    /// <summary>Reads what was noted. Outside the queue's lock.</summary>
    public void ReadCollected()
    {
        Debug.Assert(ReadLock.IsHeldByCurrentThread, "two threads reading for one queue");
        for (int i = 0; i < _collected.Count; i++)
        {
            Wanted wanted = _collected[i];
            wanted.Result = Read(wanted.Locator, wanted.Flags, wanted.Length, out wanted.Payload);
            _collected[i] = wanted;
            if (wanted.Result is RecordReadResult.IOError or RecordReadResult.NotCommitted)
            {
                break; // the disk fails: what follows is tried another time too
            }
        }

        _services.CountPagedIn(_collected.Count);
    }

    /// <summary>Gives the entries their bodies; answers those whose bytes are damaged.</summary>
    /// <param name="deleted">Whether the queue is gone.</param>
    /// <param name="failed">Whether some could not be read now: they stay where they are.</param>
    public List<long> InstallCollected(bool deleted, out bool failed)
    {
        failed = false;
        _damaged.Clear();
        foreach (Wanted wanted in _collected)
        {
            bool still = !deleted && _rings.Contains(wanted.Id) && _rings[wanted.Id].IsPagedOut;
            if (!still)
            {
                wanted.Payload.Release();
                continue;
            }

            if (wanted.Result is RecordReadResult.Gone or RecordReadResult.Damaged)
            {
                _damaged.Add(wanted.Id);
                continue;
            }

            if (wanted.Result != RecordReadResult.Ok)
            {
                failed = true;
                continue;
            }

            ref QueueEntry entry = ref _rings[wanted.Id];
            entry.Payload = wanted.Payload;
            if ((entry.Flags & EntryFlags.InPageFile) != 0)
            {
                _services.PageFile.Release((long)entry.Locator, wanted.Length);
                entry.Flags &= ~EntryFlags.InPageFile;
                entry.Locator = 0;
            }
        }

        _collected.Clear();
        return _damaged;
    }

    /// <summary>Reads one message that is no longer in the queue. Outside the queue's lock.</summary>
    public RecordReadResult TryRead(ulong locator, EntryFlags flags, int length, out Payload payload)
    {
        lock (ReadLock)
        {
            return Read(locator, flags, length, out payload);
        }
    }

    /// <summary>Gives back the log reference and page-file space of a message that is no longer in the queue.</summary>
    public void Discard(ulong owner, in DeadLetter letter)
    {
        if (letter.Lsn != 0)
        {
            _services.Log.Release(owner, letter.Lsn);
        }
        else if ((letter.Flags & EntryFlags.InPageFile) != 0)
        {
            _services.PageFile.Release((long)letter.Locator, letter.Payload.Length);
        }
    }

    private void WalkBehindHeads(Step step)
    {
        _cursors ??= new long[_rings.Levels];
        for (int level = 0; level < _cursors.Length && !step.IsOver; level++)
        {
            long next = _rings.NextOfLevel(level);
            if (next < 0)
            {
                continue;
            }

            step.Cursor = Math.Max(_cursors[level], next + (step.HasConsumers ? HeadEntriesFor(next, HeadEntries, HeadBytes) : 0));
            _rings.VisitFrom(step.Cursor, step.Visitor);
            _cursors[level] = step.Cursor;
        }
    }

    // From the lowest priority up; the heads are what the consumers get next.
    private void WalkOn(Step step)
    {
        if (step.HasConsumers && _rings.TryPeek(out long head))
        {
            step.Head = head;
            step.HeadEnd = head + (step.Depth == PageOutDepth.Everything
                ? HeadEntriesFor(head, FewHeadEntries, FewHeadBytes)
                : HeadEntriesFor(head, HeadEntries, HeadBytes));
        }

        while (HasMore && !step.IsOver)
        {
            step.Cursor = _walked;
            step.WasCut = false;
            _rings.VisitFrom(_walked, step.Visitor);
            _walked = step.WasCut ? step.Cursor : PriorityRings.FirstOfLevel(PriorityRings.LevelOf(_walked) + 1);
        }
    }

    private int HeadEntriesFor(long first, int entries, int bytes)
    {
        int length = _rings.Contains(first) ? _rings[first].Payload.Length : 0;
        return Math.Clamp(bytes / Math.Max(1, length), Math.Min(entries, 16), entries);
    }

    private static void LetGoOfStored(ref QueueEntry entry)
    {
        int length = entry.Payload.Length;
        entry.Payload.Release();
        entry.Payload = new Payload(null, 0, length);
    }

    // Never throws for what the disk does: the caller has to tell what is damaged from what cannot be read now.
    private RecordReadResult Read(ulong locator, EntryFlags flags, int length, out Payload payload)
    {
        payload = _services.Slabs.Allocate(length);
        RecordReadResult result = ReadInto(payload, locator, flags);
        if (result != RecordReadResult.Ok)
        {
            payload.Release();
            payload = default;
        }

        return result;
    }

    private RecordReadResult ReadInto(Payload payload, ulong locator, EntryFlags flags)
    {
        try
        {
            if ((flags & EntryFlags.InPageFile) != 0)
            {
                return _services.PageFile.Read((long)locator, payload.Writable);
            }

            _reader ??= _services.Log.OpenReader();
            return _reader.TryRead(locator, payload.Writable);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            return RecordReadResult.IOError;
        }
    }

    private struct Wanted(long id, ulong locator, EntryFlags flags, int length)
    {
        public readonly long Id = id;
        public readonly ulong Locator = locator;
        public readonly EntryFlags Flags = flags;
        public readonly int Length = length;
        public Payload Payload;
        public RecordReadResult Result = RecordReadResult.IOError; // until it is read
    }

    // What one step has in mind while it looks at the entries.
    private sealed class Step
    {
        public readonly PageOutDepth Depth;
        public readonly bool HasConsumers;
        public readonly EntryVisitor Visitor;
        public PageOutBatch? Batch;
        public long Head = long.MaxValue; // what stays in memory: from here
        public long HeadEnd = long.MinValue; // to here
        public long Cursor; // the next to look at
        public int LetGo;
        public bool WasCut; // before the last entry
        private readonly QueueServices _services;
        private readonly ulong _committed;
        private int _entries = StepEntries;
        private long _bytes = StepBytes;

        public Step(QueueServices services, PageOutDepth depth, bool hasConsumers)
        {
            _services = services;
            Depth = depth;
            HasConsumers = hasConsumers;
            _committed = services.Log.CommittedLsn;
            Visitor = Visit;
        }

        public bool IsOver => _entries <= 0 || _bytes <= 0 || Batch is { Count: PageOutBatch.EntriesMax };

        private bool Visit(long id, ref QueueEntry entry)
        {
            if (!entry.IsPagedOut && !Consider(id, ref entry))
            {
                WasCut = true;
                return false;
            }

            Cursor = id + 1;
            _entries--;
            WasCut = IsOver;
            return !WasCut;
        }

        // False: not now, nor anything behind it.
        private bool Consider(long id, ref QueueEntry entry)
        {
            bool isHead = id >= Head && id < HeadEnd;
            bool isStored = (entry.Flags & EntryFlags.InLog) != 0;
            if (isStored && !isHead && Depth != PageOutDepth.Sparse)
            {
                if (entry.Locator > _committed)
                {
                    return Depth != PageOutDepth.BehindHead; // its publisher comes again when it is committed
                }

                _bytes -= entry.Payload.Length;
                LetGo++;
                LetGoOfStored(ref entry);
                return true;
            }

            bool isCopied = Depth != PageOutDepth.BehindHead && entry.Payload.PinsSparseSlab;
            bool isPaged = !isHead && !isStored
                && (Depth == PageOutDepth.Everything || (Depth == PageOutDepth.BehindHead && entry.State == EntryState.Ready));
            if (isCopied || isPaged)
            {
                _bytes -= entry.Payload.Length;
                (Batch ??= _services.RentBatch()).Add(id, entry.Payload, isCopied);
            }

            return true;
        }
    }
}
