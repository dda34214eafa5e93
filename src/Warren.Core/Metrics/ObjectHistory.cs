namespace Warren.Core.Metrics;

/// <summary>The history of one object of which there may be very many: nothing is kept while nothing happens.</summary>
/// <remarks>Sampled by one thread; read by any.</remarks>
public sealed class ObjectHistory
{
    private const int QuietMax = 120; // samples without a change after which the history is over

    private readonly int _series;
    private readonly int _least;
    private volatile SampleHistory? _history;
    private long[] _last = [];
    private long _seen;
    private int _quiet;

    /// <summary>A history of samples with so many numbers.</summary>
    /// <param name="series">How many.</param>
    /// <param name="least">How much has to happen before samples are kept: less is not worth the memory.</param>
    public ObjectHistory(int series, int least = 1)
    {
        _series = series;
        _least = least;
    }

    /// <summary>The samples; null: nothing has happened for ten minutes.</summary>
    public SampleHistory? Samples => _history;

    /// <summary>Change per second between the last two samples.</summary>
    public double RateOf(int series) => _history?.RateOf(series) ?? 0;

    /// <summary>Forgets the samples; the next one counts from here. On the thread that samples, or while it waits.</summary>
    internal void Clear() => _history = null;

    /// <summary>Whether a sample is worth taking.</summary>
    /// <param name="activity">A number that grows whenever something happens.</param>
    internal bool IsDue(long activity)
    {
        if (activity != _seen && (_history is not null || Math.Abs(activity - _seen) >= _least))
        {
            _seen = activity;
            _quiet = 0;
            return true;
        }

        if (_history is null)
        {
            return false;
        }

        if (++_quiet > QuietMax)
        {
            _history = null;
            return false;
        }

        return true;
    }

    /// <summary>Keeps a sample.</summary>
    /// <param name="nowMs">When it was taken.</param>
    /// <param name="values">Its numbers.</param>
    /// <param name="span">How long to keep samples.</param>
    internal void Add(long nowMs, ReadOnlySpan<long> values, SampleSpan span)
    {
        SampleHistory? history = _history;
        if (history is null)
        {
            // what there was before the first change has nowhere to be seen, but the change is a rate
            history = new SampleHistory(_series, span);
            Span<long> before = stackalloc long[_series];
            _last.AsSpan(0, Math.Min(_last.Length, _series)).CopyTo(before);
            history.Add(nowMs - (span.StepSeconds * 1000L), before);
            _history = history;
        }

        history.Add(nowMs, values);
        if (_last.Length != _series)
        {
            _last = new long[_series];
        }

        values.CopyTo(_last);
    }
}
