using Microsoft.Extensions.Logging.Abstractions;
using Warren.Buffers;
using Warren.Core;
using Warren.Core.Messages;
using Warren.Protocols.Amqp091;
using Warren.Storage.Directories;
using Warren.Transport;

namespace Warren.Protocols.Tests.Amqp091.InMemory;

/// <summary>A broker whose clients are in memory, whose disk forgets and whose clock stands still.</summary>
internal sealed class InMemoryBroker : IDisposable
{
    private readonly DataDirectory _directory;

    /// <param name="amqp">Null: the defaults.</param>
    /// <param name="time">Null: time stands still.</param>
    /// <param name="format">An encoding in the place of the protocol's own.</param>
    public InMemoryBroker(Amqp091Options? amqp = null, TimeProvider? time = null, MessageFormat? format = null)
    {
        time ??= new FrozenTime();
        string path = Path.Combine(Path.GetTempPath(), $"warren-in-memory-{Guid.NewGuid():N}"); // never made
        _directory = DataDirectory.Open(Disk, path, time);
        var options = new BrokerOptions { MemoryWatermarkBytes = long.MaxValue };
        Broker = Broker.Open(options, Disk, _directory, time, NullLoggerFactory.Instance);
        Resources = new TransportResources(time, Broker.Clock, new BlockPool());
        Protocol = new Amqp091Protocol(Broker, amqp ?? new Amqp091Options(), NullLoggerFactory.Instance);
        if (format is not null)
        {
            Broker.RegisterFormat(format);
        }

        Broker.Activate();
    }

    public DiscardingDisk Disk { get; } = new();

    public Broker Broker { get; }

    public VirtualHost VirtualHost => Broker.FindVirtualHost("/")!;

    public Amqp091Protocol Protocol { get; }

    public TransportResources Resources { get; }

    public InMemoryClient Connect(uint frameMax = 131072, ushort heartbeat = 0) => new(this, frameMax, heartbeat);

    public void Dispose()
    {
        Resources.Dispose();
        Broker.Dispose();
        _directory.Dispose();
    }
}
