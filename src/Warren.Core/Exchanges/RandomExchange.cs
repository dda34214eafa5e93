namespace Warren.Core.Exchanges;

/// <summary>Routes each message to one of its bindings, drawn at random, whatever the routing key.</summary>
/// <remarks>The type of RabbitMQ's plugin rabbitmq_random_exchange.</remarks>
public sealed class RandomExchange : DrawingExchange
{
    /// <summary>The type clients name.</summary>
    public const string TypeName = "x-random";

    /// <summary>An exchange as declared.</summary>
    public RandomExchange(ExchangeDeclaration declaration)
        : this(declaration, Random.Shared)
    {
    }

    /// <summary>The same with a source of chance of the caller's, which several threads use at once if they publish.</summary>
    public RandomExchange(ExchangeDeclaration declaration, Random random)
        : base(declaration, random)
    {
    }
}
