using System.Diagnostics;
using Warren.Buffers;

namespace Warren.Transport;

/// <summary>The bytes a connection has read and its session has not yet used: one span, in a block held only while needed.</summary>
/// <remarks>Not thread-safe: the read loop's.</remarks>
internal sealed class ReadBuffer
{
    // |  used  |    unread    |    free    |
    // 0      _start         _end     block length

    private readonly BlockPool _blocks;
    private Block? _block;
    private int _start;
    private int _end;

    internal ReadBuffer(BlockPool blocks) => _blocks = blocks;

    internal ReadOnlySpan<byte> Unread => _block is null ? default : _block.Bytes.AsSpan(_start, _end - _start);

    /// <summary>Room to read into; at least one byte, because the caller calls <see cref="TryMakeRoom"/> after each use.</summary>
    internal Memory<byte> Free(int limit)
    {
        _block ??= _blocks.Rent(BlockPool.MediumSize);
        int capacity = Capacity(limit);
        Debug.Assert(_end < capacity, "no room to read into");
        return _block.Bytes.AsMemory(_end, capacity - _end);
    }

    internal bool IsEmpty => _start == _end;

    internal void Filled(int bytes) => _end += bytes;

    internal void Used(int bytes)
    {
        _start += bytes;
        if (_start == _end)
        {
            _start = 0;
            _end = 0;
        }
    }

    /// <summary>Makes sure that there is room behind the unread bytes, by moving them or into a larger block.</summary>
    /// <param name="limit">Bytes that may be unread at a time.</param>
    /// <param name="mayGrow">False when the session is expected to use what is there without more.</param>
    /// <returns>False when the limit is reached.</returns>
    internal bool TryMakeRoom(int limit, bool mayGrow)
    {
        if (_block is null)
        {
            return true;
        }

        // Moving early costs a copy of little and saves reads into the last few bytes.
        int capacity = Capacity(limit);
        bool cramped = capacity - _end < capacity / 4 && _end - _start < capacity / 2;
        if (_start > 0 && (cramped || _end == capacity))
        {
            MoveTo(_block);
        }

        if (_end < capacity || !mayGrow)
        {
            return true;
        }

        if (_end >= limit)
        {
            return false;
        }

        Block larger = _blocks.Rent(Math.Min(limit, _block.Bytes.Length * 2));
        Block smaller = _block;
        MoveTo(larger);
        _blocks.Return(smaller);
        return true;
    }

    /// <summary>Gives the block back if nothing is unread.</summary>
    internal void DropIfEmpty()
    {
        if (_start == _end)
        {
            Drop();
        }
    }

    /// <summary>Gives the block back, and with it what is unread.</summary>
    internal void Drop()
    {
        if (_block is not null)
        {
            _blocks.Return(_block);
            _block = null;
            _start = 0;
            _end = 0;
        }
    }

    private int Capacity(int limit) => Math.Min(_block!.Bytes.Length, Math.Max(limit, BlockPool.MediumSize));

    private void MoveTo(Block target)
    {
        Unread.CopyTo(target.Bytes);
        _end -= _start;
        _start = 0;
        _block = target;
    }
}
