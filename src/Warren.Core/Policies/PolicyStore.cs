using System.Collections.Concurrent;
using System.Collections.Immutable;
using Warren.Core.Arguments;
using Warren.Storage.Metadata;

namespace Warren.Core.Policies;

/// <summary>The policies of all virtual hosts, kept in the metadata store and read from memory.</summary>
/// <remarks>Thread-safe: reading takes no lock, changes come one at a time and are durable when they return.</remarks>
public sealed class PolicyStore
{
    private const string UserPrefix = "policies/";
    private const string OperatorPrefix = "operator-policies/";

    private readonly IMetadataStore _store;
    private readonly Lock _writer = new();

    // The policies of a virtual host, best first.
    private readonly ConcurrentDictionary<(string VirtualHost, bool IsOperators), ImmutableArray<Policy>> _policies = new();

    /// <summary>Loads what is stored.</summary>
    /// <exception cref="InvalidDataException">A stored policy is damaged.</exception>
    public PolicyStore(IMetadataStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
        Load(UserPrefix, isOperators: false);
        Load(OperatorPrefix, isOperators: true);
    }

    /// <summary>A policy has changed; called by the writer, in order.</summary>
    internal event Action<string, PolicyChange>? Changed;

    /// <summary>The policies of a virtual host, best first.</summary>
    public ImmutableArray<Policy> Of(string virtualHost, bool isOperators) =>
        _policies.TryGetValue((virtualHost, isOperators), out ImmutableArray<Policy> found) ? found : [];

    /// <summary>All policies of all virtual hosts.</summary>
    public IEnumerable<Policy> All(bool isOperators) =>
        _policies.Where(p => p.Key.IsOperators == isOperators).SelectMany(static p => p.Value);

    /// <summary>The policy of that name, if there is one.</summary>
    public Policy? Find(string virtualHost, string name, bool isOperators)
    {
        foreach (Policy policy in Of(virtualHost, isOperators))
        {
            if (string.Equals(policy.Name, name, StringComparison.Ordinal))
            {
                return policy;
            }
        }

        return null;
    }

    /// <summary>Adds or replaces a policy.</summary>
    /// <returns>True when there was none of that name.</returns>
    /// <exception cref="IOException">It could not be stored; nothing has changed.</exception>
    public bool Put(Policy policy, bool isOperators)
    {
        ArgumentNullException.ThrowIfNull(policy);
        lock (_writer)
        {
            Policy? old = Find(policy.VirtualHost, policy.Name, isOperators);
            _store.Put(KeyOf(policy.VirtualHost, policy.Name, isOperators), PolicyRecords.Write(policy));
            Replace(policy.VirtualHost, old, policy, isOperators);
            Changed?.Invoke(policy.VirtualHost, new PolicyChange(old, policy, isOperators));
            return old is null;
        }
    }

    /// <summary>Removes a policy.</summary>
    /// <returns>False when there was none.</returns>
    public bool Remove(string virtualHost, string name, bool isOperators)
    {
        lock (_writer)
        {
            if (Find(virtualHost, name, isOperators) is not { } old)
            {
                return false;
            }

            _store.Delete(KeyOf(virtualHost, name, isOperators));
            Replace(virtualHost, old, null, isOperators);
            Changed?.Invoke(virtualHost, new PolicyChange(old, null, isOperators));
            return true;
        }
    }

    /// <summary>Removes the policies of a virtual host that is going away.</summary>
    internal void RemoveVirtualHost(string virtualHost)
    {
        lock (_writer)
        {
            foreach (bool isOperators in (ReadOnlySpan<bool>)[false, true])
            {
                foreach (Policy policy in Of(virtualHost, isOperators))
                {
                    _store.Delete(KeyOf(virtualHost, policy.Name, isOperators));
                }

                _policies.TryRemove((virtualHost, isOperators), out _);
            }
        }
    }

    /// <summary>The policies for a queue.</summary>
    internal AppliedPolicies ForQueue(string virtualHost, string name, QueueKind kind) => new(
        BestForQueue(virtualHost, name, kind, isOperators: false), BestForQueue(virtualHost, name, kind, isOperators: true));

    /// <summary>The policies for an exchange.</summary>
    internal AppliedPolicies ForExchange(string virtualHost, string name) => new(
        BestForExchange(virtualHost, name, isOperators: false), BestForExchange(virtualHost, name, isOperators: true));

    internal Policy? BestForQueue(string virtualHost, string name, QueueKind kind, bool isOperators)
    {
        foreach (Policy policy in Of(virtualHost, isOperators))
        {
            if (policy.MatchesQueue(name, kind))
            {
                return policy;
            }
        }

        return null;
    }

    internal Policy? BestForExchange(string virtualHost, string name, bool isOperators)
    {
        foreach (Policy policy in Of(virtualHost, isOperators))
        {
            if (policy.MatchesExchange(name))
            {
                return policy;
            }
        }

        return null;
    }

    private void Load(string prefix, bool isOperators)
    {
        foreach (MetadataEntry entry in _store.List(prefix))
        {
            string[] names = [.. entry.Key[prefix.Length..].Split('/').Select(Uri.UnescapeDataString)];
            Replace(names[0], null, PolicyRecords.Read(names[0], names[1], entry.Value), isOperators);
        }
    }

    private void Replace(string virtualHost, Policy? old, Policy? now, bool isOperators)
    {
        ImmutableArray<Policy> rest = Of(virtualHost, isOperators);
        rest = old is null ? rest : rest.Remove(old);
        if (now is not null)
        {
            int at = 0;
            while (at < rest.Length && rest[at].WinsOver(now))
            {
                at++;
            }

            rest = rest.Insert(at, now);
        }

        _policies[(virtualHost, isOperators)] = rest;
    }

    private static string KeyOf(string virtualHost, string name, bool isOperators) =>
        $"{(isOperators ? OperatorPrefix : UserPrefix)}{Uri.EscapeDataString(virtualHost)}/{Uri.EscapeDataString(name)}";
}
