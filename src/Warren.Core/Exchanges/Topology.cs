using System.Collections.Concurrent;
using System.Text;
using Warren.Buffers.Fields;
using Warren.Core.Arguments;
using Warren.Core.Queues;

namespace Warren.Core.Exchanges;

/// <summary>The exchanges of one virtual host and the bindings between them and the queues.</summary>
/// <remarks>Finding and routing are thread-safe; everything else is under the virtual host's definition lock.</remarks>
internal sealed class Topology
{
    private static readonly (string Name, string Type, bool Internal)[] Predeclared =
    [
        ("amq.direct", DirectExchange.TypeName, false),
        ("amq.fanout", FanoutExchange.TypeName, false),
        ("amq.topic", TopicExchange.TypeName, false),
        ("amq.headers", HeadersExchange.TypeName, false),
        ("amq.match", HeadersExchange.TypeName, false),
        ("amq.rabbitmq.trace", TopicExchange.TypeName, true),
    ];

    private readonly ConcurrentDictionary<string, Exchange> _exchanges = new(StringComparer.Ordinal);
    private readonly BindingTable _bindings = new();
    private readonly Func<string, Exchange?> _find;

    /// <summary>The predeclared exchanges, over the queues the function finds.</summary>
    public Topology(Func<string, MessageQueue?> findQueue)
        : this(name => findQueue(Encoding.UTF8.GetString(name)))
    {
    }

    /// <summary>The same for queues found by their name in UTF-8, which spares a string per message.</summary>
    public Topology(QueueLookup findQueue)
    {
        _find = Find;
        _exchanges[""] = new DefaultExchange(findQueue);
        foreach ((string name, string type, bool isInternal) in Predeclared)
        {
            Add(Create(new ExchangeDeclaration(name, type, Durable: true, AutoDelete: false, isInternal, FieldTable.Empty)));
        }
    }

    /// <summary>Adds an exchange that only the broker publishes to, and answers it.</summary>
    public Exchange AddOwn(string name)
    {
        Exchange own = Create(new ExchangeDeclaration(
            name, TopicExchange.TypeName, Durable: true, AutoDelete: false, Internal: true, FieldTable.Empty));
        Add(own);
        return own;
    }

    public int ExchangeCount => _exchanges.Count;

    public long BindingCount => _bindings.Count;

    public ICollection<Exchange> Exchanges => _exchanges.Values;

    public Exchange? Find(string name) => _exchanges.GetValueOrDefault(name);

    /// <summary>Makes an exchange of the declared type; it is not known yet.</summary>
    /// <exception cref="BrokerError">503: unknown type.</exception>
    public static Exchange Create(ExchangeDeclaration declaration) => ExchangeTypes.Create(declaration);

    public void Add(Exchange exchange) => _exchanges[exchange.Name] = exchange;

    /// <summary>Removes an exchange with all its bindings.</summary>
    public RemovedBindings Remove(Exchange exchange)
    {
        _exchanges.TryRemove(exchange.Name, out _);
        RemovedBindings removed = _bindings.RemoveAll(exchange);
        exchange.OnDeleted();
        return removed;
    }

    /// <summary>The same binding when there is one; null: it may be made.</summary>
    /// <exception cref="BrokerError">403 or 406: the exchange takes no such binding.</exception>
    public static Binding? FindOrAllow(Exchange source, RoutingTarget destination, string key, FieldTable arguments)
    {
        source.ValidateBinding(key, arguments);
        source.ValidateDestination(destination);
        return BindingTable.Find(source, destination, key, arguments);
    }

    /// <summary>Binds; null when the same key and arguments are bound already.</summary>
    /// <exception cref="BrokerError">403 or 406: the exchange takes no such binding.</exception>
    public Binding? Bind(Exchange source, RoutingTarget destination, string key, FieldTable arguments) =>
        _bindings.Bind(source, destination, key, arguments);

    /// <summary>Unbinds; null when there was no such binding.</summary>
    public Binding? Unbind(Exchange source, RoutingTarget destination, string key, FieldTable arguments) =>
        _bindings.Unbind(source, destination, key, arguments).Removed;

    /// <summary>Removes every binding to a queue that is gone.</summary>
    public RemovedBindings RemoveDestination(RoutingTarget destination) => _bindings.RemoveAll(destination);

    /// <summary>Adds the queues a message goes to by its routing keys.</summary>
    public void Route(Exchange start, in RoutingInput input, RouteSet routes) =>
        ExchangeRouter.Route(start, input, routes, _find);
}
