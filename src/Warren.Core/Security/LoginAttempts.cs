using System.Collections.Concurrent;

namespace Warren.Core.Security;

/// <summary>Counts logins by protocol.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class LoginAttempts
{
    private readonly ConcurrentDictionary<string, (long Succeeded, long Failed)> _counts = new(StringComparer.Ordinal);

    /// <summary>The counts of each protocol that anybody has used, since the start or the last <see cref="Reset"/>.</summary>
    public IEnumerable<KeyValuePair<string, (long Succeeded, long Failed)>> All => _counts;

    /// <summary>Somebody has tried.</summary>
    /// <param name="protocol">One of the few names the broker gives its protocols.</param>
    /// <param name="succeeded">Whether it was let in.</param>
    public void Count(string protocol, bool succeeded) => _counts.AddOrUpdate(
        protocol,
        static (_, s) => s ? (1, 0) : (0, 1),
        static (_, old, s) => s ? (old.Succeeded + 1, old.Failed) : (old.Succeeded, old.Failed + 1),
        succeeded);

    /// <summary>Begins again from nothing.</summary>
    public void Reset() => _counts.Clear();
}
