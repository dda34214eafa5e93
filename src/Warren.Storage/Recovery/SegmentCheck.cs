using Warren.Storage.Format;
using Warren.Storage.Memory;

namespace Warren.Storage.Recovery;

/// <summary>Reads every record of a segment that somebody holds and compares it with its checksum.</summary>
/// <remarks>One thread. Reads the file in pieces of 1 MiB and keeps nothing; the index is looked at under the append lock.</remarks>
internal sealed class SegmentCheck
{
    private const int WindowBytes = 1 << 20;
    private const int Lot = 512; // records looked up at once

    private readonly Segment _segment;
    private readonly Lock? _lock;
    private readonly uint _recordSeed;
    private readonly List<(ulong Lsn, long Offset, int Record)> _lot = [];
    private byte[] _window = [];
    private long _windowAt;
    private int _windowLength;
    private int _next;

    /// <param name="segment">The segment.</param>
    /// <param name="lock">What guards its index; null while the log is being opened.</param>
    /// <param name="recordSeed">Seed of the records' checksums.</param>
    internal SegmentCheck(Segment segment, Lock? @lock, uint recordSeed)
    {
        _segment = segment;
        _lock = @lock;
        _recordSeed = recordSeed;
    }

    /// <summary>Records that were wrong so far, in neighbouring runs: first and last LSN, offset of the first, how many.</summary>
    internal List<(ulong First, ulong Last, long Offset, long Count)> Wrong { get; } = [];

    /// <summary>Bytes read so far.</summary>
    internal long BytesRead { get; private set; }

    /// <summary>Checks some more records; false when there are none left.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    internal bool Step()
    {
        Gather();
        foreach ((ulong lsn, long offset, _) in _lot)
        {
            if (!IsIntact(offset, lsn))
            {
                Note(lsn, offset);
            }
        }

        return _lot.Count > 0;
    }

    /// <summary>Checks all of them.</summary>
    internal void Run()
    {
        while (Step())
        {
        }
    }

    private void Gather()
    {
        _lot.Clear();
        _lock?.Enter();
        try
        {
            for (; _next < _segment.Index.Count && _lot.Count < Lot; _next++)
            {
                if (_segment.Index.AnyLive(_next))
                {
                    _lot.Add((_segment.Index.LsnAt(_next), _segment.Index.OffsetAt(_next), _next));
                }
            }
        }
        finally
        {
            _lock?.Exit();
        }
    }

    private bool IsIntact(long offset, ulong lsn)
    {
        if (!TryCut(offset, out RecordView record))
        {
            Fill(offset, WindowBytes);
            if (!TryCut(offset, out record))
            {
                long length = LengthAt(offset);
                if (length <= WindowBytes)
                {
                    return false;
                }

                Fill(offset, (int)length);
                if (!TryCut(offset, out record))
                {
                    return false;
                }
            }
        }

        return record.Lsn == lsn && record.IsIntact(_recordSeed);
    }

    // Of a large record, as far as the file can hold it.
    private long LengthAt(long offset)
    {
        if (offset < _windowAt || offset + sizeof(uint) > _windowAt + _windowLength)
        {
            return 0;
        }

        uint length = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(_window.AsSpan((int)(offset - _windowAt)));
        return length <= RecordView.MaxLength && RecordView.Padded((int)length) <= _segment.File!.Length - offset
            ? RecordView.Padded((int)length)
            : 0;
    }

    private bool TryCut(long offset, out RecordView record)
    {
        record = default;
        return offset >= _windowAt && offset < _windowAt + _windowLength
            && RecordView.TryCut(_window.AsSpan(0, _windowLength)[(int)(offset - _windowAt)..], out record);
    }

    private void Fill(long offset, int wanted)
    {
        if (_window.Length < wanted || (_window.Length > WindowBytes && wanted <= WindowBytes))
        {
            _window = GC.AllocateUninitializedArray<byte>(wanted);
        }

        _windowLength = _segment.File!.Read(offset, _window.AsSpan(0, wanted));
        _windowAt = offset;
        BytesRead += _windowLength;
    }

    private void Note(ulong lsn, long offset)
    {
        if (Wrong.Count > 0 && Wrong[^1] is var run && IsNext(run.Last, lsn))
        {
            Wrong[^1] = (run.First, lsn, run.Offset, run.Count + 1);
        }
        else
        {
            Wrong.Add((lsn, lsn, offset, 1));
        }
    }

    // No record in between was intact, because none was held.
    private bool IsNext(ulong last, ulong lsn) => lsn == last + 1 || _lot.FindIndex(r => r.Lsn == lsn) is > 0 and int at && _lot[at - 1].Lsn == last;
}
