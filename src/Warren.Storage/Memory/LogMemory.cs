using Warren.Storage.Format;
using Warren.Storage.Log;

namespace Warren.Storage.Memory;

/// <summary>Everything the append lock guards: what is planned, the segments' indexes, the owners and what is given back.</summary>
/// <remarks>
/// Every method is called with <see cref="Lock"/> held. The file position of a record is decided when it is appended, so
/// the index is complete at once and the writer only writes. For I/O see <see cref="LogPlan"/>.
/// </remarks>
internal sealed class LogMemory
{
    // Given-back references turn into a record of the open batch when they take this much.
    private const int PendingBytesMax = 128 * 1024;

    // A publisher that does not pause when the log is backed up is refused at this many times the limit.
    private const int BacklogRefusal = 4;

    private readonly ShardLogOptions _options;
    private readonly PendingReturns _pending = new();
    private readonly LogPlan _plan;
    private readonly int _pendingBytesMax;
    private int _state;

    // Purges and deletions that are done here and for whose records there was no room; nothing is appended before them.
    private readonly Queue<(RecordType Type, ulong TagA, ulong TagB)> _owed = new();

    private readonly List<GroupStep> _groupSteps = [];
    private bool _groupEnded;
    private bool _groupRefused;

    internal LogMemory(
        ShardLogOptions options, SegmentList segments, OwnerTable owners, SegmentSupply supply, ulong nextLsn)
    {
        _options = options;
        _pendingBytesMax = (int)Math.Min(PendingBytesMax, Math.Max(256, options.SegmentBytes / 64));
        Segments = segments;
        Owners = owners;
        _plan = new LogPlan(options, segments, supply, _pending, nextLsn);
    }

    internal Lock Lock { get; } = new();

    internal SegmentList Segments { get; }

    internal OwnerTable Owners { get; }

    /// <summary>References given back that are not cleared yet.</summary>
    internal OwnerSweeps Sweeps { get; } = new();

    /// <summary>See <see cref="ShardLog.UncertainThroughLsn"/>.</summary>
    internal ulong UncertainThroughLsn { get; init; }

    /// <summary>Where records go.</summary>
    internal LogPlan Plan => _plan;

    internal ulong NextLsn => _plan.NextLsn;

    internal LogState State { get => (LogState)Volatile.Read(ref _state); set => Volatile.Write(ref _state, (int)value); }

    internal long BacklogBytes => _plan.BacklogBytes;

    internal long AppendedBytes => _plan.AppendedBytes;

    internal bool HasPending => _pending.Any || _owed.Count > 0;

    internal bool HasWork => _plan.HasRecords || HasPending;

    /// <summary>Bytes of the open group, what it gives back included.</summary>
    internal long GroupBytes => _plan.GroupBytes + _plan.GroupStepBytes;

    /// <summary>Records wait; references given back do not count, because they can wait for the next commit.</summary>
    internal bool HasRecords => _plan.HasRecords;

    /// <summary>The log takes nothing any more, whether its writer has noticed or not.</summary>
    internal bool IsOver => State is LogState.Failed or LogState.Closed || _plan.Trouble is not null;

    internal ulong Append(in RecordDraft draft)
    {
        ulong lsn = TryAppend(draft);
        _groupRefused |= lsn == 0 && _plan.InGroup;
        return lsn;
    }

    internal void Release(ulong owner, ulong lsn)
    {
        if (_plan.InGroup)
        {
            AddStep(new GroupStep(GroupStepKind.Release, owner, lsn, 0));
        }
        else if (ClearReference(owner, lsn))
        {
            _pending.Releases.Add(owner, lsn);
            FlushWhenMany();
        }
    }

    internal void Annotate(ulong owner, ulong lsn, uint value)
    {
        if (_plan.InGroup)
        {
            AddStep(new GroupStep(GroupStepKind.Annotate, owner, lsn, value));
        }
        else if (TryFind(owner, lsn, out Segment? segment, out _, out int reference, out _))
        {
            segment.Index.Annotate(reference, value);
            _pending.Annotations.Add(owner, lsn, value);
            FlushWhenMany();
        }
    }

    internal void Purge(ulong owner, ulong upToLsn)
    {
        RequireNoGroup();
        if (!Owners.TryFind(owner, out uint number))
        {
            return;
        }

        ulong from = Math.Max(Owners[number].FirstLsn, Owners[number].PurgedThroughLsn + 1);
        ulong to = Math.Min(upToLsn, Owners[number].LastLsn);
        if (from > to)
        {
            return;
        }

        AppendControl(RecordType.Purge, owner, upToLsn);
        bool isFirst = !Sweeps.Any;
        Sweeps.Add(number, owner, from, to, keepMarked: true);
        if (isFirst && !SweepSlice())
        {
            return; // small enough to be done at once
        }

        _plan.Alert();
    }

    internal void DeleteOwner(ulong owner)
    {
        RequireNoGroup();
        if (!Owners.TryFind(owner, out _))
        {
            return;
        }

        AppendControl(RecordType.OwnerDelete, owner, 0);
        ClearReference(owner, owner);
        if (Owners.TryFind(owner, out uint number))
        {
            Sweeps.Add(number, owner, Owners[number].FirstLsn, NextLsn - 1, keepMarked: false);
            Owners.Delete(number);
            _plan.Alert();
        }
    }

    /// <summary>Makes a record of what was given back; the LSN behind which nothing is left that happened before.</summary>
    internal ulong FlushAll()
    {
        if (!IsOver && WriteOwed())
        {
            _plan.FlushPending();
        }

        return NextLsn - 1 + (ulong)(_owed.Count + _pending.Records); // what there was no room for gets the next numbers
    }

    /// <summary>Clears a bounded number of references of deleted owners and large purges; false when nothing waits.</summary>
    internal bool SweepSlice() => Sweeps.RunSlice(Segments, Owners, NextLsn);

    internal void BeginGroup()
    {
        RequireNoGroup();
        if (!IsOver && WriteOwed())
        {
            FlushWhenMany();
        }

        _plan.BeginGroup();
    }

    /// <summary>
    /// Keeps the group. Only now is applied what it gives back, as records of its own batch, because that may be closed any
    /// time. False when a part of it was refused or does not fit: then nothing of it is kept.
    /// </summary>
    internal bool CompleteGroup()
    {
        RequireOpenGroup();
        if (_groupRefused || IsOver || GroupBytes > RecordView.MaxLength || !WriteOwed()
            || (_groupSteps.Count > 0 && !_plan.TryMakeRoom(0, isControl: true)))
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
            _plan.AppendPending();
        }

        return true;
    }

    /// <summary>Ends the group; without <see cref="CompleteGroup"/> the log is as if it had never been.</summary>
    internal void EndGroup()
    {
        if (!_groupEnded)
        {
            _groupSteps.Clear();
            _plan.AbortGroup(Owners);
        }

        _plan.EndGroup();
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
        if (!_plan.HasClosed || wantSnapshot)
        {
            if (!IsOver && WriteOwed())
            {
                _plan.FlushPending();
            }

            if (_plan.HasOpen)
            {
                _plan.CloseOpen();
            }
        }

        if (wantSnapshot)
        {
            wantSnapshot = false;
            CheckpointSnapshot taken = Snapshot();
            if (_plan.HasClosed)
            {
                _plan.LastClosed.Snapshot = taken;
            }
            else
            {
                snapshot = taken;
            }
        }

        return _plan.TakeClosed();
    }

    /// <summary>The batch taken is on the disk.</summary>
    internal void Committed(Batch batch) => _plan.Committed(batch);

    /// <summary>
    /// An empty batch that only says "durable up to here"; null when there is something to commit, or no room for it in
    /// the segment. The writer's thread.
    /// </summary>
    internal Batch? TakeMark() => HasWork ? null : _plan.TakeMark();

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

    private static bool CarriesBody(RecordType type) =>
        type is not (RecordType.Release or RecordType.Annotate or RecordType.OwnerDelete or RecordType.Purge
            or RecordType.Epoch or RecordType.Noop);

    private ulong TryAppend(in RecordDraft draft)
    {
        if (_groupEnded)
        {
            throw new InvalidOperationException("the group is complete");
        }

        bool carriesBody = CarriesBody(draft.Type);
        if (IsOver || (carriesBody && (State == LogState.OutOfSpace || _plan.IsFull)))
        {
            return 0;
        }

        long size = RecordView.HeaderSize + 16L + (draft.Owners.Length * (long)Varint.MaxSize)
            + (draft.Releases.Length * 2L * Varint.MaxSize) + draft.Head.Length + draft.Body.Length;
        if (size > RecordView.MaxLength || (_plan.InGroup && GroupBytes + size > RecordView.MaxLength)
            || (carriesBody && IsBacklogTooLarge(size))
            || !WriteOwed() || !_plan.TryMakeRoom((int)size, !carriesBody))
        {
            return 0;
        }

        ulong lsn = NextLsn;
        Span<byte> record = _plan.Reserve((int)size);
        int length = RecordReferences.Write(record, draft, lsn);
        int payloadOffset = length;
        draft.Head.CopyTo(record[length..]);
        length += draft.Head.Length;
        draft.Body.CopyTo(record[length..]);
        length += draft.Body.Length;
        _plan.Add(
            length,
            payloadOffset,
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
        SegmentIndex index = _plan.Tail.Index;
        foreach (ulong owner in draft.Owners)
        {
            index.AddReference(Owners.Retain(owner == ShardLog.Self ? lsn : owner, lsn), live: true);
        }

        index.RecordAdded();
        if (carriesBody && _plan.InGroup)
        {
            _plan.NoteBody();
        }

        GiveBack(draft.Releases);
        return lsn;
    }

    // A few records that are large by themselves may wait beyond the limit; the memory they take was announced.
    private bool IsBacklogTooLarge(long size) =>
        BacklogBytes - _plan.LargeBytes > BacklogRefusal * _options.BacklogBytesMax
        || (size >= LogPlan.LargeRecord && _plan.LargeBytes + size > 2L * RecordView.MaxLength);

    private void GiveBack(ReadOnlySpan<RecordReference> releases)
    {
        foreach (RecordReference reference in releases)
        {
            if (_plan.InGroup)
            {
                AddStep(new GroupStep(GroupStepKind.ReleasedByRecord, reference.Owner, reference.Lsn, 0));
            }
            else
            {
                ClearReference(reference.Owner, reference.Lsn);
            }
        }
    }

    private void AddStep(GroupStep step)
    {
        RequireOpenGroup();
        _groupSteps.Add(step);
        _plan.GroupStepBytes += step.Kind == GroupStepKind.ReleasedByRecord ? 0 : GroupStep.MaxBytes;
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
            _pending.Annotations.Add(step.Owner, step.Lsn, step.Value);
            return true;
        }

        if (!ClearReference(step.Owner, step.Lsn) || step.Kind == GroupStepKind.ReleasedByRecord)
        {
            return false;
        }

        _pending.Releases.Add(step.Owner, step.Lsn);
        return true;
    }

    private void RequireNoGroup()
    {
        if (_plan.InGroup)
        {
            throw new InvalidOperationException("not inside a group");
        }
    }

    private void RequireOpenGroup()
    {
        if (_groupEnded)
        {
            throw new InvalidOperationException("the group is complete");
        }
    }

    private void AppendControl(RecordType type, ulong tagA, ulong tagB)
    {
        // Owed also by a log that is over: who waits for it must not be told that it is there.
        _owed.Enqueue((type, tagA, tagB));
        if (!IsOver)
        {
            WriteOwed();
        }
    }

    // A group must not take them along: it may be given up.
    private bool WriteOwed()
    {
        while (_owed.TryPeek(out (RecordType Type, ulong TagA, ulong TagB) owed))
        {
            if (_plan.InGroup || !_plan.TryAddControl(owed.Type, owed.TagA, owed.TagB))
            {
                return false;
            }

            _owed.Dequeue();
        }

        return true;
    }

    private void FlushWhenMany()
    {
        if (_pending.MaxBytes > _pendingBytesMax && !IsOver)
        {
            _plan.FlushPending();
        }
    }

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
        segment = _plan.Tail;
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
        var snapshot = new CheckpointSnapshot
        {
            Lsn = NextLsn - 1,
            Tail = _plan.Tail,
            Replacements = Segments.Replacements,
            UncertainThroughLsn = UncertainThroughLsn,
            Swept = Sweeps.Cleared,
            Sweeps = [.. Sweeps.Pending],
        };
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
