using Warren.Core.Arguments;
using Warren.Core.Security;

namespace Warren.Core.Policies;

/// <summary>Settings for every queue or exchange of a virtual host whose name matches a pattern.</summary>
/// <remarks>Thread-safe. Of several that match, the one with the highest priority applies; of those the first by name.</remarks>
public sealed class Policy
{
    private readonly PermissionPattern _pattern;

    /// <summary>A policy as given; <see cref="PolicyRules"/> has checked it.</summary>
    public Policy(
        string virtualHost, string name, string pattern, PolicyTarget applyTo, PolicyDefinition definition, int priority)
    {
        VirtualHost = virtualHost;
        Name = name;
        Pattern = pattern;
        ApplyTo = applyTo;
        Definition = definition;
        Priority = priority;
        _pattern = new PermissionPattern(pattern.Length == 0 ? ".*" : pattern); // searched, so nothing is everywhere
    }

    /// <summary>The virtual host it belongs to.</summary>
    public string VirtualHost { get; }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>A regular expression, searched anywhere in a name.</summary>
    public string Pattern { get; }

    /// <summary>What it applies to.</summary>
    public PolicyTarget ApplyTo { get; }

    /// <summary>What it sets.</summary>
    public PolicyDefinition Definition { get; }

    /// <summary>Higher wins.</summary>
    public int Priority { get; }

    /// <summary>Whether a queue of that name and type is meant.</summary>
    public bool MatchesQueue(string name, QueueKind kind) => PolicyTargets.Covers(ApplyTo, kind) && _pattern.IsMatchOnce(name);

    /// <summary>Whether an exchange of that name is meant.</summary>
    public bool MatchesExchange(string name) => PolicyTargets.CoversExchanges(ApplyTo) && _pattern.IsMatchOnce(name);

    /// <summary>Whether this one applies where both match.</summary>
    public bool WinsOver(Policy? other) =>
        other is null
        || Priority > other.Priority
        || (Priority == other.Priority && string.CompareOrdinal(Name, other.Name) < 0);
}
