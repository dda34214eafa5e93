namespace Warren.Core.Security;

/// <summary>Who tried to log in.</summary>
/// <param name="Protocol">One of the few names the broker gives its protocols.</param>
/// <param name="RemoteAddress">Where it came from.</param>
/// <param name="UserName">The name that was given, known or not; the beginning of a long one.</param>
public readonly record struct LoginSource(string Protocol, string RemoteAddress, string UserName);

/// <summary>How often.</summary>
/// <param name="Succeeded">And was let in.</param>
/// <param name="Failed">And was not.</param>
public readonly record struct LoginCounts(long Succeeded, long Failed)
{
    /// <summary>Both.</summary>
    public long Total => Succeeded + Failed;
}

/// <summary>Counts logins by protocol and by source.</summary>
/// <remarks>
/// Thread-safe. Anybody can come from anywhere under any name: only so many sources are remembered, and who has not come
/// for the longest time is forgotten first.
/// </remarks>
public sealed class LoginAttempts
{
    /// <summary>Sources remembered.</summary>
    public const int MostSources = 1024;

    private const int NameMax = 255; // characters

    private readonly Lock _lock = new(); // guards everything below
    private readonly Dictionary<string, LoginCounts> _protocols = new(StringComparer.Ordinal);
    private readonly Dictionary<LoginSource, LinkedListNode<(LoginSource Source, LoginCounts Counts)>> _sources = [];
    private readonly LinkedList<(LoginSource Source, LoginCounts Counts)> _latest = new(); // who came last is first

    /// <summary>The counts of each protocol that anybody has used, since the start or the last <see cref="Reset"/>.</summary>
    public IReadOnlyList<KeyValuePair<string, LoginCounts>> ByProtocol()
    {
        lock (_lock)
        {
            return [.. _protocols.OrderBy(static p => p.Key, StringComparer.Ordinal)];
        }
    }

    /// <summary>The counts of each source remembered; who came last is first.</summary>
    public IReadOnlyList<(LoginSource Source, LoginCounts Counts)> BySource()
    {
        lock (_lock)
        {
            return [.. _latest];
        }
    }

    /// <summary>Somebody has tried.</summary>
    public void Count(in LoginSource source, bool succeeded)
    {
        LoginSource kept = source.UserName.Length <= NameMax ? source : source with { UserName = source.UserName[..NameMax] };
        lock (_lock)
        {
            _protocols[kept.Protocol] = Add(_protocols.GetValueOrDefault(kept.Protocol), succeeded);
            if (_sources.TryGetValue(kept, out LinkedListNode<(LoginSource Source, LoginCounts Counts)>? known))
            {
                known.Value = (kept, Add(known.Value.Counts, succeeded));
                _latest.Remove(known);
                _latest.AddFirst(known);
                return;
            }

            if (_sources.Count == MostSources)
            {
                _sources.Remove(_latest.Last!.Value.Source);
                _latest.RemoveLast();
            }

            _sources.Add(kept, _latest.AddFirst((kept, Add(default, succeeded))));
        }
    }

    /// <summary>Begins again from nothing.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            _protocols.Clear();
            _sources.Clear();
            _latest.Clear();
        }
    }

    private static LoginCounts Add(LoginCounts counts, bool succeeded) => succeeded
        ? counts with { Succeeded = counts.Succeeded + 1 }
        : counts with { Failed = counts.Failed + 1 };
}
