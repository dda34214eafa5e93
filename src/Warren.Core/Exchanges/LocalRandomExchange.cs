using Warren.Buffers.Fields;
using Warren.Core.Arguments;
using Warren.Core.Queues;

namespace Warren.Core.Exchanges;

/// <summary>Routes each message to one classic queue of this node, drawn at random.</summary>
/// <remarks>
/// The type of RabbitMQ 4.0: for request and reply without a hop between nodes. It takes bindings of classic queues
/// only, with an empty key. Routing takes constant time and allocates nothing.
/// </remarks>
public sealed class LocalRandomExchange : Exchange
{
    /// <summary>The type clients name.</summary>
    public const string TypeName = "x-local-random";

    private readonly BindingBag _bindings = new();
    private readonly Random _random;

    /// <summary>An exchange as declared.</summary>
    public LocalRandomExchange(ExchangeDeclaration declaration)
        : this(declaration, Random.Shared)
    {
    }

    /// <summary>The same with a source of chance of the caller's, which several threads use at once if they publish.</summary>
    public LocalRandomExchange(ExchangeDeclaration declaration, Random random)
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
    public override void ValidateBinding(string key, FieldTable arguments)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Length > 0)
        {
            throw new BrokerError(BrokerErrorKind.PreconditionFailed, $"Non empty binding '{key}' key not permitted");
        }
    }

    /// <inheritdoc/>
    public override void ValidateDestination(RoutingTarget destination)
    {
        if (destination is not QueueTarget)
        {
            throw new BrokerError(BrokerErrorKind.PreconditionFailed, "Destination not found");
        }

        if (destination is MessageQueue queue && queue.Definition.Parsed.Kind != QueueKind.Classic)
        {
            string kind = queue.Definition.Parsed.Kind == QueueKind.Quorum ? "rabbit_quorum_queue" : "rabbit_stream_queue";
            throw new BrokerError(
                BrokerErrorKind.PreconditionFailed, $"Queue type {kind} not valid for this exchange type");
        }
    }

    /// <inheritdoc/>
    protected internal override void AddRoute(Binding binding) => _bindings.Add(binding);

    /// <inheritdoc/>
    protected internal override void RemoveRoute(Binding binding) => _bindings.Remove(binding);
}
