using System.Collections.Concurrent;
using Warren.Buffers.Fields;
using Warren.Core.Arguments;

namespace Warren.Core.Exchanges;

/// <summary>The exchanges of one virtual host and the bindings between them and the queues.</summary>
/// <remarks>Finding and routing are thread-safe; everything else is under the virtual host's definitions lock.</remarks>
internal sealed class Topology
{
    private static readonly (string Name, string Type)[] Predeclared =
    [
        ("amq.direct", "direct"),
        ("amq.fanout", "fanout"),
        ("amq.topic", "topic"),
        ("amq.headers", "headers"),
        ("amq.match", "headers"),
        ("amq.rabbitmq.trace", "topic"),
    ];

    private readonly ConcurrentDictionary<string, Exchange> _exchanges = new(StringComparer.Ordinal);
    private readonly Dictionary<RoutingTarget, HashSet<Binding>> _byDestination = [];

    public Topology(Func<string, QueueTarget?> findQueue)
    {
        _exchanges[""] = new DefaultExchange(findQueue);
        foreach ((string name, string type) in Predeclared)
        {
            bool isInternal = name.StartsWith("amq.rabbitmq.", StringComparison.Ordinal);
            Add(Create(new ExchangeDeclaration(name, type, true, false, isInternal, FieldTable.Empty)));
        }
    }

    public int ExchangeCount => _exchanges.Count;

    public long BindingCount { get; private set; }

    public ICollection<Exchange> Exchanges => _exchanges.Values;

    public Exchange? Find(string name) => _exchanges.GetValueOrDefault(name);

    /// <summary>Makes an exchange of the declared type; it is not known yet.</summary>
    /// <exception cref="BrokerError">503: unknown type.</exception>
    public static Exchange Create(ExchangeDeclaration declaration) => declaration.Type switch
    {
        "direct" => new DirectExchange(declaration),
        "fanout" => new FanoutExchange(declaration),
        "topic" => new TopicExchange(declaration),
        "headers" => new HeadersExchange(declaration),
        _ => throw new BrokerError(BrokerErrorKind.CommandInvalid, $"unknown exchange type '{declaration.Type}'"),
    };

    public void Add(Exchange exchange) => _exchanges[exchange.Name] = exchange;

    /// <summary>Removes an exchange with all its bindings.</summary>
    /// <returns>The exchanges that lost a binding to it.</returns>
    public List<Exchange> Remove(Exchange exchange)
    {
        _exchanges.TryRemove(exchange.Name, out _);
        foreach (Binding binding in exchange.Bindings.ToArray())
        {
            Unbind(binding);
        }

        return RemoveDestination(exchange);
    }

    public bool Bind(Exchange source, RoutingTarget destination, string key, FieldTable arguments)
    {
        var binding = new Binding(source, destination, key, arguments);
        if (!source.Bind(binding))
        {
            return false;
        }

        if (!_byDestination.TryGetValue(destination, out HashSet<Binding>? bindings))
        {
            _byDestination.Add(destination, bindings = new HashSet<Binding>(ReferenceEqualityComparer.Instance));
        }

        bindings.Add(binding);
        BindingCount++;
        return true;
    }

    public bool Unbind(Exchange source, RoutingTarget destination, string key, FieldTable arguments)
    {
        var wanted = new Binding(source, destination, key, arguments);
        return _byDestination.TryGetValue(destination, out HashSet<Binding>? bindings)
            && bindings.FirstOrDefault(wanted.Equals) is { } binding
            && Unbind(binding);
    }

    /// <summary>Removes every binding to a queue or exchange that is gone.</summary>
    /// <returns>The exchanges they came from.</returns>
    public List<Exchange> RemoveDestination(RoutingTarget destination)
    {
        var sources = new List<Exchange>();
        if (_byDestination.Remove(destination, out HashSet<Binding>? bindings))
        {
            foreach (Binding binding in bindings)
            {
                binding.Source.Unbind(binding);
                BindingCount--;
                sources.Add(binding.Source);
            }
        }

        return sources;
    }

    /// <summary>Adds the queues a message goes to by one routing key.</summary>
    public void Route(Exchange start, in RoutingInput input, RouteSet routes)
    {
        routes.BeginRound();
        routes.Visit(start);
        while (routes.TryNextExchange(out Exchange exchange))
        {
            int before = routes.Matches;
            exchange.Route(input, routes);
            if (routes.Matches == before && exchange.AlternateExchange is { } name && Find(name) is { } alternate)
            {
                routes.Visit(alternate);
            }
        }
    }

    private bool Unbind(Binding binding)
    {
        if (!binding.Source.Unbind(binding))
        {
            return false;
        }

        BindingCount--;
        if (_byDestination.TryGetValue(binding.Destination, out HashSet<Binding>? bindings))
        {
            bindings.Remove(binding);
            if (bindings.Count == 0)
            {
                _byDestination.Remove(binding.Destination);
            }
        }

        return true;
    }
}
