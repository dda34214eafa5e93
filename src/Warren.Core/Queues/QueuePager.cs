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
    private const int StepEntries = 128; // paged out at most at once
    private const int StepBytes = 2 * 1024 * 1024;
    private const int ReadEntries = 4096; // paged in at most at once
    private const int ReadBytes = 1024 * 1024;

    private readonly QueueServices _services;
    private readonly PriorityRings _rings;
    private readonly List<Wanted> _collected = [];
    private readonly List<long> _damaged = [];
    private long[]? _cursors; // by priority: entries before it were looked at
    private RecordReader? _reader;
    private bool _pagingIn;

    public QueuePager(QueueServices services, PriorityRings rings)
    {
        _services = services;
        _rings = rings;
    }

    /// <summary>Held while the disk is read for this queue.</summary>
    public Lock ReadLock { get; } = new();

    /// <summary>Lets go of a few bodies behind the head of the queue.</summary>
    public void PageOut()
    {
        _cursors ??= new long[_rings.Levels];
        ulong committed = _services.Log.CommittedLsn;
        for (int level = 0; level < _cursors.Length; level++)
        {
            long next = _rings.NextOfLevel(level);
            if (next < 0)
            {
                continue;
            }

            int steps = StepEntries;
            long bytes = StepBytes;
            long cursor = Math.Max(_cursors[level], next + HeadEntriesFor(next));
            _rings.VisitFrom(cursor, (long id, ref QueueEntry entry) =>
            {
                if (!entry.IsPagedOut && entry.State == EntryState.Ready)
                {
                    if (!TryLetGo(ref entry, committed))
                    {
                        return false;
                    }

                    bytes -= entry.Payload.Length;
                }

                cursor = id + 1;
                return --steps > 0 && bytes > 0;
            });
            _cursors[level] = cursor;
        }
    }

    /// <summary>Under pressure a delivered body is let go too: it is read back only if the message is returned.</summary>
    public void AfterDelivery(ref QueueEntry entry)
    {
        if ((entry.Flags & EntryFlags.InLog) != 0 && _services.UnderPressure)
        {
            TryLetGo(ref entry, _services.Log.CommittedLsn);
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

    private int HeadEntriesFor(long next)
    {
        int length = _rings.Contains(next) ? _rings[next].Payload.Length : 0;
        return Math.Clamp(HeadBytes / Math.Max(1, length), 16, HeadEntries);
    }

    private bool TryLetGo(ref QueueEntry entry, ulong committed)
    {
        int length = entry.Payload.Length;
        if ((entry.Flags & EntryFlags.InLog) != 0)
        {
            if (entry.Locator > committed)
            {
                return false;
            }
        }
        else
        {
            long position = _services.PageFile.Write(entry.Payload.Span);
            if (position < 0)
            {
                return false;
            }

            entry.Locator = (ulong)position;
            entry.Flags |= EntryFlags.InPageFile;
        }

        entry.Payload.Release();
        entry.Payload = new Payload(null, 0, length);
        return true;
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
}
