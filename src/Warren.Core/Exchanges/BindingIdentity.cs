using Warren.Buffers.Fields;

namespace Warren.Core.Exchanges;

/// <summary>What tells the bindings of one exchange apart: destination, key and arguments in any order.</summary>
internal readonly struct BindingIdentity : IEquatable<BindingIdentity>
{
    private readonly RoutingTarget _destination;
    private readonly string _key;
    private readonly FieldTable _arguments;
    private readonly int _hash;

    public BindingIdentity(RoutingTarget destination, string key, FieldTable arguments)
    {
        _destination = destination;
        _key = key;
        _arguments = arguments;
        _hash = HashCode.Combine(destination, key, HashOf(arguments));
    }

    public BindingIdentity(Binding binding)
        : this(binding.Destination, binding.Key, binding.Arguments)
    {
    }

    public bool Equals(BindingIdentity other) =>
        ReferenceEquals(_destination, other._destination)
        && string.Equals(_key, other._key, StringComparison.Ordinal)
        && _arguments.Equals(other._arguments);

    public override bool Equals(object? obj) => obj is BindingIdentity other && Equals(other);

    public override int GetHashCode() => _hash;

    // A sum, because equal tables may be in different order.
    private static int HashOf(FieldTable arguments)
    {
        int sum = 0;
        foreach (KeyValuePair<string, FieldValue> field in arguments.Fields)
        {
            sum = unchecked(sum + HashCode.Combine(field.Key, field.Value));
        }

        return sum;
    }
}
