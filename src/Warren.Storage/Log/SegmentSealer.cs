using Warren.Storage.Format;
using Warren.Storage.Memory;

namespace Warren.Storage.Log;

/// <summary>Cuts closed segments to their length and writes their sidecars.</summary>
/// <remarks>The keeper's lock.</remarks>
internal sealed class SegmentSealer
{
    private readonly LogMemory _memory;
    private readonly LogFiles _files;

    internal SegmentSealer(LogMemory memory, LogFiles files)
    {
        _memory = memory;
        _files = files;
    }

    /// <summary>Seals what is closed and committed; false when nothing was.</summary>
    /// <exception cref="IOException">No space, or the disk failed.</exception>
    internal bool SealClosed(ulong committedLsn)
    {
        var closed = new List<Segment>();
        lock (_memory.Lock)
        {
            foreach (Segment segment in _memory.Segments)
            {
                if (segment is { IsClosed: true, IsSealed: false } && segment.LastLsn <= committedLsn)
                {
                    closed.Add(segment);
                }
            }
        }

        foreach (Segment segment in closed)
        {
            SealSegment(segment);
        }

        return closed.Count > 0;
    }

    /// <summary>
    /// Leaves a sidecar for the segment that was written last, after a stop's checkpoint: should it be damaged until the next
    /// start, that knows what was in it.
    /// </summary>
    internal bool LeaveSidecar()
    {
        Segment? last = null;
        lock (_memory.Lock)
        {
            last = _memory.Segments[^1] is { IsSealed: false, Index: { Count: > 0, HasRows: true }, ReservedName: null } open ? open : last;
        }

        if (last is not null)
        {
            WriteSidecar(last);
        }

        return last is not null;
    }

    private void WriteSidecar(Segment segment)
    {
        uint[] references;
        lock (_memory.Lock)
        {
            references = segment.Index.Owners.ToArray();
        }

        byte[] sidecar = SidecarFile.Write(
            segment.Index,
            references,
            segment.Number,
            segment.PlannedEnd,
            _files.Identity,
            OwnerIdOf,
            DefinitionReader.Read(_memory.Lock, segment, _files.Identity.RecordSeed),
            segment.IsCompacted);
        _files.WriteAtomically(Segment.NameOf(segment.Number, ".idx"), sidecar);
    }

    private void SealSegment(Segment segment)
    {
        if (segment.Allocated > segment.PlannedEnd)
        {
            segment.File!.SetLength(segment.PlannedEnd);
            segment.Allocated = segment.PlannedEnd;
        }

        WriteSidecar(segment);
        lock (_memory.Lock)
        {
            segment.Index.Seal();
            segment.IsSealed = true;
            _memory.Owners.SealedThroughLsn = Math.Max(_memory.Owners.SealedThroughLsn, segment.LastLsn);
        }
    }

    private ulong OwnerIdOf(uint number)
    {
        lock (_memory.Lock)
        {
            return _memory.Owners[number].Id;
        }
    }
}
