using Warren.Buffers.Fields;
using Warren.Core.Queues;

namespace Warren.Core.Exchanges;

/// <summary>Finds a queue by its name in UTF-8.</summary>
public delegate MessageQueue? QueueLookup(ReadOnlySpan<byte> name);

/// <summary>The exchange without a name, to which every queue is bound by its own name (AMQP 0-9-1, 3.1.3.1).</summary>
/// <remarks>It asks the virtual host instead of holding bindings, so declaring a queue costs nothing here.</remarks>
public sealed class DefaultExchange : Exchange
{
    private readonly QueueLookup _findQueue;

    /// <summary>The default exchange over the queues of a virtual host.</summary>
    public DefaultExchange(QueueLookup findQueue)
        : base(new ExchangeDeclaration(
            "",
            DirectExchange.TypeName,
            Durable: true,
            AutoDelete: false,
            Internal: false,
            FieldTable.Empty))
    {
        ArgumentNullException.ThrowIfNull(findQueue);
        _findQueue = findQueue;
    }

    /// <inheritdoc/>
    public override void Route(in RoutingInput input, RouteSet routes)
    {
        if (_findQueue(input.RoutingKey) is { } queue)
        {
            routes.Add(queue);
        }
    }

    /// <summary>The binding a queue has here without anyone having made it.</summary>
    public Binding ImplicitBinding(MessageQueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        return new Binding(this, queue, queue.Name, FieldTable.Empty);
    }

    /// <inheritdoc/>
    public override void ValidateBinding(string key, FieldTable arguments) => throw BrokerErrors.DefaultExchange();

    /// <inheritdoc/>
    protected internal override void AddRoute(Binding binding) => throw BrokerErrors.DefaultExchange();

    /// <inheritdoc/>
    protected internal override void RemoveRoute(Binding binding) => throw BrokerErrors.DefaultExchange();
}
