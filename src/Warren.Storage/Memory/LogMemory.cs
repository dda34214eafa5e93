using System.Buffers.Binary;
using Warren.Storage.Format;

namespace Warren.Storage.Memory;

/// <summary>Everything the append lock guards: the open batch, the segments' indexes, the owners and what is given back.</summary>
/// <remarks>
/// Every method is called with <see cref="Lock"/> held; none does I/O. The file position of a record is decided when it
/// is appended, so the index is complete at once and the writer only writes.
/// </remarks>
internal sealed class LogMemory
{
    // Given-back references turn into a record of the open batch when they take this much.
    private const int PendingBytesMax = 128 * 1024;

    // A publisher that does not pause when the log is backed up is refused at this many times the limit.
    private const int BacklogRefusal = 4;
    private const int PooledBatches = 6;
    private const int ControlOverhead = RecordView.HeaderSize + 16;

    private readonly ShardLogOptions _options;
    private readonly Queue<Batch> _closed = new();
    private readonly Stack<Batch> _pool = new();
    private readonly ReleaseCodec _releases = new();
    private readonly AnnotationCodec _annotations = new();
    private Batch _open = new(0);
    private Segment _plan;
    private Batch _lastClosed;
    private int _sizeHint;
    private int _state;

    // While a group is open: where it starts.
    private readonly List<GroupStep> _groupSteps = [];
    private bool _inGroup;
    private bool _groupEnded;
    private bool _groupRefused;
    private long _groupBacklog;
    private long _groupAppended;
    private int _groupOffset;
    private int _groupRecord;
    private int _groupRecordCount;
    private ulong _groupFirstLsn;

    internal LogMemory(ShardLogOptions options, SegmentList segments, OwnerTable owners, ulong nextLsn)
    {
        _options = options;
        Segments = segments;
        Owners = owners;
        NextLsn = nextLsn;
        _plan = segments.Last;
        _open.Reset(_plan, _plan.PlannedEnd);
        _lastClosed = _open;
    }

    internal Lock Lock { get; } = new();

    internal SegmentList Segments { get; }

    internal OwnerTable Owners { get; }

    internal ulong NextLsn { get; private set; }

    internal LogState State { get => (LogState)Volatile.Read(ref _state); set => Volatile.Write(ref _state, (int)value); }

    /// <summary>Bytes appended and not committed.</summary>
    internal long BacklogBytes { get; private set; }

    /// <summary>Bytes ever appended, for deciding about checkpoints.</summary>
    internal long AppendedBytes { get; private set; }

    internal bool HasPending => _releases.MaxBytes > 0 || _annotations.MaxBytes > 0;

    internal bool HasWork => _closed.Count > 0 || _open.RecordCount > 0 || HasPending;

    /// <summary>Bytes of the open group, what it gives back included.</summary>
    internal long GroupBytes => _open.Length - _groupOffset + ((long)_groupSteps.Count * GroupStep.MaxBytes);

    /// <summary>Records wait; references given back do not count, because they can wait for the next commit.</summary>
    internal bool HasRecords => _closed.Count > 0 || _open.RecordCount > 0;

    internal ulong Append(in RecordDraft draft)
    {
        ulong lsn = TryAppend(draft);
        _groupRefused |= lsn == 0;
        return lsn;
    }

    private ulong TryAppend(in RecordDraft draft)
    {
        if (_groupEnded)
        {
            throw new InvalidOperationException("the group is complete");
        }

        if (State != LogState.Open && (State != LogState.OutOfSpace || CarriesBody(draft.Type)))
        {
            return 0;
        }

        long size = RecordView.HeaderSize + 16L + (draft.Owners.Length * (long)Varint.MaxSize)
            + (draft.Releases.Length * 2L * Varint.MaxSize) + draft.Head.Length + draft.Body.Length;
        if (size > RecordView.MaxLength || (_inGroup && GroupBytes + size > RecordView.MaxLength)
            || (CarriesBody(draft.Type) && BacklogBytes > BacklogRefusal * _options.BacklogBytesMax))
        {
            return 0;
        }

        MakeRoom((int)size);

        ulong lsn = NextLsn++;
        Span<byte> record = _open.Reserve((int)size);
        SegmentIndex index = _plan.Index;
        long offset = _open.Offset + _open.Length;

        int length = WriteReferences(record, draft, lsn);
        int payloadOffset = length;
        draft.Head.CopyTo(record[length..]);
        length += draft.Head.Length;
        draft.Body.CopyTo(record[length..]);
        length += draft.Body.Length;
        Finish(record, length, payloadOffset, lsn, draft.Type, draft.Flags, draft.TagA, draft.TagB, draft.Owners.Length);

        index.Add(
            lsn,
            offset,
            new SidecarRow
            {
                PayloadLength = (uint)(length - payloadOffset),
                Type = (byte)draft.Type,
                Flags = draft.Flags,
                OwnerCount = (ushort)draft.Owners.Length,
                TagA = draft.TagA,
                TagB = draft.TagB,
            },
            (draft.Flags & RecordDraft.KeepOnPurge) != 0);
        foreach (ulong owner in draft.Owners)
        {
            index.AddReference(Owners.Retain(owner == ShardLog.Self ? lsn : owner, lsn), live: true);
        }

        index.RecordAdded();
        foreach (RecordReference reference in draft.Releases)
        {
            if (_inGroup)
            {
                _groupSteps.Add(new GroupStep(GroupStepKind.ReleasedByRecord, reference.Owner, reference.Lsn, 0));
            }
            else
            {
                ClearReference(reference.Owner, reference.Lsn);
            }
        }

        return lsn;
    }

    internal void Release(ulong owner, ulong lsn)
    {
        if (_inGroup)
        {
            _groupSteps.Add(new GroupStep(GroupStepKind.Release, owner, lsn, 0));
        }
        else if (ClearReference(owner, lsn))
        {
            _releases.Add(owner, lsn);
            if (_releases.MaxBytes > PendingBytesMax)
            {
                FlushPending();
            }
        }
    }

    internal void Annotate(ulong owner, ulong lsn, uint value)
    {
        if (_inGroup)
        {
            _groupSteps.Add(new GroupStep(GroupStepKind.Annotate, owner, lsn, value));
        }
        else if (TryFind(owner, lsn, out Segment? segment, out _, out int reference, out _))
        {
            segment.Index.Annotate(reference, value);
            _annotations.Add(owner, lsn, value);
            if (_annotations.MaxBytes > PendingBytesMax)
            {
                FlushPending();
            }
        }
    }

    internal void Purge(ulong owner, ulong upToLsn)
    {
        RequireNoGroup();
        if (ReferenceSweep.Clear(Segments, Owners, owner, upToLsn, NextLsn, keepMarked: true) > 0)
        {
            AppendControl(RecordType.Purge, owner, upToLsn);
        }
    }

    internal void DeleteOwner(ulong owner)
    {
        RequireNoGroup();
        if (ReferenceSweep.Clear(Segments, Owners, owner, ulong.MaxValue, NextLsn, keepMarked: false) > 0)
        {
            AppendControl(RecordType.OwnerDelete, owner, 0);
        }
    }

    /// <summary>Makes a record of what was given back; the LSN behind which nothing is left that happened before.</summary>
    internal ulong FlushAll()
    {
        FlushPending();
        return HasPending ? NextLsn : NextLsn - 1; // what a log that has failed cannot write any more is never committed
    }

    internal void BeginGroup()
    {
        if (_inGroup)
        {
            throw new InvalidOperationException("a group is open on this thread");
        }

        _inGroup = true;
        _groupOffset = _open.Length;
        _groupRecord = _plan.Index.Count;
        _groupRecordCount = _open.RecordCount;
        _groupFirstLsn = NextLsn;
        _groupBacklog = BacklogBytes;
        _groupAppended = AppendedBytes;
    }

    /// <summary>
    /// Keeps the group. Only now is applied what it gives back, as records of its own batch, because that may be closed any
    /// time. False when a part of it was refused or does not fit: then nothing of it is kept.
    /// </summary>
    internal bool CompleteGroup()
    {
        if (_groupEnded)
        {
            throw new InvalidOperationException("the group is complete");
        }

        if (_groupRefused || State is LogState.Failed or LogState.Closed || GroupBytes > RecordView.MaxLength)
        {
            return false;
        }

        _groupEnded = true;
        bool gaveBack = false;
        foreach (GroupStep step in _groupSteps)
        {
            gaveBack |= Apply(step);
        }

        _groupSteps.Clear();
        if (gaveBack)
        {
            FlushPending();
        }

        return true;
    }

    /// <summary>Ends the group; without <see cref="CompleteGroup"/> the log is as if it had never been.</summary>
    internal void EndGroup()
    {
        if (!_groupEnded)
        {
            AbortGroup();
        }

        _inGroup = false;
        _groupEnded = false;
        _groupRefused = false;
    }

    /// <summary>Whether a record of that many payload bytes and owners still fits the open group.</summary>
    internal bool GroupCanHold(long payloadBytes, int owners) =>
        GroupBytes + payloadBytes + RecordView.HeaderSize + 16 + (owners * (long)Varint.MaxSize) <= RecordView.MaxLength;

    /// <summary>
    /// The next batch to write, or null. The one before must have been given back. A snapshot asked for is of the state
    /// after everything that waits: it hangs on the last waiting batch, or comes back at once when nothing waits.
    /// </summary>
    internal Batch? Take(ref bool wantSnapshot, out CheckpointSnapshot? snapshot)
    {
        snapshot = null;
        if (_closed.Count == 0 || wantSnapshot)
        {
            FlushPending();
            if (_open.RecordCount > 0)
            {
                CloseOpen();
            }
        }

        if (wantSnapshot)
        {
            wantSnapshot = false;
            CheckpointSnapshot taken = Snapshot();
            if (_closed.Count > 0)
            {
                _lastClosed.Snapshot = taken;
            }
            else
            {
                snapshot = taken;
            }
        }

        return _closed.Count > 0 ? _closed.Dequeue() : null;
    }

    /// <summary>The batch taken is on the disk.</summary>
    internal void Committed(Batch batch)
    {
        BacklogBytes -= batch.Length;
        if (_pool.Count < PooledBatches && batch.Buffer.Length <= Batch.KeptSize)
        {
            _pool.Push(batch);
        }
    }

    /// <summary>
    /// Where an empty batch that only says "durable up to here" goes; null when there is something to commit, or no room
    /// that is reserved already. It may stand behind the segment's limit or first in the next one: the last batch of a
    /// full segment needs it as well. The writer's thread.
    /// </summary>
    internal Batch? TakeMark(bool hasSpare)
    {
        bool fits = _plan.File is null ? hasSpare : _open.Offset + BatchHeader.Size <= _plan.Allocated;
        if (HasWork || !fits)
        {
            return null;
        }

        Batch mark = Rent();
        mark.Reset(_plan, _open.Offset);
        mark.BaseLsn = NextLsn;
        mark.LastLsn = NextLsn - 1;
        BacklogBytes += mark.Length;
        _plan.PlannedEnd += mark.Length;
        _open.Offset = _plan.PlannedEnd;
        return mark;
    }

    /// <summary>Looks a record up for a reader; the segment is retained when found.</summary>
    internal bool TryLocate(ulong lsn, out Segment segment, out long offset, out int payloadLength, out bool isLive)
    {
        offset = 0;
        payloadLength = 0;
        isLive = false;
        if (!Segments.TryFind(lsn, out segment))
        {
            return false;
        }

        int record = segment.Index.Find(lsn);
        if (record < 0)
        {
            return false;
        }

        offset = segment.Index.OffsetAt(record);
        payloadLength = segment.Index.PayloadLengthAt(record);
        isLive = segment.Index.AnyLive(record);
        return true;
    }

    // True when it has to be written down with the group.
    private bool Apply(GroupStep step)
    {
        if (step.Kind == GroupStepKind.Annotate)
        {
            if (!TryFind(step.Owner, step.Lsn, out Segment? segment, out _, out int reference, out _))
            {
                return false;
            }

            segment.Index.Annotate(reference, step.Value);
            _annotations.Add(step.Owner, step.Lsn, step.Value);
            return true;
        }

        if (!ClearReference(step.Owner, step.Lsn) || step.Kind == GroupStepKind.ReleasedByRecord)
        {
            return false;
        }

        _releases.Add(step.Owner, step.Lsn);
        return true;
    }

    // The group may have moved to a segment of its own meanwhile: that one stays the plan, empty.
    private void AbortGroup()
    {
        _groupSteps.Clear();
        SegmentIndex index = _plan.Index;
        for (int r = index.FirstReference(_groupRecord); r < index.ReferenceCount; r++)
        {
            if (index.IsLive(r))
            {
                Owners.Drop(index.Owners[r], NextLsn);
            }
        }

        index.Truncate(_groupRecord);
        _open.Length = _groupOffset;
        _open.RecordCount = _groupRecordCount;
        _open.LastLsn = _groupRecordCount == 0 ? 0 : _groupFirstLsn - 1;
        NextLsn = _groupFirstLsn;
        BacklogBytes = _groupBacklog;
        AppendedBytes = _groupAppended;
    }

    private static bool CarriesBody(RecordType type) =>
        type is not (RecordType.Release or RecordType.Annotate or RecordType.OwnerDelete or RecordType.Purge
            or RecordType.Epoch or RecordType.Noop);

    private void RequireNoGroup()
    {
        if (_inGroup)
        {
            throw new InvalidOperationException("not inside a group");
        }
    }

    private static int WriteReferences(Span<byte> record, in RecordDraft draft, ulong lsn)
    {
        int length = RecordView.HeaderSize;
        ulong previous = 0;
        foreach (ulong owner in draft.Owners)
        {
            ulong id = owner == ShardLog.Self ? lsn : owner;
            length += Varint.WriteDelta(record[length..], previous, id);
            previous = id;
        }

        length += Varint.Write(record[length..], (ulong)draft.Releases.Length);
        previous = 0;
        foreach (RecordReference reference in draft.Releases)
        {
            length += Varint.WriteDelta(record[length..], previous, reference.Owner);
            length += Varint.WriteDelta(record[length..], lsn, reference.Lsn);
            previous = reference.Owner;
        }

        return length;
    }

    // The checksum is the writer's, outside the lock.
    private void Finish(
        Span<byte> record, int length, int payloadOffset, ulong lsn, RecordType type, byte flags, ulong tagA, ulong tagB, int owners)
    {
        int padded = RecordView.Padded(length);
        record[length..padded].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)length);
        BinaryPrimitives.WriteUInt64LittleEndian(record[8..], lsn);
        BinaryPrimitives.WriteUInt64LittleEndian(record[16..], tagA);
        BinaryPrimitives.WriteUInt64LittleEndian(record[24..], tagB);
        record[32] = (byte)type;
        record[33] = flags;
        BinaryPrimitives.WriteUInt16LittleEndian(record[34..], (ushort)owners);
        BinaryPrimitives.WriteUInt32LittleEndian(record[36..], (uint)payloadOffset);
        if (_open.RecordCount++ == 0)
        {
            _open.BaseLsn = lsn;
            BacklogBytes += BatchHeader.Size;
        }

        _open.LastLsn = lsn;
        _open.Length += padded;
        BacklogBytes += padded;
        AppendedBytes += padded;
    }

    private void AppendControl(RecordType type, ulong tagA, ulong tagB)
    {
        if (State is LogState.Failed or LogState.Closed)
        {
            return;
        }

        MakeRoom(ControlOverhead);
        Span<byte> record = _open.Reserve(ControlOverhead);
        record[RecordView.HeaderSize] = 0;
        AddControl(record, RecordView.HeaderSize + 1, type, tagA, tagB);
    }

    // Turns what was given back into records of the open batch.
    private void FlushPending()
    {
        if (HasPending && State is not (LogState.Failed or LogState.Closed))
        {
            MakeRoom(0);
            AppendPending();
        }
    }

    private void AppendPending()
    {
        if (_releases.MaxBytes > 0)
        {
            Span<byte> record = _open.Reserve(_releases.MaxBytes + ControlOverhead);
            record[RecordView.HeaderSize] = 0;
            int length = RecordView.HeaderSize + 1;
            length += _releases.Take(record[length..]);
            AddControl(record, length, RecordType.Release, 0, 0);
        }

        if (_annotations.MaxBytes > 0)
        {
            Span<byte> record = _open.Reserve(_annotations.MaxBytes + ControlOverhead);
            record[RecordView.HeaderSize] = 0;
            int length = RecordView.HeaderSize + 1;
            length += _annotations.Take(record[length..]);
            AddControl(record, length, RecordType.Annotate, 0, 0);
        }
    }

    private void AddControl(Span<byte> record, int length, RecordType type, ulong tagA, ulong tagB)
    {
        ulong lsn = NextLsn++;
        long offset = _open.Offset + _open.Length;
        Finish(record, length, RecordView.HeaderSize + 1, lsn, type, 0, tagA, tagB, 0);
        _plan.Index.Add(
            lsn,
            offset,
            new SidecarRow
            {
                PayloadLength = (uint)(length - RecordView.HeaderSize - 1),
                Type = (byte)type,
                TagA = tagA,
                TagB = tagB,
            },
            keepOnPurge: false);
    }

    // Closes the batch or the segment when the next record would not fit.
    private void MakeRoom(int size)
    {
        if (!_inGroup && _open.RecordCount > 0 && _open.Length + size > _options.BatchBytesSoftMax)
        {
            CloseOpen();
        }

        long end = _open.Offset + _open.Length + size + _releases.MaxBytes + _annotations.MaxBytes + (2 * ControlOverhead);
        int others = _inGroup ? _groupRecord : _plan.Index.Count;
        if (end <= _options.SegmentBytes || others == 0)
        {
            return;
        }

        if (_inGroup)
        {
            MoveGroup();
        }
        else
        {
            if (_open.RecordCount > 0)
            {
                CloseOpen();
            }

            OpenSegment();
            _open.Reset(_plan, _plan.PlannedEnd);
        }
    }

    // A group must be in one batch, so its first part follows it into the next segment.
    private void MoveGroup()
    {
        Batch part = _open;
        Segment from = _plan;
        int length = part.Length - _groupOffset;
        int records = part.RecordCount - _groupRecordCount;
        long oldOffset = part.Offset + _groupOffset;
        ulong last = part.LastLsn;
        Batch whole = Rent();
        whole.Reset(from, 0);
        part.Buffer.AsSpan(_groupOffset, length).CopyTo(whole.Reserve(length));

        part.Length = _groupOffset;
        part.RecordCount = _groupRecordCount;
        part.LastLsn = _groupFirstLsn - 1;
        if (part.RecordCount > 0)
        {
            CloseOpen(withPending: false);
            BacklogBytes += records > 0 ? BatchHeader.Size : 0;
        }

        OpenSegment();
        whole.Reset(_plan, _plan.PlannedEnd);
        from.Index.MoveTail(_groupRecord, _plan.Index, whole.Offset + BatchHeader.Size - oldOffset);
        whole.Length += length;
        whole.RecordCount = records;
        whole.BaseLsn = records > 0 ? _groupFirstLsn : 0;
        whole.LastLsn = last;
        if (_open.Buffer.Length <= Batch.KeptSize)
        {
            _pool.Push(_open);
        }

        _open = whole;
        _groupOffset = BatchHeader.Size;
        _groupRecord = 0;
        _groupRecordCount = 0;
    }

    private void OpenSegment()
    {
        _plan.IsClosed = true;
        _plan = new Segment();
        Segments.Add(_plan);
    }

    // A batch takes along what waits to be given back.
    private void CloseOpen(bool withPending = true)
    {
        if (withPending)
        {
            AppendPending();
        }

        _closed.Enqueue(_open);
        _lastClosed = _open;
        _sizeHint = Math.Min(_open.Buffer.Length, Batch.KeptSize);
        _plan.PlannedEnd = _open.Offset + _open.Length;
        _open = Rent();
        _open.Reset(_plan, _plan.PlannedEnd);
    }

    private Batch Rent() => _pool.Count > 0 ? _pool.Pop() : new Batch(_sizeHint);

    private bool ClearReference(ulong owner, ulong lsn)
    {
        if (!TryFind(owner, lsn, out Segment? segment, out int record, out int reference, out uint number))
        {
            return false;
        }

        segment.Index.Clear(record, reference);
        Owners.Drop(number, NextLsn);
        return true;
    }

    private bool TryFind(ulong owner, ulong lsn, out Segment segment, out int record, out int reference, out uint number)
    {
        record = -1;
        reference = -1;
        segment = _plan;
        if (!Owners.TryFind(owner, out number) || !Segments.TryFind(lsn, out segment))
        {
            return false;
        }

        record = segment.Index.Find(lsn);
        reference = record < 0 ? -1 : segment.Index.FindReference(record, number);
        return reference >= 0;
    }

    private CheckpointSnapshot Snapshot()
    {
        var snapshot = new CheckpointSnapshot { Lsn = NextLsn - 1, Tail = _plan, Replacements = Segments.Replacements };
        foreach (Segment segment in Segments)
        {
            SegmentIndex index = segment.Index;
            if (index.Count == 0)
            {
                continue;
            }

            bool mixed = index.LiveReferences > 0 && index.LiveReferences < index.ReferenceCount;
            snapshot.Segments.Add(new SegmentSnapshot
            {
                Segment = segment,
                FirstLsn = segment.FirstLsn,
                LastLsn = segment.LastLsn,
                End = segment.PlannedEnd,
                IsClosed = segment.IsClosed,
                IsCompacted = segment.IsCompacted,
                References = index.ReferenceCount,
                Live = index.LiveReferences,
                Words = mixed ? index.LiveWords.ToArray() : null,
                Annotations = index.Annotations is { Count: > 0 } numbers ? [.. numbers] : [],
            });
        }

        return snapshot;
    }
}
