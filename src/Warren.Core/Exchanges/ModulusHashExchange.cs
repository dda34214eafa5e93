using System.Diagnostics;
using Warren.Buffers.Fields;
using Warren.Core.Arguments;

namespace Warren.Core.Exchanges;

/// <summary>Routes to the binding whose place is the hash of the routing key modulo the number of bindings.</summary>
/// <remarks>
/// The type of RabbitMQ's sharding. The bindings are in order of destination, key and arguments, so that keys stay where
/// they are over a restart and whatever the order of binding; another number of bindings moves nearly all of them.
/// Routing takes constant time and allocates nothing; binding and unbinding copy an array of all bindings.
/// </remarks>
public sealed class ModulusHashExchange : Exchange
{
    /// <summary>The type clients name.</summary>
    public const string TypeName = "x-modulus-hash";

    private static readonly Comparer<Binding> Order = Comparer<Binding>.Create(Compare);

    private Binding[] _bindings = []; // never changed, only replaced

    /// <summary>An exchange as declared.</summary>
    public ModulusHashExchange(ExchangeDeclaration declaration)
        : base(declaration)
    {
    }

    /// <summary>False: only the first key of a message counts.</summary>
    public override bool UsesRoutingKey => false;

    /// <inheritdoc/>
    public override void Route(in RoutingInput input, RouteSet routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        Binding[] bindings = Volatile.Read(ref _bindings);
        if (bindings.Length > 0)
        {
            routes.Add(bindings[StableHash.Of(input.RoutingKey) % (ulong)bindings.Length].Destination);
        }
    }

    /// <inheritdoc/>
    protected internal override void AddRoute(Binding binding)
    {
        int found = Array.BinarySearch(_bindings, binding, Order);
        Debug.Assert(found < 0, "a route is added once");
        int at = ~found;
        Volatile.Write(ref _bindings, [.. _bindings.AsSpan(0, at), binding, .. _bindings.AsSpan(at)]);
    }

    /// <inheritdoc/>
    protected internal override void RemoveRoute(Binding binding)
    {
        int at = Array.BinarySearch(_bindings, binding, Order);
        Debug.Assert(at >= 0, "a route is removed once, after it was added");
        Volatile.Write(ref _bindings, [.. _bindings.AsSpan(0, at), .. _bindings.AsSpan(at + 1)]);
    }

    private static int Compare(Binding left, Binding right)
    {
        int order = (left.Destination is Exchange).CompareTo(right.Destination is Exchange);
        order = order != 0 ? order : string.CompareOrdinal(left.Destination.Name, right.Destination.Name);
        order = order != 0 ? order : string.CompareOrdinal(left.Key, right.Key);
        return order != 0 ? order : CompareArguments(left.Arguments, right.Arguments);
    }

    private static int CompareArguments(FieldTable left, FieldTable right) =>
        left.Equals(right) ? 0 : string.CompareOrdinal(ErlangText.Canonical(left), ErlangText.Canonical(right));
}
