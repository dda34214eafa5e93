namespace Warren.FaultTests.Disks;

/// <summary>Which disk call fails and how; counts through all lives of a broker.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class FaultPlan
{
    private const int InputOutputError = 5; // EIO
    private const int NoSpace = 28; // ENOSPC

    private readonly string[] _only;
    private long _calls;
    private int _isHealed;
    private string? _fired;

    /// <summary>Plans one fault.</summary>
    /// <param name="at">The number of the call, from 1; 0: none fails.</param>
    /// <param name="only">Counts only calls whose name and path contain these words, as <c>write paging</c>.</param>
    public FaultPlan(FaultKind kind, long at, string only = "") =>
        (Kind, At, _only) = (kind, at, only.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>What the call does.</summary>
    public FaultKind Kind { get; }

    /// <summary>The number of the call.</summary>
    public long At { get; }

    /// <summary>Disk calls so far.</summary>
    public long Calls => Interlocked.Read(ref _calls);

    /// <summary>The call that has failed, with its file; null when none has yet.</summary>
    public string? Fired => Volatile.Read(ref _fired);

    /// <summary>No call fails any more.</summary>
    public void Heal() => Volatile.Write(ref _isHealed, 1);

    /// <summary>Counts a call.</summary>
    /// <returns>How it has to fail; null when it has not.</returns>
    internal IOException? Next(string call, string path)
    {
        bool isCounted = Array.TrueForAll(_only, word => $"{call} {path}".Contains(word, StringComparison.Ordinal));
        long number = isCounted ? Interlocked.Increment(ref _calls) : 0;
        bool isDead = Kind == FaultKind.DeadDisk && Fired is not null;
        if ((!isDead && (number != At || !isCounted)) || Volatile.Read(ref _isHealed) != 0)
        {
            return null;
        }

        Interlocked.CompareExchange(ref _fired, $"{call} {path}", null);
        bool isFull = Kind is FaultKind.OutOfSpace or FaultKind.ShortWrite;
        return new IOException($"planned: {call} {path} ({Kind})") { HResult = isFull ? NoSpace : InputOutputError };
    }
}
