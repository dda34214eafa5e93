using System.Diagnostics;

namespace Warren.Core.Exchanges;

/// <summary>Routes to what is bound with exactly the routing key (AMQP 0-9-1, 3.1.3.1).</summary>
/// <remarks>Routing is one look-up, whatever the number of bindings, and allocates nothing.</remarks>
public sealed class DirectExchange : Exchange
{
    /// <summary>The type clients name.</summary>
    public const string TypeName = "direct";

    private readonly Utf8Map<SlotList<RoutingTarget>> _targetsByKey = new();

    /// <summary>An exchange as declared.</summary>
    public DirectExchange(ExchangeDeclaration declaration)
        : base(declaration)
    {
    }

    /// <inheritdoc/>
    public override void Route(in RoutingInput input, RouteSet routes)
    {
        if (_targetsByKey.TryGet(input.RoutingKey, out SlotList<RoutingTarget>? targets))
        {
            routes.AddAll(targets);
        }
    }

    /// <inheritdoc/>
    protected internal override void AddRoute(Binding binding)
    {
        if (_targetsByKey.TryGet(binding.KeyUtf8, out SlotList<RoutingTarget>? targets))
        {
            targets.Add(binding.Destination);
            return;
        }

        targets = new SlotList<RoutingTarget>();
        targets.Add(binding.Destination);
        _targetsByKey.TryAdd(binding.KeyUtf8, targets);
    }

    /// <inheritdoc/>
    protected internal override void RemoveRoute(Binding binding)
    {
        bool bound = _targetsByKey.TryGet(binding.KeyUtf8, out SlotList<RoutingTarget>? targets);
        Debug.Assert(bound, "a route is removed once, after it was added");
        targets!.Remove(binding.Destination);
        if (targets.IsEmpty)
        {
            _targetsByKey.Remove(binding.KeyUtf8);
        }
    }
}
