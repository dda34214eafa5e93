using System.Buffers;
using System.Buffers.Binary;
using Warren.Storage.Format;

namespace Warren.Storage.Recovery;

/// <summary>The bytes of a segment file through a window, so that a start never holds a whole segment.</summary>
/// <remarks>
/// One thread. A span it gives is good until the next call. The window grows to the largest batch or record asked for,
/// which the format bounds.
/// </remarks>
internal sealed class SegmentWindow : IDisposable
{
    private const int UsualBytes = 1 << 20;
    private const long MaxFileBytes = 1L << 30;

    private readonly IBlockFile _file;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(UsualBytes);
    private bool _isPooled = true;
    private long _start;
    private int _filled;

    /// <summary>Looks at a file, and closes it when done.</summary>
    internal SegmentWindow(IBlockFile file, string name)
    {
        _file = file;
        Length = file.Length;
        FileLength = Length;
        if (Length > MaxFileBytes)
        {
            throw new StorageException($"'{name}' has {Length} bytes, more than any file of a log");
        }
    }

    /// <summary>Bytes the file has.</summary>
    internal long FileLength { get; }

    /// <summary>Bytes that count.</summary>
    internal long Length { get; private set; }

    /// <summary>Leaves out what is behind an offset.</summary>
    internal void CutAt(long end) => Length = Math.Min(Length, end);

    /// <summary>The bytes of a range; fewer only at the end of the file.</summary>
    internal ReadOnlySpan<byte> Slice(long offset, int length)
    {
        ReadOnlySpan<byte> ahead = Ahead(offset, length);
        return ahead[..Math.Min(length, ahead.Length)];
    }

    /// <summary>Judges what begins at an offset; the span is the batch when there is one, whatever its state.</summary>
    internal BatchState Check(
        long offset, uint segmentSeed, uint recordSeed, out BatchHeader header, out ReadOnlySpan<byte> batch)
    {
        batch = default;
        if (!BatchHeader.TryRead(Slice(offset, BatchHeader.Size), segmentSeed, out header))
        {
            return BatchState.None;
        }

        batch = Slice(offset, (int)header.Length);
        return SegmentScanner.Check(batch, 0, segmentSeed, recordSeed, out header);
    }

    /// <summary>Offset of the next intact batch header at or after <paramref name="from"/>, a multiple of 8; or -1.</summary>
    internal long FindBatch(long from, uint segmentSeed)
    {
        long position = from;
        while (position <= Length - BatchHeader.Size)
        {
            ReadOnlySpan<byte> ahead = Ahead(position, BatchHeader.Size);
            int found = SegmentScanner.FindBatch(ahead, 0, segmentSeed);
            if (found >= 0)
            {
                return position + found;
            }

            position += Math.Max(8, ((ahead.Length - BatchHeader.Size) & ~7) + 8);
        }

        return -1;
    }

    /// <summary>Offset of the next intact record with an LSN in a range, looking at every multiple of 8; or -1.</summary>
    internal long FindRecord(long from, long end, ulong lowestLsn, ulong highestLsn, uint recordSeed)
    {
        for (long position = (from + 7) & ~7L; position <= end - RecordView.HeaderSize; position += 8)
        {
            ReadOnlySpan<byte> head = Slice(position, RecordView.HeaderSize);
            if (head.Length < RecordView.HeaderSize)
            {
                return -1;
            }

            ulong lsn = BinaryPrimitives.ReadUInt64LittleEndian(head[8..]);
            if (lsn >= lowestLsn && lsn <= highestLsn && TryCut(position, end, out RecordView record)
                && record.IsIntact(recordSeed))
            {
                return position;
            }
        }

        return -1;
    }

    /// <summary>Cuts the record that begins at an offset and ends before another; checks bounds only.</summary>
    internal bool TryCut(long offset, long end, out RecordView record)
    {
        record = default;
        ReadOnlySpan<byte> head = Slice(offset, RecordView.HeaderSize);
        if (head.Length < RecordView.HeaderSize)
        {
            return false;
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(head);
        return length <= RecordView.MaxLength && RecordView.Padded((int)length) <= end - offset
            && RecordView.TryCut(Slice(offset, RecordView.Padded((int)length)), out record);
    }

    /// <summary>Offset behind the last byte that is not zero at or after <paramref name="from"/>, or <paramref name="from"/>.</summary>
    internal long FindEnd(long from)
    {
        long end = from;
        long position = from;
        while (position < Length)
        {
            ReadOnlySpan<byte> ahead = Ahead(position, 1);
            if (ahead.IsEmpty)
            {
                break;
            }

            int last = ahead.LastIndexOfAnyExcept((byte)0);
            end = last < 0 ? end : position + last + 1;
            position += ahead.Length;
        }

        return end;
    }

    /// <summary>Copies a range to the start of another file.</summary>
    internal void CopyTo(IBlockFile target, long from, long end)
    {
        for (long position = from; position < end;)
        {
            ReadOnlySpan<byte> part = Slice(position, (int)Math.Min(UsualBytes, end - position));
            if (part.IsEmpty)
            {
                return;
            }

            target.Write(position - from, part);
            position += part.Length;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Return();
        _file.Dispose();
    }

    // From the offset to the end of the window: at least that many bytes unless the file ends before.
    private ReadOnlySpan<byte> Ahead(long offset, int atLeast)
    {
        int wanted = (int)Math.Clamp(Length - offset, 0, atLeast);
        if (wanted == 0)
        {
            return [];
        }

        if (offset < _start || offset + wanted > _start + _filled)
        {
            Fill(offset, wanted);
        }

        long end = Math.Min(_start + _filled, Length);
        return end <= offset ? [] : _buffer.AsSpan((int)(offset - _start), (int)(end - offset));
    }

    private void Fill(long offset, int wanted)
    {
        if (_buffer.Length < wanted)
        {
            Return();
            _buffer = GC.AllocateUninitializedArray<byte>(wanted);
        }
        else if (!_isPooled && wanted <= UsualBytes)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(UsualBytes);
            _isPooled = true;
        }

        int length = (int)Math.Clamp(Length - offset, 0, _buffer.Length);
        _start = offset;
        _filled = _file.Read(offset, _buffer.AsSpan(0, length));
        if (_filled < length)
        {
            Length = offset + _filled;
        }
    }

    // A buffer that had to grow is not kept by the pool.
    private void Return()
    {
        if (_isPooled)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _isPooled = false;
        _buffer = [];
    }
}
