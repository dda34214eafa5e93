using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Warren.Storage.Paging;

/// <summary>Which bytes of a page file are taken: extents, each with the count of its live bytes.</summary>
/// <remarks>
/// Not thread-safe: the page file's lock. An extent is free when nothing in it is alive and it is not being filled; a free
/// one is hollow when its blocks were given back to the file system. Low extents are used first, so that the end of the
/// file becomes free.
/// </remarks>
internal sealed class PageExtents
{
    private readonly int _size;
    private readonly List<Extent> _extents = [];
    private int _filling = -1; // the extent being filled
    private int _last = -1; // the last that belongs to what is being filled: a body may take several
    private int _used; // bytes taken of the one being filled, dead ones included
    private int _firstFree; // none before it is free

    internal PageExtents(int size) => _size = size;

    /// <summary>Bytes of the extents there are, hollow ones included.</summary>
    internal long Length => (long)_extents.Count * _size;

    /// <summary>Bytes of the extents that take room on the disk.</summary>
    internal long SolidBytes { get; private set; }

    /// <summary>Bytes taken and not given back.</summary>
    internal long LiveBytes { get; private set; }

    /// <summary>Where the next bytes go, when there is room.</summary>
    internal long NextPosition => ((long)_filling * _size) + _used;

    /// <summary>Whether any bytes were taken of an extent that is being filled.</summary>
    internal bool HasBegun => _used > 0;

    /// <summary>Whether that many bytes fit where the last ones went.</summary>
    internal bool HasRoom(long length) => _filling >= 0 && length <= _size - _used;

    /// <summary>Begins the extent being filled again, if nothing in it is alive.</summary>
    internal bool TryRewind()
    {
        bool dead = _filling >= 0 && _used > 0 && _extents[_filling].Live == 0;
        _used = dead ? 0 : _used;
        return dead;
    }

    /// <summary>Finds room for that many bytes in a row; first where it costs the disk nothing.</summary>
    internal PageRun Find(long length)
    {
        int count = checked((int)((length + _size - 1) / _size));
        while (_firstFree < _extents.Count && !IsFree(_firstFree))
        {
            _firstFree++;
        }

        return TryFind(count, hollowToo: false, out PageRun run) || TryFind(count, hollowToo: true, out run)
            ? run
            : AtEnd(count);
    }

    /// <summary>Goes on in a run that <see cref="Find"/> found.</summary>
    internal void Enter(PageRun run)
    {
        Leave();
        while (_extents.Count < run.First + run.Count)
        {
            _extents.Add(new Extent { IsHollow = true });
        }

        for (int i = run.First; i < run.First + run.Count; i++)
        {
            if (At(i).IsHollow)
            {
                At(i).IsHollow = false;
                SolidBytes += _size;
            }
        }

        _filling = run.First;
        _last = run.First + run.Count - 1;
    }

    /// <summary>Frees what <see cref="Enter"/> holds for bytes that did not come.</summary>
    internal void Unreserve()
    {
        if (_last > _filling)
        {
            _firstFree = Math.Min(_firstFree, _filling + 1);
            _last = _filling;
        }
    }

    /// <summary>Takes the bytes at <see cref="NextPosition"/>.</summary>
    internal void Take(long length)
    {
        LiveBytes += length;
        while (length > 0)
        {
            if (_used == _size)
            {
                _filling++;
                _used = 0;
            }

            Debug.Assert(_filling <= _last, "more bytes than the run has room for");
            int part = (int)Math.Min(length, _size - _used);
            At(_filling).Live += part;
            _used += part;
            length -= part;
        }
    }

    internal void Release(long position, long length)
    {
        LiveBytes -= length;
        while (length > 0)
        {
            int extent = (int)(position / _size);
            int part = (int)Math.Min(length, ((long)(extent + 1) * _size) - position);
            int live = At(extent).Live -= part;
            Debug.Assert(live >= 0, "bytes of a page file released twice");
            if (live == 0)
            {
                _firstFree = Math.Min(_firstFree, extent);
            }

            position += part;
            length -= part;
        }
    }

    /// <summary>Leaves the extent being filled.</summary>
    internal void Leave()
    {
        if (_filling >= 0)
        {
            _firstFree = Math.Min(_firstFree, _filling);
        }

        _filling = _last = -1;
        _used = 0;
    }

    /// <summary>Forgets free extents at the end until no more than so many bytes of free ones take room on the disk.</summary>
    internal void CutEnd(long keepBytes)
    {
        long free = FreeBytes();
        int count = _extents.Count;
        while (count > 0 && IsFree(count - 1) && (At(count - 1).IsHollow || free > keepBytes))
        {
            count--;
            if (!At(count).IsHollow)
            {
                free -= _size;
                SolidBytes -= _size;
            }
        }

        _extents.RemoveRange(count, _extents.Count - count);
        _firstFree = Math.Min(_firstFree, count);
    }

    /// <summary>The free extents, the last ones first, whose blocks are more than so many bytes.</summary>
    internal List<int> Excess(long keepBytes)
    {
        var excess = new List<int>();
        long free = FreeBytes();
        for (int i = _extents.Count - 1; i >= 0 && free > keepBytes; i--)
        {
            if (IsFree(i) && !At(i).IsHollow)
            {
                excess.Add(i);
                free -= _size;
            }
        }

        return excess;
    }

    /// <summary>The blocks of a free extent went back to the file system.</summary>
    internal void MarkHollow(int extent)
    {
        Debug.Assert(IsFree(extent) && !At(extent).IsHollow, "only a free extent becomes hollow, once");
        At(extent).IsHollow = true;
        SolidBytes -= _size;
    }

    /// <summary>Forgets every extent. Nothing may be alive.</summary>
    internal void Clear()
    {
        Debug.Assert(LiveBytes == 0, "clearing extents with live bytes");
        Leave();
        _extents.Clear();
        _firstFree = 0;
        SolidBytes = 0;
    }

    private ref Extent At(int extent) => ref CollectionsMarshal.AsSpan(_extents)[extent];

    private bool IsFree(int extent) => _extents[extent].Live == 0 && (extent < _filling || extent > _last);

    private long FreeBytes()
    {
        long free = 0;
        for (int i = _firstFree; i < _extents.Count; i++)
        {
            free += IsFree(i) && !_extents[i].IsHollow ? _size : 0;
        }

        return free;
    }

    private bool TryFind(int count, bool hollowToo, out PageRun run)
    {
        int length = 0;
        long hollow = 0;
        for (int i = _firstFree; i < _extents.Count; i++)
        {
            bool fits = IsFree(i) && (hollowToo || !_extents[i].IsHollow);
            length = fits ? length + 1 : 0;
            hollow = !fits ? 0 : _extents[i].IsHollow ? hollow + 1 : hollow;
            if (length == count)
            {
                run = new PageRun(i - count + 1, count, hollow * _size);
                return true;
            }
        }

        run = default;
        return false;
    }

    // The free extents the file ends with, and as many new ones as it takes.
    private PageRun AtEnd(int count)
    {
        int first = _extents.Count;
        long solid = 0;
        while (first > 0 && _extents.Count - first < count && IsFree(first - 1))
        {
            first--;
            solid += _extents[first].IsHollow ? 0 : 1;
        }

        return new PageRun(first, count, (count - solid) * _size);
    }

    private struct Extent
    {
        public int Live; // bytes
        public bool IsHollow;
    }
}
