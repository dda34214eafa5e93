using System.Buffers.Binary;
using Warren.Storage.Format;
using Warren.Storage.Log;

namespace Warren.Storage.Memory;

/// <summary>Decides where records go: the open batch, the segment it is planned into, and the batches that wait to be written.</summary>
/// <remarks>
/// The append lock. Invariant: a batch is planned only into the allocated bytes of a segment that has its file, so a batch
/// that exists can be written whatever the disk is like. I/O only when a segment is full and the next has not been
/// prepared, or a group is larger than a segment.
/// </remarks>
internal sealed class LogPlan
{
    /// <summary>A record of this size is counted apart, so that one of them does not refuse everybody else.</summary>
    internal const int LargeRecord = 16 << 20;

    private const int PooledBatches = 6;
    private const int ControlOverhead = RecordView.HeaderSize + 16;

    private readonly ShardLogOptions _options;
    private readonly SegmentList _segments;
    private readonly SegmentSupply _supply;
    private readonly PendingReturns _pending;
    private readonly Queue<Batch> _closed = new();
    private readonly Stack<Batch> _pool = new();
    private Batch _open = new(0);
    private Batch _lastClosed;
    private int _sizeHint;

    // While a group is open: where it starts.
    private bool _inGroup;
    private bool _groupHasBody;
    private int _groupOffset;
    private int _groupRecord;
    private int _groupRecordCount;
    private ulong _groupFirstLsn;
    private long _groupBacklog;
    private long _groupAppended;
    private long _groupLarge;

    internal LogPlan(
        ShardLogOptions options, SegmentList segments, SegmentSupply supply, PendingReturns pending, ulong nextLsn)
    {
        _options = options;
        _segments = segments;
        _supply = supply;
        _pending = pending;
        Tail = segments.Last;
        NextLsn = nextLsn;
        _open.Reset(Tail, Tail.PlannedEnd);
        _lastClosed = _open;
    }

    /// <summary>The segment batches are planned into.</summary>
    internal Segment Tail { get; private set; }

    internal ulong NextLsn { get; private set; }

    /// <summary>Bytes appended and not committed.</summary>
    internal long BacklogBytes { get; private set; }

    /// <summary>Those of <see cref="BacklogBytes"/> that are in records of <see cref="LargeRecord"/> and more.</summary>
    internal long LargeBytes { get; private set; }

    /// <summary>Bytes ever appended, for deciding about checkpoints.</summary>
    internal long AppendedBytes { get; private set; }

    /// <summary>The disk has no room for the next segment; the keeper ends it.</summary>
    internal bool IsFull { get; set; }

    /// <summary>The disk failed while space was asked for: the log must fail.</summary>
    internal Exception? Trouble { get; private set; }

    /// <summary>Called with the append lock held when a segment was taken, or could not be; must only signal.</summary>
    internal Action Alert { get; set; } = static () => { };

    internal bool InGroup => _inGroup;

    /// <summary>Bytes appended in the open group.</summary>
    internal int GroupBytes => _open.Length - _groupOffset;

    /// <summary>Bytes the open group gives back and has not written yet.</summary>
    internal long GroupStepBytes { get; set; }

    internal bool HasRecords => _closed.Count > 0 || _open.RecordCount > 0;

    internal bool HasClosed => _closed.Count > 0;

    internal bool HasOpen => _open.RecordCount > 0;

    internal Batch LastClosed => _lastClosed;

    /// <summary>Where the next record goes.</summary>
    internal long NextOffset => _open.Offset + _open.Length;

    /// <summary>The room that <see cref="TryMakeRoom"/> made.</summary>
    internal Span<byte> Reserve(int size) => _open.Reserve(size);

    /// <summary>Makes room for a record; false when there is none, and nothing has changed then.</summary>
    /// <param name="size">Most bytes the record takes.</param>
    /// <param name="isControl">The record gives back: it may use what is kept for such.</param>
    internal bool TryMakeRoom(int size, bool isControl)
    {
        if (!_inGroup && _open.RecordCount > 0 && _open.Length + (long)size > _options.BatchBytesSoftMax)
        {
            CloseOpen();
        }

        if (Fits(size, isControl))
        {
            return true;
        }

        bool alone = (_inGroup ? _groupRecord : Tail.Index.Count) == 0;
        return alone ? TryGrow(NextOffset + Extra(size))
            : _inGroup ? TryMoveGroup(size, isControl)
            : TryRoll(size, isControl);
    }

    /// <summary>Fills in the header of the record written into the room; returns its LSN. The checksum is the writer's.</summary>
    internal ulong Add(int length, int payloadOffset, SidecarRow row, bool keepOnPurge)
    {
        ulong lsn = NextLsn++;
        int padded = RecordView.Padded(length);
        Span<byte> record = _open.Reserve(padded);
        record[length..padded].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)length);
        BinaryPrimitives.WriteUInt64LittleEndian(record[8..], lsn);
        BinaryPrimitives.WriteUInt64LittleEndian(record[16..], row.TagA);
        BinaryPrimitives.WriteUInt64LittleEndian(record[24..], row.TagB);
        record[32] = row.Type;
        record[33] = row.Flags;
        BinaryPrimitives.WriteUInt16LittleEndian(record[34..], row.OwnerCount);
        BinaryPrimitives.WriteUInt32LittleEndian(record[36..], (uint)payloadOffset);
        Tail.Index.Add(lsn, NextOffset, row, keepOnPurge);
        if (_open.RecordCount++ == 0)
        {
            _open.BaseLsn = lsn;
            BacklogBytes += BatchHeader.Size;
        }

        _open.LastLsn = lsn;
        _open.Length += padded;
        BacklogBytes += padded;
        AppendedBytes += padded;
        if (padded >= LargeRecord)
        {
            LargeBytes += padded;
            _open.LargeBytes += padded;
            _groupLarge += padded;
        }

        return lsn;
    }

    /// <summary>Appends a record the log writes itself; false when there is no room.</summary>
    internal bool TryAddControl(RecordType type, ulong tagA, ulong tagB)
    {
        if (!TryMakeRoom(ControlOverhead, isControl: true))
        {
            return false;
        }

        AddControl(_open.Reserve(ControlOverhead), 0, type, tagA, tagB);
        return true;
    }

    /// <summary>Turns what was given back into records of the open batch; without room it goes on waiting.</summary>
    internal void FlushPending()
    {
        if (_pending.Any && TryMakeRoom(0, isControl: true))
        {
            AppendPending();
        }
    }

    /// <summary>The same inside a group, whose room has been made.</summary>
    internal void AppendPending()
    {
        if (_pending.Releases.MaxBytes > 0)
        {
            Span<byte> record = _open.Reserve(_pending.Releases.MaxBytes + ControlOverhead);
            AddControl(record, _pending.Releases.Take(record[(RecordView.HeaderSize + 1)..]), RecordType.Release, 0, 0);
        }

        if (_pending.Annotations.MaxBytes > 0)
        {
            Span<byte> record = _open.Reserve(_pending.Annotations.MaxBytes + ControlOverhead);
            AddControl(record, _pending.Annotations.Take(record[(RecordView.HeaderSize + 1)..]), RecordType.Annotate, 0, 0);
        }
    }

    /// <summary>Starts a group, which stays in one batch.</summary>
    internal void BeginGroup()
    {
        _inGroup = true;
        _groupHasBody = false;
        _groupOffset = _open.Length;
        _groupRecord = Tail.Index.Count;
        _groupRecordCount = _open.RecordCount;
        _groupFirstLsn = NextLsn;
        _groupBacklog = BacklogBytes;
        _groupAppended = AppendedBytes;
        _groupLarge = 0;
    }

    /// <summary>The group has a record that is not only giving back.</summary>
    internal void NoteBody() => _groupHasBody = true;

    internal void EndGroup()
    {
        _inGroup = false;
        GroupStepBytes = 0;
    }

    /// <summary>
    /// Takes the group's records out again. It may have moved to a segment of its own meanwhile: that one stays the tail,
    /// empty.
    /// </summary>
    internal void AbortGroup(OwnerTable owners)
    {
        SegmentIndex index = Tail.Index;
        for (int r = index.FirstReference(_groupRecord); r < index.ReferenceCount; r++)
        {
            if (index.IsLive(r))
            {
                owners.Drop(index.Owners[r], NextLsn);
            }
        }

        index.Truncate(_groupRecord);
        _open.Length = _groupOffset;
        _open.RecordCount = _groupRecordCount;
        _open.LastLsn = _groupRecordCount == 0 ? 0 : _groupFirstLsn - 1;
        NextLsn = _groupFirstLsn;
        BacklogBytes = _groupBacklog;
        AppendedBytes = _groupAppended;
        LargeBytes -= _groupLarge;
        _open.LargeBytes -= _groupLarge;
    }

    /// <summary>Nothing more goes into the open batch. It takes along what waits to be given back, as far as there is room.</summary>
    internal void CloseOpen(bool withPending = true)
    {
        if (withPending && _pending.Any && _open.Length + Extra(0) <= BatchHeader.MaxLength && Fits(0, isControl: true))
        {
            AppendPending();
        }

        _closed.Enqueue(_open);
        _lastClosed = _open;
        _sizeHint = Math.Min(_open.Buffer.Length, Batch.KeptSize);
        Tail.PlannedEnd = _open.Offset + _open.Length;
        _open = Rent();
        _open.Reset(Tail, Tail.PlannedEnd);
    }

    internal Batch? TakeClosed() => _closed.Count > 0 ? _closed.Dequeue() : null;

    /// <summary>The batch taken is on the disk.</summary>
    internal void Committed(Batch batch)
    {
        BacklogBytes -= batch.Length;
        LargeBytes -= batch.LargeBytes;
        Return(batch);
    }

    /// <summary>An empty batch that only says "durable up to here"; null when there is no room for it here.</summary>
    internal Batch? TakeMark()
    {
        if (_open.Offset + BatchHeader.Size > Tail.Allocated)
        {
            return null;
        }

        Batch mark = Rent();
        mark.Reset(Tail, _open.Offset);
        mark.BaseLsn = NextLsn;
        mark.LastLsn = NextLsn - 1;
        BacklogBytes += mark.Length;
        Tail.PlannedEnd += mark.Length;
        _open.Offset = Tail.PlannedEnd;
        return mark;
    }

    /// <summary>Goes on in the spare or a reserved segment, so that a tail nobody holds anything of can be deleted on a full disk.</summary>
    internal bool TryLeaveDeadTail()
    {
        if (Tail.Index.Count == 0 || Tail.Index.LiveReferences > 0 || Tail.Allocated <= 2 * _supply.ReservedBytes
            || (!_supply.TryTakeSpare(out ReadySegment ready) && !_supply.TryTakeReserved(out ready)))
        {
            return false;
        }

        if (_open.RecordCount > 0)
        {
            CloseOpen();
        }

        Adopt(ready);
        _open.Reset(Tail, Tail.PlannedEnd);
        return true;
    }

    // Bytes behind the open batch's last record that a record needs: itself, what waits to be given back, and a mark.
    private long Extra(long size) =>
        size + _pending.MaxBytes + GroupStepBytes + (2 * ControlOverhead) + BatchHeader.Size;

    private bool Fits(int size, bool isControl) =>
        NextOffset + Extra(size) <= (isControl && !(_inGroup && _groupHasBody) ? Tail.Allocated : Tail.Limit);

    private void AddControl(Span<byte> record, int payload, RecordType type, ulong tagA, ulong tagB)
    {
        record[RecordView.HeaderSize] = 0; // no releases of its own
        Add(
            RecordView.HeaderSize + 1 + payload,
            RecordView.HeaderSize + 1,
            new SidecarRow { PayloadLength = (uint)payload, Type = (byte)type, TagA = tagA, TagB = tagB },
            keepOnPurge: false);
    }

    private bool TryRoll(int size, bool isControl)
    {
        if (!TryNext(SegmentHeader.Size + BatchHeader.Size + Extra(size), isControl, out ReadySegment next))
        {
            return false;
        }

        if (_open.RecordCount > 0)
        {
            CloseOpen();
        }

        Adopt(next);
        _open.Reset(Tail, Tail.PlannedEnd);
        return true;
    }

    // A group must be in one batch, so its first part follows it into the next segment.
    private bool TryMoveGroup(int size, bool isControl)
    {
        Batch part = _open;
        int length = part.Length - _groupOffset;
        if (!TryNext(
            SegmentHeader.Size + BatchHeader.Size + length + Extra(size), isControl && !_groupHasBody, out ReadySegment next))
        {
            return false;
        }

        Segment from = Tail;
        int records = part.RecordCount - _groupRecordCount;
        long oldOffset = part.Offset + _groupOffset;
        ulong last = part.LastLsn;
        Batch whole = Rent();
        whole.Reset(from, 0);
        part.Buffer.AsSpan(_groupOffset, length).CopyTo(whole.Reserve(length));

        part.Length = _groupOffset;
        part.RecordCount = _groupRecordCount;
        part.LastLsn = _groupFirstLsn - 1;
        part.LargeBytes -= _groupLarge;
        if (part.RecordCount > 0)
        {
            CloseOpen(withPending: false);
            BacklogBytes += records > 0 ? BatchHeader.Size : 0;
        }

        Adopt(next);
        whole.Reset(Tail, Tail.PlannedEnd);
        from.Index.MoveTail(_groupRecord, Tail.Index, whole.Offset + BatchHeader.Size - oldOffset);
        whole.Length += length;
        whole.RecordCount = records;
        whole.BaseLsn = records > 0 ? _groupFirstLsn : 0;
        whole.LastLsn = last;
        whole.LargeBytes = _groupLarge;
        Return(_open);
        _open = whole;
        _groupOffset = BatchHeader.Size;
        _groupRecord = 0;
        _groupRecordCount = 0;
        return true;
    }

    // The next segment with that many bytes before its limit. Prepared here when the keeper is late.
    private bool TryNext(long needed, bool isControl, out ReadySegment ready)
    {
        bool found = _supply.TryTakeSpare(out ready);
        if (!found && !IsFull && Trouble is null)
        {
            found = Try(() => _supply.PrepareSpare()) && _supply.TryTakeSpare(out ready);
        }

        if (!found && isControl && Trouble is null)
        {
            found = _supply.TryTakeReserved(out ready) || _supply.TryTakeSpare(out ready); // it may have come meanwhile
        }

        if (!found)
        {
            return false;
        }

        ReadySegment taken = ready;
        bool isReserved = taken.ReservedName is not null;
        if (needed > (isReserved ? taken.Allocated : Segment.LimitOf(taken.Allocated)))
        {
            long wanted = WithSlack(needed);
            if (isReserved || !Try(() => taken.File.Allocate(taken.Allocated, wanted - taken.Allocated)))
            {
                _supply.GiveBack(taken);
                return false;
            }

            ready = taken with { Allocated = wanted };
        }

        return true;
    }

    // Only while nothing of the segment but marks is written: nobody else writes into the file meanwhile.
    private bool TryGrow(long needed)
    {
        Segment tail = Tail;
        long wanted = WithSlack(needed + (_inGroup ? Math.Min(needed / 2, _options.SegmentBytes) : 0));
        if (IsFull || !Try(() => tail.File!.Allocate(tail.Allocated, wanted - tail.Allocated)))
        {
            return false;
        }

        tail.Allocated = wanted;
        return true;
    }

    private static long WithSlack(long needed) => needed + Math.Min(Segment.SlackBytes, needed / 8) + 8;

    private bool Try(Action step)
    {
        try
        {
            step();
            return true;
        }
        catch (IOException error) when (LogFiles.IsOutOfSpace(error))
        {
            IsFull = true;
            Alert();
            return false;
        }
        catch (Exception error)
        {
            Trouble = error;
            Alert();
            return false;
        }
    }

    private void Adopt(ReadySegment ready)
    {
        Tail.IsClosed = true;
        Tail = new Segment
        {
            File = ready.File,
            Number = ready.Number,
            Allocated = ready.Allocated,
            ReservedName = ready.ReservedName,
        };
        _segments.Add(Tail);
        Alert();
    }

    private Batch Rent() => _pool.Count > 0 ? _pool.Pop() : new Batch(_sizeHint);

    private void Return(Batch batch)
    {
        if (_pool.Count < PooledBatches && batch.Buffer.Length <= Batch.KeptSize)
        {
            _pool.Push(batch);
        }
    }
}
