using System.Diagnostics;

namespace Warren.Storage.Paging;

/// <summary>Which bytes of a page file are taken: extents, each with the count of its live bytes.</summary>
/// <remarks>Not thread-safe: the page file's lock.</remarks>
internal sealed class PageExtents
{
    private readonly int _size;
    private readonly List<int> _live = []; // live bytes per extent
    private readonly Stack<int> _free = new(); // extents without live bytes, but for the one being filled
    private int _filling = -1;
    private int _used; // bytes taken of the one being filled, dead ones included
    private int _reserved; // extents behind it, for a body larger than one

    internal PageExtents(int size) => _size = size;

    internal int Count => _live.Count;

    internal long LiveBytes { get; private set; }

    /// <summary>Where the next bytes go, when there is room.</summary>
    internal long NextPosition => ((long)_filling * _size) + _used;

    internal static long RoundUp(long length, int size) => (length + size - 1) / size * size;

    /// <summary>Whether that many bytes fit where the last ones went.</summary>
    internal bool HasRoom(int length) => _filling >= 0 && length <= _size - _used;

    /// <summary>Goes on in a free extent.</summary>
    internal bool TryReuse(int length)
    {
        if (length > _size)
        {
            return false;
        }

        Leave();
        if (!_free.TryPop(out int extent))
        {
            return false;
        }

        _filling = extent;
        return true;
    }

    /// <summary>Goes on behind the last extent, in as many as it takes.</summary>
    internal void Append(int length)
    {
        Leave();
        _filling = _live.Count;
        for (long added = 0; added < length; added += _size)
        {
            _live.Add(0);
        }

        _reserved = _live.Count - _filling - 1;
    }

    /// <summary>Frees what <see cref="Append"/> reserved for bytes that did not come.</summary>
    internal void Unreserve()
    {
        for (; _reserved > 0; _reserved--)
        {
            _free.Push(_filling + _reserved);
        }
    }

    /// <summary>Takes the bytes at <see cref="NextPosition"/>.</summary>
    internal void Take(int length)
    {
        LiveBytes += length;
        while (length > 0)
        {
            if (_used == _size)
            {
                _filling++;
                _reserved--;
                _used = 0;
            }

            int part = Math.Min(length, _size - _used);
            _live[_filling] += part;
            _used += part;
            length -= part;
        }
    }

    internal void Release(long position, int length)
    {
        LiveBytes -= length;
        while (length > 0)
        {
            int extent = (int)(position / _size);
            int part = (int)Math.Min(length, ((long)(extent + 1) * _size) - position);
            _live[extent] -= part;
            Debug.Assert(_live[extent] >= 0, "bytes of a page file released twice");
            if (_live[extent] == 0 && extent != _filling)
            {
                _free.Push(extent);
            }

            position += part;
            length -= part;
        }
    }

    /// <summary>Forgets everything; only when nothing is alive.</summary>
    internal void Clear()
    {
        Debug.Assert(LiveBytes == 0, "clearing extents with live bytes");
        _live.Clear();
        _free.Clear();
        _filling = -1;
        _used = 0;
    }

    /// <summary>Forgets the free extents at the end.</summary>
    internal void RemoveFreeEnd()
    {
        int count = _live.Count;
        while (count > 0 && _live[count - 1] == 0 && count - 1 != _filling)
        {
            count--;
        }

        if (count < _live.Count)
        {
            _live.RemoveRange(count, _live.Count - count);
            int[] free = [.. _free.Where(extent => extent < count)];
            _free.Clear();
            Array.ForEach(free, _free.Push);
        }
    }

    private void Leave()
    {
        if (_filling >= 0 && _live[_filling] == 0)
        {
            _free.Push(_filling);
        }

        _filling = -1;
        _used = 0;
    }
}
