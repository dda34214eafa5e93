using System.Collections.Concurrent;
using System.Text;
using Warren.Buffers.Fields;
using Warren.Core.Arguments;

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
    public Topology(Func<string, QueueTarget?> findQueue)
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

    public int ExchangeCount => _exchanges.Count;

    public long BindingCount => _bindings.Count;

    public ICollection<Exchange> Exchanges => _exchanges.Values;

    public Exchange? Find(string name) => _exchanges.GetValueOrDefault(name);

    /// <summary>Makes an exchange of the declared type; it is not known yet.</summary>
    /// <exception cref="BrokerError">503: unknown type.</exception>
    public static Exchange Create(ExchangeDeclaration declaration) => ExchangeTypes.Create(declaration);

    public void Add(Exchange exchange) => _exchanges[exchange.Name] = exchange;

    /// <summary>Removes an exchange with all its bindings.</summary>
    /// <returns>The exchanges that lost their last binding with it.</returns>
    public List<Exchange> Remove(Exchange exchange)
    {
        _exchanges.TryRemove(exchange.Name, out _);
        List<Exchange> emptied = _bindings.RemoveAll(exchange).EmptiedSources;
        exchange.OnDeleted();
        return emptied;
    }

    /// <summary>Binds; false when the same key and arguments are bound already.</summary>
    /// <exception cref="BrokerError">403 or 406: the exchange takes no such binding.</exception>
    public bool Bind(Exchange source, RoutingTarget destination, string key, FieldTable arguments) =>
        _bindings.Bind(source, destination, key, arguments) is not null;

    /// <summary>Unbinds; false when there was no such binding.</summary>
    public bool Unbind(Exchange source, RoutingTarget destination, string key, FieldTable arguments) =>
        _bindings.Unbind(source, destination, key, arguments).Removed is not null;

    /// <summary>Removes every binding to a queue that is gone.</summary>
    /// <returns>The exchanges that lost their last binding with it.</returns>
    public List<Exchange> RemoveDestination(RoutingTarget destination) =>
        _bindings.RemoveAll(destination).EmptiedSources;

    /// <summary>Adds the queues a message goes to by its routing keys.</summary>
    public void Route(Exchange start, in RoutingInput input, RouteSet routes) =>
        ExchangeRouter.Route(start, input, routes, _find);
}
