using Warren.Storage.Format;
using Warren.Storage.Memory;

namespace Warren.Storage.Log;

/// <summary>Copies the survivors of sparse neighbouring segments into one new segment. A record keeps its LSN.</summary>
/// <remarks>
/// Order: copy, sync, sidecar, switch in memory, checkpoint that names the new segment, delete the old ones. A copy that
/// no checkpoint names is deleted at the next start. One thread: the keeper.
/// </remarks>
internal sealed class Compactor
{
    private const int NewestLeftAlone = 2;
    private const int BatchBytes = 1 << 20;
    private const int HeaderBytes = SegmentHeader.Size + BatchHeader.Size;

    private readonly LogMemory _memory;
    private readonly LogFiles _files;
    private readonly ShardLogOptions _options;
    private readonly Action<DamageReport> _report;
    private readonly List<Segment> _replaced = [];

    internal Compactor(LogMemory memory, LogFiles files, ShardLogOptions options, Action<DamageReport> report)
    {
        _memory = memory;
        _files = files;
        _options = options;
        _report = report;
    }

    /// <summary>Old segments wait for a checkpoint that no longer names them.</summary>
    internal bool HasReplaced => _replaced.Count > 0;

    internal long Compactions { get; private set; }

    internal bool CompactOnce()
    {
        if (HasReplaced)
        {
            return false;
        }

        List<Segment> run;
        List<(Segment From, int Record)> survivors = [];
        lock (_memory.Lock)
        {
            run = Choose();
            foreach (Segment segment in run)
            {
                for (int i = 0; i < segment.Index.Count; i++)
                {
                    if (segment.Index.AnyLive(i))
                    {
                        survivors.Add((segment, i));
                    }
                }
            }
        }

        if (survivors.Count == 0)
        {
            return false;
        }

        Segment? copy = Copy(run, survivors);
        if (copy is null)
        {
            return false;
        }

        lock (_memory.Lock)
        {
            Adopt(copy, run, survivors);
        }

        _replaced.AddRange(run);
        Compactions++;
        return true;
    }

    /// <summary>Deletes the old segments; a durable checkpoint no longer names them.</summary>
    internal void DeleteReplaced()
    {
        foreach (Segment old in _replaced)
        {
            _files.Delete(Segment.NameOf(old.Number, ".idx"));
            _files.Delete(old.FileName);
            old.Release();
        }

        if (_replaced.Count > 0)
        {
            _files.Disk.SyncDirectory(_files.Directory);
            _replaced.Clear();
        }
    }

    // Neighbours only, so that the segments' LSN ranges never overlap.
    private List<Segment> Choose()
    {
        SegmentList segments = _memory.Segments;
        long live = 0;
        long size = 0;
        int candidates = segments.Count - NewestLeftAlone;
        for (int i = 0; i < candidates; i++)
        {
            live += segments[i].Index.LiveBytes;
            size += segments[i].PlannedEnd;
        }

        bool tooDead = size - live > live + (_options.CompactionSlackSegments * _options.SegmentBytes);
        bool tooMany = segments.Count > 16 + (2 * size / _options.SegmentBytes);
        if (!tooDead && !tooMany)
        {
            return [];
        }

        // Headers do not count: a copy of a few records must not look sparse, or it would be copied for ever.
        bool IsSparse(Segment segment) =>
            segment is { IsSealed: true, IsDamaged: false }
            && segment.Index.LiveBytes
                < (tooDead ? (segment.PlannedEnd - HeaderBytes) / 2 : _options.SegmentBytes / 4);

        int best = -1;
        for (int i = 0; i < candidates; i++)
        {
            if (IsSparse(segments[i]) && segments[i].Index.LiveReferences > 0
                && (best < 0 || segments[i].Index.LiveBytes < segments[best].Index.LiveBytes))
            {
                best = i;
            }
        }

        if (best < 0)
        {
            return [];
        }

        int first = best;
        int last = best;
        long bytes = segments[best].Index.LiveBytes;
        long limit = _options.SegmentBytes / 10 * 9;
        while (last + 1 < candidates && IsSparse(segments[last + 1]) && FitTogether(segments[first], segments[last + 1])
            && bytes + segments[last + 1].Index.LiveBytes <= limit)
        {
            bytes += segments[++last].Index.LiveBytes;
        }

        while (first > 0 && IsSparse(segments[first - 1]) && FitTogether(segments[first - 1], segments[last])
            && bytes + segments[first - 1].Index.LiveBytes <= limit)
        {
            bytes += segments[--first].Index.LiveBytes;
        }

        var run = new List<Segment>();
        for (int i = first; i <= last; i++)
        {
            run.Add(segments[i]);
        }

        return tooDead || run.Count > 1 ? run : [];
    }

    // An index counts LSNs from its segment's first in 32 bits.
    private static bool FitTogether(Segment first, Segment last) => last.LastLsn - first.FirstLsn <= uint.MaxValue;

    private Segment? Copy(List<Segment> run, List<(Segment From, int Record)> survivors)
    {
        ulong number = _files.NextNumber();
        var copy = new Segment
        {
            Number = number,
            IsClosed = true,
            IsCompacted = true,
            FirstLsn = run[0].FirstLsn,
            LastLsn = run[^1].LastLsn,
        };
        copy.File = _files.Create(copy.FileName, SegmentHeader.Size, header: null);
        try
        {
            if (!TryCopyRecords(copy, survivors))
            {
                Abandon(copy);
                return null;
            }

            copy.File.DataSync();
            byte[] header = new byte[SegmentHeader.Size];
            (_files.Header(number) with
            {
                Flags = SegmentHeader.CompactedFlag,
                FirstLsn = copy.FirstLsn,
                LastLsn = copy.LastLsn,
            }).Write(header);
            copy.File.Write(0, header);
            copy.File.DataSync();
            copy.CommittedEnd = copy.PlannedEnd;
            copy.Allocated = copy.PlannedEnd;

            byte[] sidecar = SidecarFile.Write(
                copy.Index,
                copy.Index.Owners,
                number,
                copy.PlannedEnd,
                _files.Identity,
                OwnerIdOf,
                DefinitionReader.Read(_memory.Lock, copy, _files.Identity.RecordSeed),
                isCompacted: true);
            _files.WriteAtomically(Segment.NameOf(number, ".idx"), sidecar);
            _files.Disk.SyncDirectory(_files.Directory);
            copy.IsSealed = true;
            return copy;
        }
        catch
        {
            Abandon(copy);
            throw;
        }
    }

    private bool TryCopyRecords(Segment copy, List<(Segment From, int Record)> survivors)
    {
        uint recordSeed = _files.Identity.RecordSeed;
        var batch = new CopyBatch(copy, _files.Identity.SegmentSeed(copy.Number));
        byte[] scratch = new byte[64 * 1024];
        foreach ((Segment from, int position) in survivors)
        {
            long offset = from.Index.OffsetAt(position);
            ulong lsn = from.Index.LsnAt(position);
            if (!TryRead(from, offset, lsn, recordSeed, ref scratch, out RecordView record))
            {
                from.IsDamaged = true;
                _report(new DamageReport(
                    DamageKind.DamagedRecord, from.FileName, offset, lsn, lsn, "found while compacting; the segment is left as it is"));
                return false;
            }

            if (batch.Length + record.Bytes.Length > BatchBytes)
            {
                batch.Flush();
            }

            AddRow(copy.Index, from.Index, position, record, batch.NextOffset);
            batch.Add(record);
        }

        batch.Flush();
        return true;
    }

    // A sector that cannot be read concerns its record; the log goes on.
    private static bool TryRead(
        Segment from, long offset, ulong lsn, uint recordSeed, ref byte[] scratch, out RecordView record)
    {
        try
        {
            return RecordBytes.TryRead(from.File!, offset, lsn, recordSeed, ref scratch, out record);
        }
        catch (Exception error) when (LogFiles.IsDiskError(error))
        {
            record = default;
            return false;
        }
    }

    private void AddRow(SegmentIndex to, SegmentIndex from, int position, RecordView record, long offset)
    {
        to.Add(
            record.Lsn,
            offset,
            new SidecarRow
            {
                PayloadLength = (uint)record.PayloadLength,
                Type = (byte)record.Type,
                Flags = record.Flags,
                OwnerCount = (ushort)record.OwnerCount,
                TagA = record.TagA,
                TagB = record.TagB,
            },
            from.KeepsOnPurge(position));
        lock (_memory.Lock)
        {
            int end = from.FirstReference(position + 1);
            for (int r = from.FirstReference(position); r < end; r++)
            {
                bool live = from.IsLive(r);
                to.AddReference(live ? from.Owners[r] : OwnerTable.Nobody, live);
            }
        }

        to.RecordAdded();
    }

    // What was given back while the copy was written is given back in the copy too.
    private void Adopt(Segment copy, List<Segment> run, List<(Segment From, int Record)> survivors)
    {
        for (int i = 0; i < survivors.Count; i++)
        {
            (Segment from, int record) = survivors[i];
            int source = from.Index.FirstReference(record);
            int end = copy.Index.FirstReference(i + 1);
            for (int r = copy.Index.FirstReference(i); r < end; r++, source++)
            {
                if (!from.Index.IsLive(source))
                {
                    if (copy.Index.IsLive(r))
                    {
                        copy.Index.Clear(i, r);
                    }
                }
                else if (from.Index.AnnotationAt(source) is > 0 and uint value)
                {
                    copy.Index.Annotate(r, value);
                }
            }
        }

        copy.Index.Seal();
        int first = _memory.Segments.IndexOf(run[0]);
        _memory.Segments.Replace(first, run.Count, copy);
    }

    private void Abandon(Segment copy)
    {
        copy.Release();
        _files.Delete(Segment.NameOf(copy.Number, ".idx"));
        _files.Delete(copy.FileName);
    }

    private ulong OwnerIdOf(uint number)
    {
        lock (_memory.Lock)
        {
            return _memory.Owners[number].Id;
        }
    }
}
