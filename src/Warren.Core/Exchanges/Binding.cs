using Warren.Buffers.Fields;

namespace Warren.Core.Exchanges;

/// <summary>A way from an exchange to a queue or exchange. Two with the same key and arguments are one.</summary>
/// <param name="Source">Where messages come from.</param>
/// <param name="Destination">Where they go.</param>
/// <param name="Key">The binding key.</param>
/// <param name="Arguments">What a headers exchange matches.</param>
public sealed record Binding(Exchange Source, RoutingTarget Destination, string Key, FieldTable Arguments)
{
    /// <inheritdoc/>
    public bool Equals(Binding? other) => other is not null
        && ReferenceEquals(Source, other.Source)
        && ReferenceEquals(Destination, other.Destination)
        && Key == other.Key
        && Arguments.Equals(other.Arguments);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(
        System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(Destination), Key, Arguments.Count);
}
