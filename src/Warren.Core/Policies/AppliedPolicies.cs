namespace Warren.Core.Policies;

/// <summary>The policies in force for one queue or exchange.</summary>
/// <param name="User">The policy of highest priority that matches; null: none does.</param>
/// <param name="Operators">The same of the operator policies.</param>
public sealed record AppliedPolicies(Policy? User, Policy? Operators)
{
    /// <summary>No policy.</summary>
    public static AppliedPolicies None { get; } = new(null, null);

    /// <summary>What both together set.</summary>
    public PolicyDefinition Effective { get; } = PolicyDefinition.Merge(User?.Definition, Operators?.Definition);

    /// <summary>The one of the two kinds.</summary>
    internal Policy? Of(bool isOperators) => isOperators ? Operators : User;

    /// <summary>The same with another policy of one kind.</summary>
    internal AppliedPolicies With(Policy? policy, bool isOperators) =>
        isOperators ? new AppliedPolicies(User, policy) : new AppliedPolicies(policy, Operators);
}
