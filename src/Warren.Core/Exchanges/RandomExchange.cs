namespace Warren.Core.Exchanges;

/// <summary>Routes each message to one of its bindings, drawn at random, whatever the routing key.</summary>
/// <remarks>The type of RabbitMQ's plugin rabbitmq_random_exchange. Routing takes constant time and allocates nothing.</remarks>
public sealed class RandomExchange : Exchange
{
    /// <summary>The type clients name.</summary>
    public const string TypeName = "x-random";

    private readonly BindingBag _bindings = new();
    private readonly Random _random;

    /// <summary>An exchange as declared.</summary>
    public RandomExchange(ExchangeDeclaration declaration)
        : this(declaration, Random.Shared)
    {
    }

    /// <summary>The same with a source of chance of the caller's, which several threads use at once if they publish.</summary>
    public RandomExchange(ExchangeDeclaration declaration, Random random)
        : base(declaration)
    {
        ArgumentNullException.ThrowIfNull(random);
        _random = random;
    }

    /// <inheritdoc/>
    public override bool UsesRoutingKey => false;

    /// <inheritdoc/>
    public override bool LooksBeyondRoutingKey => true;

    /// <inheritdoc/>
    public override void Route(in RoutingInput input, RouteSet routes)
    {
        if (_bindings.Draw(_random) is { } target)
        {
            routes.Add(target);
        }
    }

    /// <inheritdoc/>
    protected internal override void AddRoute(Binding binding) => _bindings.Add(binding);

    /// <inheritdoc/>
    protected internal override void RemoveRoute(Binding binding) => _bindings.Remove(binding);
}
