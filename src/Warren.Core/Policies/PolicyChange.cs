namespace Warren.Core.Policies;

/// <summary>A policy came, changed or went.</summary>
/// <param name="Old">What was there; null: nothing.</param>
/// <param name="New">What is there now; null: nothing.</param>
/// <param name="IsOperators">Whether it is an operator policy.</param>
internal readonly record struct PolicyChange(Policy? Old, Policy? New, bool IsOperators)
{
    /// <summary>Whether what is in force somewhere is gone or has changed.</summary>
    public bool Touches(Policy? current) => current is not null && ReferenceEquals(current, Old);
}
