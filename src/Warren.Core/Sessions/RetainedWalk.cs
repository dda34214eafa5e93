using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using Warren.Core.Exchanges;

namespace Warren.Core.Sessions;

/// <summary>Goes through the topics that match a pattern, step by step.</summary>
/// <remarks>
/// Not thread-safe, but the tree may change meanwhile, and no lock is needed: who publishes does not wait for who
/// subscribes to everything. A topic that stays is met once, one that comes or goes once or not at all. Each node is
/// entered with all places of the pattern it may stand at together, so a <c>#</c> before a word needs no memory of where
/// the walk has been. What it takes itself is a few bytes for each level.
/// </remarks>
internal sealed class RetainedWalk
{
    private readonly List<byte[]> _steps;
    private readonly int _width; // of a set of places, in words of 64 bits
    private Level[] _levels = new Level[8];
    private ulong[] _places;
    private int _depth;

    /// <summary>A walk that has not begun.</summary>
    /// <param name="root">Where topics begin.</param>
    /// <param name="pattern">Words, <c>*</c> for one, <c>#</c> for any number; at the front neither stands for one that begins with <c>$</c>.</param>
    public RetainedWalk(RetainedNode root, ReadOnlySpan<byte> pattern)
    {
        _steps = TopicPattern.Steps(pattern.ToArray());
        _width = (_steps.Count / 64) + 1;
        _places = new ulong[_levels.Length * _width];
        Add(PlacesAt(0), 0);
        Enter(root, matchesAll: false);
    }

    /// <summary>The next topic, which may have no message.</summary>
    /// <returns>False at the end.</returns>
    public bool TryNext([NotNullWhen(true)] out RetainedNode? node)
    {
        while (_depth > 0)
        {
            ref Level level = ref _levels[_depth - 1];
            if (!level.TryNext(out node))
            {
                _depth--;
                continue;
            }

            bool isFirst = _depth == 1;
            bool matchesAll = level.MatchesAll;
            if (!matchesAll)
            {
                Span<ulong> places = PlacesAt(_depth);
                places.Clear();
                bool mayBeAny = !isFirst || node.Word is not [(byte)'$', ..];
                Follow(PlacesAt(_depth - 1), node.Word, mayBeAny, places);
                if (places.IndexOfAnyExcept(0UL) < 0)
                {
                    continue;
                }

                // Behind a # that is the last step, nothing has to be compared.
                matchesAll = _steps.Count > 0 && ReferenceEquals(_steps[^1], TopicPattern.Any) && Has(places, _steps.Count - 1);
            }

            bool matches = matchesAll || Has(PlacesAt(_depth), _steps.Count);
            Enter(node, matchesAll);
            if (matches)
            {
                return true;
            }
        }

        node = null;
        return false;
    }

    private static bool Has(ReadOnlySpan<ulong> places, int place) => (places[place / 64] & (1UL << (place % 64))) != 0;

    private Span<ulong> PlacesAt(int depth) => _places.AsSpan(depth * _width, _width);

    // Its places are there already.
    private void Enter(RetainedNode node, bool matchesAll)
    {
        if (node.Children is not { } children)
        {
            return;
        }

        var level = new Level { MatchesAll = matchesAll };
        if (matchesAll || HasWildcard(PlacesAt(_depth), out int place))
        {
            level.Children = children.Walk();
        }
        else if (place >= _steps.Count || !children.TryGet(_steps[place], out level.Only))
        {
            return;
        }

        _levels[_depth++] = level;
        if (_depth == _levels.Length)
        {
            Array.Resize(ref _levels, _depth * 2);
            Array.Resize(ref _places, _depth * 2 * _width);
        }
    }

    // Without a wildcard there is one place: several come from a #, which stays among them.
    private bool HasWildcard(ReadOnlySpan<ulong> places, out int place)
    {
        place = _steps.Count;
        for (int i = 0; i < places.Length; i++)
        {
            for (ulong left = places[i]; left != 0; left &= left - 1)
            {
                place = (i * 64) + BitOperations.TrailingZeroCount(left);
                if (place < _steps.Count && (ReferenceEquals(_steps[place], TopicPattern.Any) || ReferenceEquals(_steps[place], TopicPattern.One)))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private void Follow(ReadOnlySpan<ulong> from, byte[] word, bool mayBeAny, Span<ulong> to)
    {
        for (int i = 0; i < from.Length; i++)
        {
            for (ulong left = from[i]; left != 0; left &= left - 1)
            {
                int place = (i * 64) + BitOperations.TrailingZeroCount(left);
                if (place == _steps.Count)
                {
                    continue;
                }

                byte[] step = _steps[place];
                if (ReferenceEquals(step, TopicPattern.Any))
                {
                    if (mayBeAny)
                    {
                        Add(to, place);
                    }
                }
                else if (ReferenceEquals(step, TopicPattern.One) ? mayBeAny : step.AsSpan().SequenceEqual(word))
                {
                    Add(to, place + 1);
                }
            }
        }
    }

    // A # may stand for no word, so who is before it is behind it, too.
    private void Add(Span<ulong> places, int place)
    {
        places[place / 64] |= 1UL << (place % 64);
        if (place < _steps.Count && ReferenceEquals(_steps[place], TopicPattern.Any))
        {
            places[(place + 1) / 64] |= 1UL << ((place + 1) % 64);
        }
    }

    // The children of a node that are still to be looked at.
    private struct Level
    {
        public Utf8Map<RetainedNode>.Cursor Children;
        public RetainedNode? Only; // instead of the others
        public bool MatchesAll;

        public bool TryNext([NotNullWhen(true)] out RetainedNode? node)
        {
            node = Only;
            Only = null;
            return node is not null || Children.TryNext(out node);
        }
    }
}
