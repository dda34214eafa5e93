using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Warren.Buffers;
using Warren.Buffers.Fields;
using Warren.Core.Exchanges;
using Warren.Core.Messages;
using Warren.Core.Queues;
using Warren.Core.Routing;
using Warren.Core.Security;
using Warren.Core.Tests.Exchanges;
using Warren.Protocols.Tests.Amqp091.InMemory;
using Warren.Storage.Directories;

namespace Warren.Core.Tests.Queues;

/// <summary>A broker without clients, whose disk forgets and whose clock stands still.</summary>
internal sealed class LocalBroker : IDisposable, IQueueOwner
{
    private readonly DataDirectory _directory;
    private readonly TableFormat _format = new();

    public LocalBroker()
    {
        var time = new FrozenTime();
        var disk = new DiscardingDisk();
        string path = Path.Combine(Path.GetTempPath(), $"warren-local-{Guid.NewGuid():N}"); // never made
        _directory = DataDirectory.Open(disk, path, time);
        Broker = Broker.Open(new BrokerOptions { MemoryWatermarkBytes = long.MaxValue }, disk, _directory, time, NullLoggerFactory.Instance);
        Broker.RegisterFormat(_format);
        Broker.Activate();
    }

    public Broker Broker { get; }

    public VirtualHost Host => Broker.FindVirtualHost("/")!;

    public string Name => "local";

    public MessageQueue Queue(string name, params (string Name, object Value)[] arguments) => Host.DeclareQueue(
        User.Operator, new QueueDeclaration(name, false, false, false, TestTopology.Table(arguments), null), this, out _);

    public Exchange Exchange(string type, string name, params (string Name, object Value)[] arguments)
    {
        Host.DeclareExchange(User.Operator, TestTopology.Declaration(type, name, TestTopology.Table(arguments)));
        return Host.FindExchange(name)!;
    }

    public void Bind(string exchange, string queue, string key) =>
        Host.BindQueue(User.Operator, exchange, Host.FindQueue(queue)!, key, FieldTable.Empty);

    /// <summary>What routing is told of a message.</summary>
    public RoutingInput Input(string key) => new(Encoding.UTF8.GetBytes(key), _format, FieldTableWriter.ToArray(FieldTable.Empty));

    /// <summary>Publishes to a queue by its name.</summary>
    public void Publish(string queue, string body, byte priority = 0)
    {
        byte[] key = Encoding.UTF8.GetBytes(queue);
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        byte[] properties = FieldTableWriter.ToArray(FieldTable.Empty);
        Payload image = Broker.Slabs.Allocate((int)Message.SizeOf(0, key.Length, properties.Length, bytes.Length));
        var envelope = new MessageEnvelope(_format.Tag, MessageFlags.None, priority, Broker.Clock.NowMs, -1);
        int at = Message.WriteHead(image.Writable, envelope, [], key, properties, bytes.Length);
        bytes.CopyTo(image.Writable[at..]);
        var message = new Message(image);
        var routes = new RouteSet();
        Exchange exchange = Host.FindExchange("")!;
        Host.Publishing.Route(exchange, message, [], _format, routes);
        var flush = new FlushSet();
        Host.Publishing.Publish(message, Route.Of(routes, exchange), flush, out _);
        flush.FlushAll();
        image.Release();
    }

    /// <summary>The bodies of a queue in order, those that are out marked with a star.</summary>
    public static string Shown(MessageQueue queue)
    {
        List<string> bodies = [];
        queue.Browse().Read(long.MaxValue, (in BrowsedMessage m) =>
        {
            bodies.Add(Encoding.UTF8.GetString(m.Message.Body) + (m.IsUnacked ? "*" : ""));
            return true;
        });
        return string.Join(' ', bodies);
    }

    /// <summary>The id of the message with that body.</summary>
    public static long IdOf(MessageQueue queue, string body)
    {
        long found = -1;
        queue.Browse().Read(long.MaxValue, (in BrowsedMessage m) =>
        {
            found = Encoding.UTF8.GetString(m.Message.Body) == body ? m.EntryId : found;
            return found < 0;
        });
        return found;
    }

    public void Dispose()
    {
        Broker.Dispose();
        _directory.Dispose();
    }
}
