using System.Text;
using Warren.Buffers.Fields;

namespace Warren.Core.Exchanges;

/// <summary>The exchange without a name: every queue is bound to it by its own name (AMQP 0-9-1, 3.1.3.1).</summary>
internal sealed class DefaultExchange : Exchange
{
    private readonly Func<string, QueueTarget?> _findQueue;

    public DefaultExchange(Func<string, QueueTarget?> findQueue)
        : base(new ExchangeDeclaration("", "direct", Durable: true, AutoDelete: false, Internal: false, FieldTable.Empty)) =>
        _findQueue = findQueue;

    public override void Route(in RoutingInput input, RouteSet routes)
    {
        if (_findQueue(Encoding.UTF8.GetString(input.RoutingKey)) is { } queue)
        {
            routes.Add(queue);
        }
    }

    protected override void OnBind(Binding binding) => throw BrokerErrors.DefaultExchange();

    protected override void OnUnbind(Binding binding) => throw BrokerErrors.DefaultExchange();
}
