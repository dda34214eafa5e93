using System.Globalization;
using System.Text;
using Warren.Buffers.Fields;
using Warren.Core.Exchanges;
using Xunit;

namespace Warren.Core.Tests.Exchanges;

/// <summary>Exchanges and queues by name, and where a message comes out.</summary>
internal sealed class TestTopology
{
    private readonly Dictionary<string, NameOnlyQueue> _queues = new(StringComparer.Ordinal);
    private readonly RouteSet _routes = new();

    public TestTopology() => Exchanges = new Topology(name => _queues.GetValueOrDefault(name));

    public Topology Exchanges { get; }

    public TableFormat Format { get; } = new();

    public RouteSet LastRoutes => _routes;

    public static FieldTable Table(params (string Name, object Value)[] fields)
    {
        var table = new FieldTable();
        foreach ((string name, object value) in fields)
        {
            table.Add(name, Value(value));
        }

        return table;
    }

    public static FieldValue Value(object value) => value switch
    {
        string text => FieldValue.Of(text),
        int number => FieldValue.Of(number),
        long number => FieldValue.Of(number),
        bool flag => FieldValue.Of(flag),
        double number => FieldValue.Of(number),
        FieldValue field => field,
        _ => throw new ArgumentException("not a field value", nameof(value)),
    };

    public Exchange Declare(
        string type,
        string name,
        FieldTable? arguments = null,
        bool autoDelete = false)
    {
        Exchange exchange = Topology.Create(Declaration(type, name, arguments, autoDelete));
        Exchanges.Add(exchange);
        return exchange;
    }

    public static ExchangeDeclaration Declaration(
        string type,
        string name,
        FieldTable? arguments = null,
        bool autoDelete = false) =>
        new(name, type, Durable: true, autoDelete, Internal: false, arguments ?? FieldTable.Empty);

    public NameOnlyQueue Queue(string name)
    {
        if (!_queues.TryGetValue(name, out NameOnlyQueue? queue))
        {
            queue = new NameOnlyQueue(name);
            _queues.Add(name, queue);
        }

        return queue;
    }

    public bool Bind(string exchange, string queue, string key, FieldTable? arguments = null) =>
        Exchanges.Bind(Find(exchange), Queue(queue), key, arguments ?? FieldTable.Empty) is not null;

    public bool Unbind(string exchange, string queue, string key, FieldTable? arguments = null) =>
        Exchanges.Unbind(Find(exchange), Queue(queue), key, arguments ?? FieldTable.Empty) is not null;

    public bool BindExchange(string source, string destination, string key) =>
        Exchanges.Bind(Find(source), Find(destination), key, FieldTable.Empty) is not null;

    /// <summary>Names of the queues a message reaches, in order of their names, parted by spaces.</summary>
    public string Route(string exchange, string key, FieldTable? headers = null, params string[] moreKeys)
    {
        byte[] properties = FieldTableWriter.ToArray(headers ?? FieldTable.Empty);
        byte[][] more = [.. moreKeys.Select(Encoding.UTF8.GetBytes)];
        _routes.Clear();
        var input = new RoutingInput(Encoding.UTF8.GetBytes(key), Format, properties) { MoreKeys = more };
        Exchanges.Route(Find(exchange), input, _routes);
        return string.Join(' ', _routes.Queues.ToArray().Select(q => q.Name).Order(StringComparer.Ordinal));
    }

    /// <summary>How many messages of keys <c>0</c>, <c>1</c>, … each queue gets; every message reaches exactly one.</summary>
    public Dictionary<string, int> Distribute(string exchange, int messages)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < messages; i++)
        {
            string queue = Route(exchange, i.ToString(CultureInfo.InvariantCulture));
            Assert.Equal(1, _routes.Count);
            counts[queue] = counts.GetValueOrDefault(queue) + 1;
        }

        return counts;
    }

    private Exchange Find(string name) =>
        Exchanges.Find(name) ?? throw new InvalidOperationException($"no exchange '{name}'");
}
