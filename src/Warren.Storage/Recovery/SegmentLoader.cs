using Warren.Storage.Format;
using Warren.Storage.Log;
using Warren.Storage.Memory;

namespace Warren.Storage.Recovery;

/// <summary>Builds the index of one segment, from its sidecar or from its own bytes.</summary>
internal sealed class SegmentLoader
{
    private readonly LogFiles _files;
    private readonly RecoveredState _state;
    private readonly uint _recordSeed;
    private readonly List<ulong> _owners = [];
    private readonly List<RecordReference> _releases = [];
    private byte[] _sidecar = [];

    internal SegmentLoader(LogFiles files, RecoveredState state)
    {
        _files = files;
        _state = state;
        _recordSeed = files.Identity.RecordSeed;
    }

    /// <summary>First LSN of the first intact batch in the segments after a number, 0 when there is none.</summary>
    internal Func<ulong, ulong> LaterBatch { get; set; } = static _ => 0;

    /// <summary>Nothing is written: what would be put aside is only reported.</summary>
    internal bool IsReadOnly { get; init; }

    /// <summary>Files that are damaged and needed no more: they are put aside instead of being deleted.</summary>
    internal HashSet<string> Damaged { get; } = new(StringComparer.Ordinal);

    /// <summary>Opens a segment file for scanning.</summary>
    internal SegmentWindow OpenWindow(string name) =>
        new(_files.Disk.Open(_files.PathOf(name), BlockFileMode.OpenRead), name);

    /// <summary>Loads a segment that the checkpoint covers whole, by its sidecar; false when that is missing or broken.</summary>
    internal bool TryLoadSidecar(Segment segment, CheckpointSegment covered)
    {
        string name = Segment.NameOf(segment.Number, ".idx");
        if (!_files.Disk.Exists(_files.PathOf(name)))
        {
            return false;
        }

        SidecarFile? sidecar = ReadSidecar(segment.Number);
        if (sidecar is null || sidecar.ReferenceCount != covered.References || sidecar.End != covered.End)
        {
            Damaged.Add(name);
            _state.Report(DamageKind.Repaired, name, 0, covered.FirstLsn, covered.LastLsn, "the sidecar was broken and is rebuilt from its segment");
            return false;
        }

        FillFromSidecar(segment, sidecar, covered);
        return true;
    }

    /// <summary>The sidecar of a segment; null when there is none that is intact.</summary>
    internal SidecarFile? ReadSidecar(ulong number)
    {
        string name = Segment.NameOf(number, ".idx");
        return _files.Disk.Exists(_files.PathOf(name))
            ? SidecarFile.TryRead(_files.ReadAll(name, ref _sidecar), number, _files.Identity)
            : null;
    }

    /// <summary>
    /// A segment whose file is gone or has lost records, by what its sidecar tells of it: every record keeps its place and its
    /// owners, definitions keep their payloads, and what cannot be read is named. False when no sidecar fits.
    /// </summary>
    /// <param name="segment">With the index of what could be read, which is replaced.</param>
    /// <param name="covered">What the checkpoint says about it, if anything.</param>
    internal bool TryRestore(Segment segment, CheckpointSegment? covered)
    {
        if (ReadSidecar(segment.Number) is not { } sidecar || (segment.Index.Count > 0 && sidecar.LastLsn < segment.Index.LastLsn)
            || (covered is not null && (sidecar.ReferenceCount < covered.References || sidecar.End < covered.End)))
        {
            return false;
        }

        DropOwners(segment);
        segment.Index = new SegmentIndex();
        FillFromSidecar(segment, sidecar, covered);
        _state.LastLsn = Math.Max(_state.LastLsn, sidecar.LastLsn);
        _state.DurableLsn = Math.Max(_state.DurableLsn, sidecar.LastLsn); // it was written after their commit
        if (_state.LastBatch is { } last && last.Segment == segment)
        {
            _state.LastBatch = null;
        }

        segment.IsCompacted |= sidecar.IsCompacted;
        segment.IsDamaged = true;
        segment.Copies = sidecar.Definitions;
        return true;
    }

    /// <summary>Reads every record that is held and reports those that are not intact.</summary>
    internal void ReportUnreadable(Segment segment, string why)
    {
        var check = new SegmentCheck(segment, @lock: null, _recordSeed);
        check.Run();
        segment.IsNamed = true;
        foreach ((ulong first, ulong last, long offset, long count) in check.Wrong)
        {
            segment.IsDamaged = true;
            _state.Damage.Add(new DamageReport(
                DamageKind.DamagedRecord, segment.FileName, offset, first, last, $"{why}: {count} records that are held cannot be read")
            {
                Records = count,
            });
        }
    }

    private void FillFromSidecar(Segment segment, SidecarFile sidecar, CheckpointSegment? covered)
    {
        ReadOnlySpan<SidecarRow> rows = sidecar.Rows;
        ReadOnlySpan<uint> references = sidecar.References;
        ulong[] owners = new ulong[sidecar.OwnerCount];
        for (int i = 0; i < owners.Length; i++)
        {
            owners[i] = sidecar.Owner(i);
        }

        SegmentIndex index = segment.Index;
        index.Reserve(rows.Length, references.Length);
        int reference = 0;
        foreach (ref readonly SidecarRow row in rows)
        {
            ulong lsn = sidecar.FirstLsn + row.LsnDelta;
            RequireKnown((RecordType)row.Type, row.Flags, segment.FileName, lsn);
            index.Add(lsn, (long)row.Place << 3, row, (row.Flags & RecordDraft.KeepOnPurge) != 0);
            for (int end = reference + row.OwnerCount; reference < end; reference++)
            {
                ulong owner = owners[references[reference]];
                bool live = owner != 0
                    && (covered is null || lsn > _state.CheckpointLsn || (reference < covered.References && covered.IsLive(reference)));
                index.AddReference(live ? _state.Owners.Retain(owner, lsn) : OwnerTable.Nobody, live);
            }

            index.RecordAdded();
        }

        index.Seal();
        if (covered is not null)
        {
            ApplyAnnotations(index, covered);
        }

        segment.IsSealed = true;
        segment.PlannedEnd = sidecar.End;
    }

    /// <summary>
    /// Loads a segment by scanning it. <paramref name="covered"/> is what the checkpoint says about it, if anything;
    /// <paramref name="expected"/> the LSN that must come next.
    /// </summary>
    /// <returns>False when an unfinished write was cut off here: nothing after it counts.</returns>
    internal bool Scan(Segment segment, SegmentWindow window, CheckpointSegment? covered, ulong expected)
    {
        uint seed = _files.Identity.SegmentSeed(segment.Number);
        int damageBefore = _state.Damage.Count;
        bool whole = ScanBatches(segment, window, covered, expected, seed);
        if (covered is not null && CountCovered(segment.Index) != covered.References)
        {
            // Records are missing, so the bits no longer match: everything that is left counts as held.
            Restart(segment);
            _state.Damage.RemoveRange(damageBefore, _state.Damage.Count - damageBefore);
            whole = ScanBatches(segment, window, covered: null, expected, seed);
            _state.Report(
                DamageKind.ReleasesForgotten, segment.FileName, 0, covered.FirstLsn, covered.LastLsn,
                "records of this segment are lost and with them which references had been given back; the rest may be delivered again");
        }
        else if (covered is not null)
        {
            ApplyAnnotations(segment.Index, covered);
        }

        if (covered is { IsCompacted: false } && segment.Index.LastLsn < covered.LastLsn)
        {
            ulong first = segment.Index.Count == 0 ? covered.FirstLsn : segment.Index.LastLsn + 1;
            _state.Report(DamageKind.LostRecords, segment.FileName, segment.PlannedEnd, first, covered.LastLsn, "the end of the segment is gone");
        }

        return whole;
    }

    private bool ScanBatches(Segment segment, SegmentWindow window, CheckpointSegment? covered, ulong expected, uint seed)
    {
        long position = SegmentHeader.Size;
        bool gaps = segment.IsCompacted;
        uint chain = 0;
        while (position < window.Length)
        {
            BatchState state = window.Check(position, seed, _recordSeed, out BatchHeader header, out ReadOnlySpan<byte> batch);
            if (state == BatchState.Whole)
            {
                _state.DurableLsn = Math.Max(_state.DurableLsn, header.DurableLsn);
                if (!gaps && header.BaseLsn > expected)
                {
                    ReportLost(segment, position, expected, header.BaseLsn - 1);
                }
                else if (header.PreviousCrc != chain)
                {
                    _state.Report(DamageKind.LostRecords, segment.FileName, position, 0, 0, "a batch is missing before this one or out of place");
                }

                chain = header.HeaderCrc;
                int firstRecord = segment.Index.Count;
                AddRecords(segment, batch, position, covered, ref expected);
                if (segment.Index.Count > firstRecord)
                {
                    _state.LastBatch = (segment, position, (int)header.Length, firstRecord);
                }

                position += header.Length;
                segment.PlannedEnd = position;
                continue;
            }

            bool empty = window.FindEnd(position) == position;
            bool proven = covered is { IsClosed: true }
                || (expected <= _state.DurableLsn && (covered is null || covered.LastLsn >= expected));
            long next = empty ? -1 : window.FindBatch(position + 8, seed);
            if (empty && !proven)
            {
                return true;
            }

            if (next < 0 && !proven)
            {
                ulong later = LaterBatch(segment.Number);
                if (later == 0)
                {
                    Quarantine(segment, window, position);
                    return false;
                }

                if (later <= expected)
                {
                    // The last start copied this batch into the next segment; only the copy had to survive.
                    return true;
                }
            }

            if (empty && next < 0)
            {
                // Proven LSNs that are not here: the next segment or the end of the scan reports them.
                return true;
            }

            if (state == BatchState.DamagedPayload)
            {
                chain = header.HeaderCrc;
                AddRecords(segment, window.Slice(position, (int)header.Length), position, covered, ref expected);
                position += header.Length;
            }
            else
            {
                long end = next >= 0 ? next : window.Length;
                Salvage(segment, window, position, end, covered, ref expected);
                position = end;
                if (next >= 0 && BatchHeader.TryRead(window.Slice(next, BatchHeader.Size), seed, out BatchHeader after))
                {
                    chain = after.PreviousCrc;
                }
            }

            segment.PlannedEnd = Math.Min(position, window.Length);
        }

        return true;
    }

    private void AddRecords(
        Segment segment, ReadOnlySpan<byte> batch, long offset, CheckpointSegment? covered, ref ulong expected)
    {
        int position = BatchHeader.Size;
        while (position < batch.Length && RecordView.TryCut(batch[position..], out RecordView record))
        {
            AddRecord(segment, record, offset + position, covered, ref expected);
            position += record.Bytes.Length;
        }
    }

    // The frame of the record is trusted here: the batch's checksum or the record's own covers it.
    private void AddRecord(Segment segment, RecordView record, long position, CheckpointSegment? covered, ref ulong expected)
    {
        ulong lsn = record.Lsn;
        if (lsn < expected)
        {
            return;
        }

        expected = lsn + 1;
        _state.LastLsn = Math.Max(_state.LastLsn, lsn);
        bool intact = record.IsIntact(_recordSeed);
        if (!record.TryReadReferences(_owners, _releases))
        {
            _state.Report(DamageKind.LostRecords, segment.FileName, position, lsn, lsn, "the record's references cannot be read");
            return;
        }

        if (intact)
        {
            RequireKnown(record.Type, record.Flags, segment.FileName, lsn);
        }
        else
        {
            segment.IsDamaged = true;
            _state.Damage.Add(new DamageReport(
                DamageKind.DamagedRecord, segment.FileName, position, lsn, lsn, "the record's payload is damaged; it will not be delivered")
            {
                Records = _owners.Count > 0 ? 1 : 0,
            });
        }

        SegmentIndex index = segment.Index;
        index.Add(
            lsn,
            position,
            new SidecarRow
            {
                PayloadLength = (uint)record.PayloadLength,
                Type = (byte)record.Type,
                Flags = record.Flags,
                OwnerCount = (ushort)_owners.Count,
                TagA = record.TagA,
                TagB = record.TagB,
            },
            (record.Flags & RecordDraft.KeepOnPurge) != 0);
        foreach (ulong owner in _owners)
        {
            bool live = lsn > _state.CheckpointLsn || covered is null
                || (index.ReferenceCount < covered.References && covered.IsLive(index.ReferenceCount));
            index.AddReference(live ? _state.Owners.Retain(owner, lsn) : OwnerTable.Nobody, live);
        }

        index.RecordAdded();
        if (lsn > _state.CheckpointLsn)
        {
            KeepControl(segment, record, position, intact);
        }
    }

    private void KeepControl(Segment segment, RecordView record, long position, bool intact)
    {
        bool control = record.Type is RecordType.Release or RecordType.Annotate or RecordType.Purge or RecordType.OwnerDelete;
        if (control && !intact)
        {
            _state.Report(DamageKind.ReleasesForgotten, segment.FileName, position, record.Lsn, record.Lsn, "a record of returned references is damaged; they may be delivered again");
        }
        else if (control || _releases.Count > 0)
        {
            _state.Controls.Add(new ControlRecord(
                record.Lsn, record.Type, record.TagA, record.TagB, control ? record.Payload.ToArray() : [], [.. _releases]));
        }
    }

    // Damage in the middle: keep every record that still proves itself.
    private void Salvage(
        Segment segment, SegmentWindow window, long from, long end, CheckpointSegment? covered, ref ulong expected)
    {
        const ulong farthest = 1UL << 32;
        long position = from;
        while (true)
        {
            long found = window.FindRecord(position, end, expected, expected + farthest, _recordSeed);
            if (found < 0 || !window.TryCut(found, end, out RecordView record))
            {
                break;
            }

            if (record.Lsn > expected && !segment.IsCompacted)
            {
                ReportLost(segment, position, expected, record.Lsn - 1);
            }

            AddRecord(segment, record, found, covered, ref expected);
            position = found + record.Bytes.Length;
        }

        segment.IsDamaged = true;
        _state.Report(DamageKind.Repaired, segment.FileName, from, 0, 0, "a batch is damaged; its intact records were kept");
    }

    private void ReportLost(Segment segment, long position, ulong first, ulong last) =>
        _state.Report(DamageKind.LostRecords, segment.FileName, position, first, last, "committed records are lost");

    private void Quarantine(Segment segment, SegmentWindow window, long position)
    {
        long end = window.FindEnd(position);
        if (IsReadOnly)
        {
            _state.Report(DamageKind.TornTail, segment.FileName, position, _state.LastLsn + 1, 0, $"{end - position} bytes of an unfinished write");
            return;
        }

        string name = $"{segment.FileName}-{position}.torn";
        _state.Report(DamageKind.TornTail, segment.FileName, position, _state.LastLsn + 1, 0, $"{end - position} bytes of an unfinished write were cut off and kept as quarantine/{name}");
        string directory = _files.PathOf(LogFiles.QuarantineName);
        string path = Path.Combine(directory, name);
        try
        {
            _files.Disk.CreateDirectory(directory);
            _files.Disk.Delete(path);
            using IBlockFile file = _files.Disk.Open(path, BlockFileMode.CreateNew);
            window.CopyTo(file, position, end);
            file.DataSync();
        }
        catch (IOException error)
        {
            // The bytes were never confirmed: that they cannot be kept must not stop the start.
            _state.Report(DamageKind.TornTail, segment.FileName, position, 0, 0, $"they could not be kept: {error.Message}");
        }
    }

    private void Restart(Segment segment)
    {
        DropOwners(segment);
        _state.Controls.RemoveAll(control => control.Lsn >= segment.FirstLsn);
        segment.Index = new SegmentIndex();
        segment.PlannedEnd = SegmentHeader.Size;
    }

    private void DropOwners(Segment segment)
    {
        SegmentIndex index = segment.Index;
        for (int i = 0; i < index.ReferenceCount; i++)
        {
            if (index.IsLive(i))
            {
                _state.Owners.Drop(index.Owners[i], ulong.MaxValue);
            }
        }
    }

    private int CountCovered(SegmentIndex index) => index.FirstReference(index.FindFrom(_state.CheckpointLsn + 1));

    private static void ApplyAnnotations(SegmentIndex index, CheckpointSegment covered)
    {
        foreach ((int reference, uint value) in covered.Annotations)
        {
            if (reference >= 0 && reference < index.ReferenceCount && index.IsLive(reference))
            {
                index.Annotate(reference, value);
            }
        }
    }

    private static void RequireKnown(RecordType type, byte flags, string file, ulong lsn)
    {
        if (!Enum.IsDefined(type) && (flags & RecordDraft.Ignorable) == 0)
        {
            throw new NewerFormatException(
                $"record {lsn} in '{file}' has type {(byte)type}, which this version does not know and must not skip");
        }
    }
}
