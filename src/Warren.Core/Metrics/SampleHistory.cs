namespace Warren.Core.Metrics;

/// <summary>Numbers of one object as they were every few seconds, for rates and charts.</summary>
/// <remarks>
/// Thread-safe. Several rings with growing steps, so that a day takes as little room as ten minutes: what a step of the
/// coarser ring keeps is the sample at its end.
/// </remarks>
public sealed class SampleHistory
{
    private readonly Lock _lock = new();
    private readonly Ring[] _rings;

    /// <summary>A history of samples with so many numbers, kept for the spans given.</summary>
    public SampleHistory(int series, params ReadOnlySpan<SampleSpan> spans)
    {
        _rings = new Ring[spans.Length];
        for (int i = 0; i < spans.Length; i++)
        {
            _rings[i] = new Ring(series, spans[i]);
        }
    }

    /// <summary>Adds a sample. Times must not go back.</summary>
    /// <param name="timeMs">Unix time in milliseconds.</param>
    /// <param name="values">One number for each series.</param>
    public void Add(long timeMs, ReadOnlySpan<long> values)
    {
        lock (_lock)
        {
            foreach (Ring ring in _rings)
            {
                ring.Add(timeMs, values);
            }
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            foreach (Ring ring in _rings)
            {
                ring.Clear();
            }
        }
    }

    /// <summary>Change per second between the last two samples; 0 before there are two.</summary>
    public double RateOf(int series)
    {
        lock (_lock)
        {
            Ring finest = _rings[0];
            if (finest.Count < 2)
            {
                return 0;
            }

            (long earlier, long before) = finest.Last(1, series);
            (long later, long after) = finest.Last(0, series);
            return later > earlier ? (after - before) * 1000.0 / (later - earlier) : 0;
        }
    }

    /// <summary>The values of a series at the ends of equal steps, newest first.</summary>
    /// <param name="series">Which number.</param>
    /// <param name="nowMs">Unix time in milliseconds.</param>
    /// <param name="ageSeconds">How far back.</param>
    /// <param name="stepSeconds">The step.</param>
    public IReadOnlyList<Sample> Samples(int series, long nowMs, int ageSeconds, int stepSeconds)
    {
        long step = stepSeconds * 1000L;
        long newest = nowMs - (nowMs % step);
        var samples = new List<Sample>((ageSeconds / stepSeconds) + 1);
        lock (_lock)
        {
            Ring ring = RingFor(ageSeconds);
            int back = 0;
            for (int i = 0; i <= ageSeconds / stepSeconds; i++)
            {
                long at = newest - (i * step);
                while (back < ring.Count - 1 && ring.Last(back, series).TimeMs > at)
                {
                    back++;
                }

                samples.Add(new Sample(at, ring.Count == 0 ? 0 : ring.Last(back, series).Value));
            }
        }

        return samples;
    }

    private Ring RingFor(int ageSeconds)
    {
        foreach (Ring ring in _rings)
        {
            if (ring.Span.AgeSeconds >= ageSeconds)
            {
                return ring;
            }
        }

        return _rings[^1];
    }

    // Grows as it fills, because most objects do not live for ten minutes.
    private sealed class Ring(int series, SampleSpan span)
    {
        private const int FirstCapacity = 4;
        private const int JitterMs = 500; // a timer may be a little early

        private readonly int _most = (span.AgeSeconds / span.StepSeconds) + 1;
        private long[] _times = [];
        private long[] _values = [];
        private int _head;
        private long _nextMs;

        public SampleSpan Span => span;

        public int Count { get; private set; }

        public void Add(long timeMs, ReadOnlySpan<long> values)
        {
            if (timeMs < _nextMs - JitterMs)
            {
                return;
            }

            _nextMs = timeMs - (timeMs % (span.StepSeconds * 1000L)) + (span.StepSeconds * 1000L);
            if (Count == _times.Length && Count < _most)
            {
                Grow();
            }

            int at = (_head + Count) % _times.Length;
            if (Count == _times.Length)
            {
                _head = (_head + 1) % _times.Length;
            }
            else
            {
                Count++;
            }

            _times[at] = timeMs;
            values.CopyTo(_values.AsSpan(at * series, series));
        }

        public void Clear()
        {
            _times = [];
            _values = [];
            _head = 0;
            _nextMs = 0;
            Count = 0;
        }

        /// <summary>The sample that is <paramref name="back"/> before the last.</summary>
        public (long TimeMs, long Value) Last(int back, int index)
        {
            int at = (_head + Count - 1 - back) % _times.Length;
            return (_times[at], _values[(at * series) + index]);
        }

        private void Grow()
        {
            int larger = Math.Min(_most, Math.Max(FirstCapacity, _times.Length * 2));
            long[] times = new long[larger];
            long[] values = new long[larger * series];
            _times.CopyTo(times, 0); // never wrapped before it is as large as it gets
            _values.CopyTo(values, 0);
            _times = times;
            _values = values;
        }
    }
}

/// <summary>A number at a moment.</summary>
/// <param name="TimeMs">Unix time in milliseconds.</param>
/// <param name="Value">The number.</param>
public readonly record struct Sample(long TimeMs, long Value);

/// <summary>How long samples are kept, and how far apart.</summary>
/// <param name="AgeSeconds">How long.</param>
/// <param name="StepSeconds">How far apart.</param>
public readonly record struct SampleSpan(int AgeSeconds, int StepSeconds);
