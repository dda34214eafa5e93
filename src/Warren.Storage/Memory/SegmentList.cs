using System.Collections;

namespace Warren.Storage.Memory;

/// <summary>The segments in LSN order; their ranges never overlap.</summary>
/// <remarks>Not thread-safe: the append lock.</remarks>
internal sealed class SegmentList : IReadOnlyList<Segment>
{
    private readonly List<Segment> _segments = [];
    private int _hint;

    public int Count => _segments.Count;

    internal Segment Last => _segments[^1];

    /// <summary>How often segments were replaced or removed.</summary>
    internal long Replacements { get; private set; }

    public Segment this[int index] => _segments[index];

    internal void Add(Segment segment) => _segments.Add(segment);

    /// <summary>Replaces neighbours by one segment, or by nothing.</summary>
    internal void Replace(int first, int count, Segment? by)
    {
        _segments.RemoveRange(first, count);
        if (by is not null)
        {
            _segments.Insert(first, by);
        }

        _hint = 0;
        Replacements++;
    }

    internal int IndexOf(Segment segment) => _segments.IndexOf(segment);

    /// <summary>The segment whose range holds the LSN.</summary>
    internal bool TryFind(ulong lsn, out Segment segment)
    {
        if (_hint < _segments.Count)
        {
            segment = _segments[_hint];
            if (Holds(segment, lsn))
            {
                return true;
            }
        }

        int found = IndexFrom(lsn);
        if (found < _segments.Count && Holds(_segments[found], lsn))
        {
            _hint = found;
            segment = _segments[found];
            return true;
        }

        segment = _segments[^1];
        return false;
    }

    /// <summary>Position of the first segment whose last LSN is not below <paramref name="lsn"/>; an empty one is the last.</summary>
    internal int IndexFrom(ulong lsn)
    {
        int low = 0;
        int high = _segments.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_segments[middle].Index.Count > 0 && _segments[middle].LastLsn < lsn)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    public IEnumerator<Segment> GetEnumerator() => _segments.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static bool Holds(Segment segment, ulong lsn) =>
        segment.Index.Count > 0 && lsn >= segment.FirstLsn && lsn <= segment.LastLsn;
}
