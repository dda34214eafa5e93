namespace Warren.Core.Exchanges;

/// <summary>Routes to everything bound, whatever the routing key (AMQP 0-9-1, 3.1.3.2).</summary>
public sealed class FanoutExchange : Exchange
{
    /// <summary>The type clients name.</summary>
    public const string TypeName = "fanout";

    private readonly SlotList<RoutingTarget> _targets = new();

    /// <summary>An exchange as declared.</summary>
    public FanoutExchange(ExchangeDeclaration declaration)
        : base(declaration)
    {
    }

    /// <inheritdoc/>
    public override bool UsesRoutingKey => false;

    /// <inheritdoc/>
    public override void Route(in RoutingInput input, RouteSet routes) => routes.AddAll(_targets);

    /// <inheritdoc/>
    protected internal override void AddRoute(Binding binding) => _targets.Add(binding.Destination);

    /// <inheritdoc/>
    protected internal override void RemoveRoute(Binding binding) => _targets.Remove(binding.Destination);
}
