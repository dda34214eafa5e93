using System.Diagnostics.CodeAnalysis;
using Warren.Core.Arguments;

namespace Warren.Core.Policies;

/// <summary>What a policy applies to (<c>apply-to</c>).</summary>
public enum PolicyTarget
{
    /// <summary><c>all</c>: queues of every type and exchanges.</summary>
    All,

    /// <summary><c>queues</c>: queues of every type.</summary>
    Queues,

    /// <summary><c>classic_queues</c>.</summary>
    ClassicQueues,

    /// <summary><c>quorum_queues</c>.</summary>
    QuorumQueues,

    /// <summary><c>streams</c>.</summary>
    Streams,

    /// <summary><c>exchanges</c>.</summary>
    Exchanges,
}

/// <summary>The names of <see cref="PolicyTarget"/> and what they cover.</summary>
public static class PolicyTargets
{
    /// <summary>Finds the target of a name.</summary>
    public static bool TryParse([NotNullWhen(true)] string? name, out PolicyTarget target)
    {
        PolicyTarget? found = name switch
        {
            "all" => PolicyTarget.All,
            "queues" => PolicyTarget.Queues,
            "classic_queues" => PolicyTarget.ClassicQueues,
            "quorum_queues" => PolicyTarget.QuorumQueues,
            "streams" => PolicyTarget.Streams,
            "exchanges" => PolicyTarget.Exchanges,
            _ => null,
        };
        target = found ?? PolicyTarget.All;
        return found is not null;
    }

    /// <summary>The name of a target.</summary>
    public static string NameOf(PolicyTarget target) => target switch
    {
        PolicyTarget.Queues => "queues",
        PolicyTarget.ClassicQueues => "classic_queues",
        PolicyTarget.QuorumQueues => "quorum_queues",
        PolicyTarget.Streams => "streams",
        PolicyTarget.Exchanges => "exchanges",
        _ => "all",
    };

    /// <summary>Whether exchanges are meant.</summary>
    public static bool CoversExchanges(PolicyTarget target) => target is PolicyTarget.All or PolicyTarget.Exchanges;

    /// <summary>Whether queues of a type are meant.</summary>
    public static bool Covers(PolicyTarget target, QueueKind kind) => target switch
    {
        PolicyTarget.All or PolicyTarget.Queues => true,
        PolicyTarget.ClassicQueues => kind == QueueKind.Classic,
        PolicyTarget.QuorumQueues => kind == QueueKind.Quorum,
        PolicyTarget.Streams => kind == QueueKind.Stream,
        _ => false,
    };
}
