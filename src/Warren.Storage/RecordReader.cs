using System.Buffers;
using Warren.Storage.Format;
using Warren.Storage.Log;
using Warren.Storage.Memory;

namespace Warren.Storage;

/// <summary>Reads payloads back, ahead of the reader when it reads in order.</summary>
/// <remarks>Not thread-safe: one per queue or thread. Holds a buffer from the first read until <see cref="Rest"/>.</remarks>
public sealed class RecordReader : IDisposable
{
    private const int AheadBytes = 256 * 1024;
    private const int SingleBytes = 16 * 1024;
    private const int KeptBytes = 4 * AheadBytes; // a larger buffer serves one read

    private readonly LogMemory _memory;
    private readonly Func<ulong> _committedLsn;
    private readonly Action<DamageReport> _report;
    private readonly uint _recordSeed;
    private byte[]? _window;
    private bool _isPooled;
    private Segment? _windowSegment;
    private long _windowOffset;
    private int _windowLength;
    private ulong _lastLsn;

    internal RecordReader(LogMemory memory, Func<ulong> committedLsn, Action<DamageReport> report, uint recordSeed)
    {
        _memory = memory;
        _committedLsn = committedLsn;
        _report = report;
        _recordSeed = recordSeed;
    }

    /// <summary>Bytes of a record's payload, or -1 when nobody holds it. No I/O.</summary>
    public int PayloadLength(ulong lsn)
    {
        lock (_memory.Lock)
        {
            return _memory.TryLocate(lsn, out _, out _, out int length, out bool isLive) && isLive ? length : -1;
        }
    }

    /// <summary>Copies the payload of a committed record after checking it.</summary>
    /// <param name="lsn">The record.</param>
    /// <param name="destination">At least as long as the payload.</param>
    public RecordReadResult TryRead(ulong lsn, Span<byte> destination)
    {
        Segment segment;
        long offset;
        int length;
        lock (_memory.Lock)
        {
            if (!_memory.TryLocate(lsn, out segment, out offset, out length, out bool isLive) || !isLive)
            {
                return RecordReadResult.Gone;
            }

            if (lsn > _committedLsn())
            {
                return RecordReadResult.NotCommitted;
            }

            segment.Retain();
        }

        try
        {
            if (destination.Length < length)
            {
                throw new ArgumentException($"record {lsn} has {length} bytes", nameof(destination));
            }

            return Read(segment, offset, lsn, length, destination);
        }
        catch (Exception error) when (LogFiles.IsDiskError(error))
        {
            return RecordReadResult.IOError;
        }
        finally
        {
            segment.Release();
        }
    }

    /// <summary>Gives the buffer back until the next read.</summary>
    public void Rest()
    {
        if (_window is not null)
        {
            if (_isPooled)
            {
                ArrayPool<byte>.Shared.Return(_window);
            }

            _window = null;
            _windowSegment = null;
            _windowLength = 0;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Rest();

    private RecordReadResult Read(Segment segment, long offset, ulong lsn, int length, Span<byte> destination)
    {
        if (!IsInWindow(segment, offset, out RecordView record))
        {
            // Room for the references: small ones by guess, large ones after the first look.
            bool inOrder = lsn > _lastLsn && lsn - _lastLsn < 4096;
            int wanted = RecordView.HeaderSize + length + 256;
            Fill(segment, offset, Math.Max(wanted, inOrder ? AheadBytes : SingleBytes));
            if (!IsInWindow(segment, offset, out record))
            {
                Fill(segment, offset, wanted + (ushort.MaxValue * 3 * Varint.MaxSize));
                if (!IsInWindow(segment, offset, out record))
                {
                    return Damaged(segment, offset, lsn);
                }
            }
        }

        _lastLsn = lsn;
        if (record.Lsn != lsn || record.PayloadLength != length || !record.IsIntact(_recordSeed))
        {
            return Damaged(segment, offset, lsn);
        }

        record.Payload.CopyTo(destination);
        if (_window!.Length > KeptBytes)
        {
            Rest();
        }

        return RecordReadResult.Ok;
    }

    private bool IsInWindow(Segment segment, long offset, out RecordView record)
    {
        record = default;
        return ReferenceEquals(segment, _windowSegment) && offset >= _windowOffset
            && offset < _windowOffset + _windowLength
            && RecordView.TryCut(_window.AsSpan(0, _windowLength)[(int)(offset - _windowOffset)..], out record);
    }

    // Only bytes that are committed, because those never change.
    private void Fill(Segment segment, long offset, int wanted)
    {
        int length = (int)Math.Min(wanted, segment.CommittedEnd - offset);
        if (_window is null || _window.Length < length)
        {
            Rest();
            _isPooled = length <= KeptBytes;
            _window = _isPooled
                ? ArrayPool<byte>.Shared.Rent(Math.Max(length, SingleBytes))
                : GC.AllocateUninitializedArray<byte>(length);
        }

        _windowSegment = null;
        _windowLength = segment.File!.Read(offset, _window.AsSpan(0, Math.Max(0, length)));
        _windowOffset = offset;
        _windowSegment = segment;
    }

    private RecordReadResult Damaged(Segment segment, long offset, ulong lsn)
    {
        _windowSegment = null;
        segment.IsDamaged = true;
        _report(new DamageReport(DamageKind.DamagedRecord, segment.FileName, offset, lsn, lsn, "the record's bytes on the disk are wrong"));
        return RecordReadResult.Damaged;
    }
}
