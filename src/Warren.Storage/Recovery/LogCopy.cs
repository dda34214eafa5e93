using System.Buffers.Binary;
using Warren.Storage.Format;
using Warren.Storage.Log;
using Warren.Storage.Memory;

namespace Warren.Storage.Recovery;

/// <summary>Writes records that were read elsewhere into a fresh log, as compacted segments and one checkpoint.</summary>
/// <remarks>One thread. Records come in LSN order and keep their LSNs, so that everything that names one goes on doing so.</remarks>
internal sealed class LogCopy
{
    private const int BatchBytes = 1 << 20;

    private readonly LogFiles _files;
    private readonly ShardLogOptions _options;
    private readonly OwnerTable _owners;
    private readonly List<Segment> _segments = [];
    private Segment? _segment;
    private CopyBatch? _batch;

    internal LogCopy(LogFiles files, ShardLogOptions options, OwnerTable owners)
    {
        _files = files;
        _options = options;
        _owners = owners;
    }

    /// <summary>Adds an intact record with those of its references that are live.</summary>
    internal void Add(SegmentIndex from, int position, RecordView record)
    {
        MakeRoom(record.Bytes.Length);
        var row = new SidecarRow
        {
            PayloadLength = (uint)record.PayloadLength,
            Type = (byte)record.Type,
            Flags = record.Flags,
            OwnerCount = (ushort)record.OwnerCount,
            TagA = record.TagA,
            TagB = record.TagB,
        };
        SegmentIndex to = _segment!.Index;
        to.Add(record.Lsn, _batch!.NextOffset, row, from.KeepsOnPurge(position));
        int end = from.FirstReference(position + 1);
        for (int r = from.FirstReference(position); r < end; r++)
        {
            bool live = from.IsLive(r);
            to.AddReference(live ? from.Owners[r] : OwnerTable.Nobody, live);
            if (live && from.AnnotationAt(r) is > 0 and uint value)
            {
                to.Annotate(to.ReferenceCount - 1, value);
            }
        }

        to.RecordAdded();
        _batch.Add(record);
    }

    /// <summary>Adds a record whose own bytes are damaged, made anew from what a sidecar tells of it.</summary>
    internal void Add(SegmentIndex from, int position, SidecarRow row, ReadOnlySpan<byte> payload)
    {
        byte[] bytes = new byte[RecordView.HeaderSize + ((row.OwnerCount + 1) * Varint.MaxSize) + payload.Length + 8];
        Span<byte> owners = bytes.AsSpan(RecordView.HeaderSize);
        int written = 0;
        ulong previous = 0;
        for (int r = from.FirstReference(position); r < from.FirstReference(position + 1); r++)
        {
            ulong owner = from.IsLive(r) ? _owners[from.Owners[r]].Id : 0;
            written += Varint.WriteDelta(owners[written..], previous, owner);
            previous = owner;
        }

        written += Varint.Write(owners[written..], 0);
        int offset = RecordView.HeaderSize + written;
        int length = offset + payload.Length;
        payload.CopyTo(bytes.AsSpan(offset));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)length);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), from.LsnAt(position));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), row.TagA);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(24), row.TagB);
        bytes[32] = row.Type;
        bytes[33] = row.Flags;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(34), row.OwnerCount);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(36), (uint)offset);
        Span<byte> padded = bytes.AsSpan(0, RecordView.Padded(length));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), RecordView.ComputeCrc(padded, _files.Identity.RecordSeed));
        if (RecordView.TryCut(padded, out RecordView record))
        {
            Add(from, position, record);
        }
    }

    /// <summary>Closes the last segment and writes the checkpoint: from now on it is a log.</summary>
    internal void Complete(ulong lastLsn)
    {
        CloseSegment();
        var snapshot = new CheckpointSnapshot
        {
            Lsn = lastLsn,
            Tail = new Segment { Number = _files.NextNumber(), ReservedName = "none" },
            UncertainThroughLsn = lastLsn,
        };
        foreach (Segment segment in _segments)
        {
            SegmentIndex index = segment.Index;
            snapshot.Segments.Add(new SegmentSnapshot
            {
                Segment = segment,
                FirstLsn = segment.FirstLsn,
                LastLsn = segment.LastLsn,
                End = segment.PlannedEnd,
                IsClosed = true,
                IsCompacted = true,
                References = index.ReferenceCount,
                Live = index.LiveReferences,
                Words = index.LiveReferences == index.ReferenceCount ? null : index.LiveWords.ToArray(),
                Annotations = [.. index.Annotations ?? new Dictionary<int, uint>()],
            });
            segment.Release();
        }

        new CheckpointWriter(_files, lastSequence: 0).Write(snapshot);
        _files.Disk.SyncDirectory(_files.Directory);
    }

    private void MakeRoom(int bytes)
    {
        if (_segment is not null && _batch!.NextOffset + bytes > _options.SegmentBytes && _segment.Index.Count > 0)
        {
            CloseSegment();
        }

        if (_segment is null)
        {
            ulong number = _files.NextNumber();
            _segment = new Segment { Number = number, IsClosed = true, IsCompacted = true };
            _segment.File = _files.Create(_segment.FileName, SegmentHeader.Size, header: null);
            _batch = new CopyBatch(_segment, _files.Identity.SegmentSeed(number));
        }
        else if (_batch!.Length + bytes > BatchBytes)
        {
            _batch.Flush();
        }
    }

    private void CloseSegment()
    {
        if (_segment is not { } segment)
        {
            return;
        }

        _batch!.Flush();
        segment.File!.DataSync();
        byte[] header = new byte[SegmentHeader.Size];
        (_files.Header(segment.Number) with
        {
            Flags = SegmentHeader.CompactedFlag,
            FirstLsn = segment.FirstLsn,
            LastLsn = segment.LastLsn,
        }).Write(header);
        segment.File.Write(0, header);
        segment.File.DataSync();
        var memory = new Lock();
        byte[] sidecar = SidecarFile.Write(
            segment.Index,
            segment.Index.Owners,
            segment.Number,
            segment.PlannedEnd,
            _files.Identity,
            number => _owners[number].Id,
            DefinitionReader.Read(memory, segment, _files.Identity.RecordSeed),
            isCompacted: true);
        _files.WriteAtomically(Segment.NameOf(segment.Number, ".idx"), sidecar);
        _segments.Add(segment);
        _segment = null;
    }
}
