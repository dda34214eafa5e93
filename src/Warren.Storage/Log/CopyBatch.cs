using Warren.Buffers;
using Warren.Storage.Format;
using Warren.Storage.Memory;

namespace Warren.Storage.Log;

/// <summary>Collects copied records into batches of a new segment. Records keep their bytes; LSNs may have gaps.</summary>
internal sealed class CopyBatch
{
    private readonly Segment _segment;
    private readonly uint _segmentSeed;
    private byte[] _buffer = new byte[256 * 1024];
    private ulong _baseLsn;
    private uint _records;
    private uint _bodyCrc;

    internal CopyBatch(Segment segment, uint segmentSeed)
    {
        _segment = segment;
        _segmentSeed = segmentSeed;
    }

    internal int Length { get; private set; } = BatchHeader.Size;

    /// <summary>Where the next record added will be.</summary>
    internal long NextOffset => _segment.PlannedEnd + Length;

    internal void Add(RecordView record)
    {
        if (_buffer.Length - Length < record.Bytes.Length)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + record.Bytes.Length));
        }

        record.Bytes.CopyTo(_buffer.AsSpan(Length));
        Length += record.Bytes.Length;
        _bodyCrc = Crc32C.Compute(record.Frame, _bodyCrc);
        if (_records++ == 0)
        {
            _baseLsn = record.Lsn;
        }
    }

    /// <summary>Writes what was collected; does not sync.</summary>
    internal void Flush()
    {
        if (_records == 0)
        {
            return;
        }

        _segment.ChainCrc = new BatchHeader
        {
            Length = (uint)Length,
            BaseLsn = _baseLsn,
            Epoch = 1,
            RecordCount = _records,
            Flags = BatchHeader.CompactedFlag,
            PreviousCrc = _segment.ChainCrc,
            BodyCrc = _bodyCrc,
        }.Write(_buffer, _segmentSeed);
        _segment.File!.Write(_segment.PlannedEnd, _buffer.AsSpan(0, Length));
        _segment.PlannedEnd += Length;
        Length = BatchHeader.Size;
        _records = 0;
        _bodyCrc = 0;
    }
}
