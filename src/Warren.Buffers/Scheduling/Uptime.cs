namespace Warren.Buffers.Scheduling;

/// <summary>A moment of the monotonic clock: what every time-out of a running broker is reckoned in.</summary>
/// <remarks>
/// A type of its own, so that it cannot be mixed up with Unix time: somebody who sets the wall clock moves the one and
/// not the other. Means nothing outside this process and is never stored.
/// </remarks>
/// <param name="Ms">Milliseconds since some moment before the start.</param>
public readonly record struct Uptime(long Ms) : IComparable<Uptime>
{
    /// <summary>Later than everything.</summary>
    public static readonly Uptime Never = new(long.MaxValue);

    /// <summary>Now, by the monotonic clock of a provider.</summary>
    public static Uptime Of(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        (long seconds, long rest) = Math.DivRem(time.GetTimestamp(), time.TimestampFrequency);
        return new Uptime((seconds * 1000) + (rest * 1000 / time.TimestampFrequency));
    }

    /// <summary>The moment so many milliseconds later; <see cref="Never"/> when there is none.</summary>
    public static Uptime operator +(Uptime at, long ms) =>
        at == Never || (ms > 0 && at.Ms > long.MaxValue - ms) ? Never : new Uptime(at.Ms + ms);

    /// <summary>Milliseconds from <paramref name="earlier"/> to <paramref name="later"/>; at most what a long holds.</summary>
    public static long operator -(Uptime later, Uptime earlier)
    {
        long ms = unchecked(later.Ms - earlier.Ms);
        bool wrapped = ((later.Ms ^ earlier.Ms) & (later.Ms ^ ms)) < 0;
        return !wrapped ? ms : later > earlier ? long.MaxValue : long.MinValue;
    }

    /// <inheritdoc cref="CompareTo"/>
    public static bool operator <(Uptime left, Uptime right) => left.Ms < right.Ms;

    /// <inheritdoc cref="CompareTo"/>
    public static bool operator >(Uptime left, Uptime right) => left.Ms > right.Ms;

    /// <inheritdoc cref="CompareTo"/>
    public static bool operator <=(Uptime left, Uptime right) => left.Ms <= right.Ms;

    /// <inheritdoc cref="CompareTo"/>
    public static bool operator >=(Uptime left, Uptime right) => left.Ms >= right.Ms;

    /// <summary>The earlier of two.</summary>
    public static Uptime Min(Uptime a, Uptime b) => a.Ms < b.Ms ? a : b;

    /// <inheritdoc/>
    public int CompareTo(Uptime other) => Ms.CompareTo(other.Ms);
}
