using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Warren.Buffers;
using Warren.Buffers.Fields;
using Warren.Buffers.Tests.Scheduling;
using Warren.Core.Exchanges;
using Warren.Core.Messages;
using Warren.Core.Policies;
using Warren.Core.Queues;
using Warren.Core.Routing;
using Warren.Core.Security;
using Warren.Core.Tests.Exchanges;
using Warren.Storage;
using Warren.Storage.Directories;

namespace Warren.Core.Tests.Queues;

/// <summary>A broker without clients whose time the test moves, on a disk that may fail; it can be started again on it.</summary>
internal sealed class SteppedBroker : IDisposable, IQueueOwner
{
    private readonly IBlockDisk _disk;
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"warren-stepped-{Guid.NewGuid():N}"); // never made
    private DataDirectory _directory;

    public SteppedBroker(IBlockDisk disk, bool knowsFormat = true)
    {
        _disk = disk;
        (_directory, Broker) = Open(knowsFormat);
    }

    public string Name => "stepped";

    public SteppedTime Time { get; } = new();

    public Broker Broker { get; private set; }

    public VirtualHost Host => Broker.FindVirtualHost("/")!;

    /// <summary>Stops, lets time pass while nobody runs, and starts.</summary>
    public void Restart(TimeSpan away, bool knowsFormat = true)
    {
        Dispose();
        Time.Elapse(away);
        (_directory, Broker) = Open(knowsFormat);
    }

    /// <summary>The protocol is there, and the start goes on to its end.</summary>
    public void RegisterFormat()
    {
        Broker.RegisterFormat(new TableFormat());
        Broker.Activate();
    }

    public MessageQueue Queue(string name, params (string Name, object Value)[] arguments) => Host.DeclareQueue(
        User.Operator, new QueueDeclaration(name, false, true, false, TestTopology.Table(arguments), null), this, out _);

    public QueueCounts Counts(string queue) => Host.FindQueue(queue)!.Counts;

    public void Publish(string queue, string body, long ttlMs = -1) =>
        Publish(queue, Encoding.UTF8.GetBytes(body), ttlMs);

    public void Publish(string queue, byte[] body, long ttlMs = -1, bool persistent = true) =>
        PublishTo("", queue, persistent, body, ttlMs);

    public void PublishTo(string to, string queue, bool persistent, byte[]? content = null, long ttlMs = -1)
    {
        byte[] body = content ?? [1];
        byte[] key = Encoding.UTF8.GetBytes(queue);
        byte[] properties = FieldTableWriter.ToArray(FieldTable.Empty);
        Payload image = Broker.Slabs.Allocate((int)Message.SizeOf(0, key.Length, properties.Length, body.Length));
        MessageFlags flags = (persistent ? MessageFlags.Persistent : MessageFlags.None) | (ttlMs >= 0 ? MessageFlags.HasTtl : MessageFlags.None);
        var envelope = new MessageEnvelope(new TableFormat().Tag, flags, 0, Broker.Clock.NowMs, ttlMs);
        int at = Message.WriteHead(image.Writable, envelope, [], key, properties, body.Length);
        body.CopyTo(image.Writable[at..]);
        var routes = new RouteSet();
        Exchange exchange = Host.FindExchange(to)!;
        Host.Publishing.Route(exchange, new Message(image), [], new TableFormat(), routes);
        var flush = new FlushSet();
        Host.Publishing.Publish(new Message(image), Route.Of(routes, exchange), flush, out _);
        flush.FlushAll();
        image.Release();
    }

    public void PutPolicy(string pattern, string definition) => Broker.Policies.Put(
        new Policy("/", "p", pattern, PolicyTarget.Queues, PolicyDefinition.From(JsonDocument.Parse(definition).RootElement), 0),
        isOperators: false);

    public void Dispose()
    {
        Broker.Dispose();
        _directory.Dispose();
    }

    private (DataDirectory Directory, Broker Broker) Open(bool knowsFormat)
    {
        var directory = DataDirectory.Open(_disk, _path, Time);
        var broker = Broker.Open(
            new BrokerOptions { MemoryWatermarkBytes = long.MaxValue }, _disk, directory, Time, NullLoggerFactory.Instance);
        if (knowsFormat)
        {
            broker.RegisterFormat(new TableFormat());
            broker.Activate();
        }

        return (directory, broker);
    }
}
