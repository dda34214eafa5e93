using System.Diagnostics;

namespace Warren.Buffers;

/// <summary>The segments of an output in sending order: a ring that grows and holds no array while it is trimmed.</summary>
/// <remarks>Not thread-safe: guarded by the output's lock.</remarks>
internal sealed class OutputSegments
{
    private const int FirstCapacity = 4; // a power of two, as every capacity

    private OutputSegment[] _ring = [];
    private int _head;

    /// <summary>Segments in the ring.</summary>
    internal int Count { get; private set; }

    /// <summary>The segment at a place counted from the oldest.</summary>
    internal ref OutputSegment this[int index]
    {
        get
        {
            Debug.Assert((uint)index < (uint)Count, "segment outside the ring");
            return ref _ring[(_head + index) & (_ring.Length - 1)];
        }
    }

    internal void Add(in OutputSegment segment)
    {
        if (Count == _ring.Length)
        {
            Grow();
        }

        Count++;
        this[Count - 1] = segment;
    }

    internal void RemoveOldest()
    {
        this[0] = default;
        _head = (_head + 1) & (_ring.Length - 1);
        Count--;
    }

    /// <summary>Gives the array up; only when empty.</summary>
    internal void Trim()
    {
        Debug.Assert(Count == 0, "trimming segments that wait");
        _ring = [];
        _head = 0;
    }

    private void Grow()
    {
        var ring = new OutputSegment[Math.Max(FirstCapacity, _ring.Length * 2)];
        for (int i = 0; i < Count; i++)
        {
            ring[i] = this[i];
        }

        _ring = ring;
        _head = 0;
    }
}
