using Warren.Storage.Format;
using Warren.Storage.Log;
using Warren.Storage.Memory;

namespace Warren.Storage.Recovery;

/// <summary>Hands every live record to the core, with its tags, which only the sidecars and fresh scans have.</summary>
internal sealed class LiveRecords
{
    private readonly LogMemory _memory;
    private readonly LogFiles _files;
    private readonly RecordReader _reader;
    private ulong[] _owners = new ulong[16];
    private uint[] _annotations = new uint[16];
    private DefinitionCopies _copies = DefinitionCopies.Empty;
    private byte[] _sidecar = [];

    internal LiveRecords(LogMemory memory, LogFiles files, RecordReader reader)
    {
        _memory = memory;
        _files = files;
        _reader = reader;
    }

    internal void Visit(IRecoveryVisitor visitor)
    {
        // A visitor may give references back, which changes the segments' counters but not their list.
        Segment[] segments = [.. _memory.Segments];
        foreach (Segment segment in segments)
        {
            if (segment.Index.LiveReferences == 0)
            {
                continue;
            }

            SidecarFile? sidecar = segment.Index.HasRows ? null : Sidecar(segment);
            _copies = sidecar?.Definitions ?? segment.Copies ?? DefinitionCopies.Empty;
            for (int i = 0; i < segment.Index.Count; i++)
            {
                if (segment.Index.AnyLive(i))
                {
                    Visit(visitor, segment.Index, i, sidecar is null ? segment.Index.RowAt(i) : sidecar.Rows[i]);
                }
            }
        }

        _reader.Dispose();
    }

    private SidecarFile Sidecar(Segment segment)
    {
        string name = Segment.NameOf(segment.Number, ".idx");
        return SidecarFile.TryRead(_files.ReadAll(name, ref _sidecar), segment.Number, _files.Identity)
            ?? throw new StorageException($"'{name}' changed while it was read");
    }

    private void Visit(IRecoveryVisitor visitor, SegmentIndex index, int record, SidecarRow row)
    {
        if (!Enum.IsDefined((RecordType)row.Type))
        {
            return;
        }

        int first = index.FirstReference(record);
        int end = index.FirstReference(record + 1);
        if (end - first > _owners.Length)
        {
            _owners = new ulong[end - first];
            _annotations = new uint[end - first];
        }

        int live = 0;
        for (int r = first; r < end; r++)
        {
            if (index.IsLive(r))
            {
                _owners[live] = _memory.Owners[index.Owners[r]].Id;
                _annotations[live++] = index.AnnotationAt(r);
            }
        }

        visitor.OnRecord(new RecoveredRecord
        {
            Lsn = index.LsnAt(record),
            Type = (RecordType)row.Type,
            Flags = row.Flags,
            TagA = row.TagA,
            TagB = row.TagB,
            PayloadLength = index.PayloadLengthAt(record),
            Owners = _owners.AsSpan(0, live),
            Annotations = _annotations.AsSpan(0, live),
            Reader = _reader,
            Copy = _copies.Count > 0 && _copies.TryFind(record, out ReadOnlyMemory<byte> copy) ? copy : default,
        });
    }
}
