namespace Warren.Protocols.Mqtt;

/// <summary>How much of something happens in a minute, averaged over one, five and fifteen minutes with fading weights.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class LoadAverage
{
    private static readonly int[] Minutes = [1, 5, 15];

    private readonly double[] _averages = new double[Minutes.Length];
    private long _last;

    /// <summary>The averages over one, five and fifteen minutes, per minute.</summary>
    public IReadOnlyList<double> Averages => _averages;

    /// <summary>Takes the count in as it stands, so many seconds after the last time.</summary>
    public void Update(long count, double seconds)
    {
        if (seconds <= 0)
        {
            return;
        }

        double perMinute = (count - _last) * 60 / seconds;
        _last = count;
        for (int i = 0; i < Minutes.Length; i++)
        {
            double weight = Math.Exp(-seconds / 60 / Minutes[i]);
            _averages[i] = perMinute + (weight * (_averages[i] - perMinute));
        }
    }
}
