namespace Warren.Core.Exchanges;

/// <summary>An exchange that routes each message to one of its bindings, drawn at random, whatever the routing key.</summary>
/// <remarks>Routing takes constant time and allocates nothing.</remarks>
public abstract class DrawingExchange : Exchange
{
    private readonly BindingBag _bindings = new();
    private readonly Random _random;

    /// <summary>An exchange as declared.</summary>
    /// <param name="declaration">As declared.</param>
    /// <param name="random">A source of chance, which several threads use at once if they publish.</param>
    protected DrawingExchange(ExchangeDeclaration declaration, Random random)
        : base(declaration)
    {
        ArgumentNullException.ThrowIfNull(random);
        _random = random;
    }

    /// <inheritdoc/>
    public sealed override bool UsesRoutingKey => false;

    /// <inheritdoc/>
    public sealed override bool LooksBeyondRoutingKey => true;

    /// <inheritdoc/>
    public sealed override void Route(in RoutingInput input, RouteSet routes)
    {
        if (_bindings.Draw(_random) is { } target)
        {
            routes.Add(target);
        }
    }

    /// <inheritdoc/>
    protected internal sealed override void AddRoute(Binding binding) => _bindings.Add(binding);

    /// <inheritdoc/>
    protected internal sealed override void RemoveRoute(Binding binding) => _bindings.Remove(binding);
}
