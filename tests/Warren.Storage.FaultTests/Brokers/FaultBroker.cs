using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Buffers.Fields;
using Warren.Core;
using Warren.Core.Messages;
using Warren.Core.Queues;
using Warren.Core.Routing;
using Warren.Core.Security;
using Warren.Storage.Directories;
using Xunit;

namespace Warren.Storage.FaultTests.Brokers;

/// <summary>A broker without clients on a simulated disk, which can be stopped, killed and started again.</summary>
internal sealed class FaultBroker : IDisposable, IQueueOwner
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private string _path = Path.Combine(Path.GetTempPath(), $"warren-fault-{Guid.NewGuid():N}"); // never made
    private readonly ShardLogOptions _log;
    private DataDirectory _directory;

    public FaultBroker(SimulatedDisk disk, ShardLogOptions? log = null)
    {
        Disk = disk;
        _log = log ?? new ShardLogOptions();
        _directory = DataDirectory.Open(disk, _path, TimeProvider.System);
        Broker = Open();
    }

    public SimulatedDisk Disk { get; private set; }

    /// <summary>Where its files are.</summary>
    public string DataPath => _path;

    /// <summary>Starts over other files; the broker before was let go of.</summary>
    public void OpenOver(SimulatedDisk disk)
    {
        Close();
        Disk = disk;
        Start();
    }

    /// <summary>Starts over another directory of the same disk; the broker before was let go of.</summary>
    public void MoveTo(string path)
    {
        Close();
        _path = path;
        Start();
    }

    /// <summary>The process ends, and another one starts over a copy of the files that is changed before.</summary>
    public void KillAndStartOver(Action<SimulatedDisk> change)
    {
        Broker.Log.Abandon();
        Close();
        Disk = Disk.Clone(1);
        change(Disk);
        Start();
    }

    public Broker Broker { get; private set; }

    public VirtualHost Host => Broker.FindVirtualHost("/")!;

    public string Name => "fault";

    /// <summary>Declares a durable queue and waits until it is on the disk.</summary>
    public MessageQueue Declare(string name, params (string Name, FieldValue Value)[] arguments)
    {
        var table = new FieldTable();
        foreach ((string key, FieldValue value) in arguments)
        {
            table.Set(key, value);
        }

        MessageQueue queue = Host.DeclareQueue(
            User.Operator, new QueueDeclaration(name, false, Durable: true, false, table, null), this, out CommitTicket ticket);
        Assert.Equal(CommitState.Committed, Wait(ticket));
        return queue;
    }

    /// <summary>A persistent message; its bytes have one reference, which the caller gives back.</summary>
    public Message Message(string body, string key = "")
    {
        byte[] routingKey = Encoding.UTF8.GetBytes(key);
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        byte[] properties = FieldTableWriter.ToArray(FieldTable.Empty);
        Payload image = Broker.Slabs.Allocate((int)Core.Messages.Message.SizeOf(0, routingKey.Length, properties.Length, bytes.Length));
        var envelope = new MessageEnvelope(1, MessageFlags.Persistent, 0, Broker.Clock.NowMs, -1);
        int at = Core.Messages.Message.WriteHead(image.Writable, envelope, [], routingKey, properties, bytes.Length);
        bytes.CopyTo(image.Writable[at..]);
        return new Message(image);
    }

    /// <summary>Publishes to queues; answers what a confirm would wait for.</summary>
    public PublishOutcome Publish(string body, MessageQueue[] queues, out CommitTicket ticket)
    {
        Message message = Message(body);
        PublishOutcome outcome = Host.Publishing.Publish(message, new Route(queues), new FlushSet(), out ticket);
        message.Payload.Release();
        return outcome;
    }

    /// <summary>Asks for the commit and waits for its end, whichever it is.</summary>
    public CommitState Wait(CommitTicket ticket)
    {
        Broker.Commits.Request();
        Assert.True(SpinWait.SpinUntil(() => ticket.State != CommitState.Pending, Longest), "neither committed nor failed");
        return ticket.State;
    }

    /// <summary>The bodies ready in a queue.</summary>
    public static List<string> Bodies(MessageQueue queue)
    {
        List<string> bodies = [];
        queue.Browse().Read(long.MaxValue, (in BrowsedMessage m) =>
        {
            bodies.Add(Encoding.UTF8.GetString(m.Message.Body));
            return true;
        });
        return bodies;
    }

    /// <summary>The process ends without a word, and another one starts.</summary>
    public void KillAndStart()
    {
        Broker.Log.Abandon();
        Disk.Kill();
        Close();
        Start();
    }

    /// <summary>Stops and starts again.</summary>
    public void Restart()
    {
        Close();
        Start();
    }

    public void Dispose() => Close();

    private void Start()
    {
        _directory = DataDirectory.Open(Disk, _path, TimeProvider.System);
        Broker = Open();
    }

    private void Close()
    {
        try
        {
            Broker.Dispose();
        }
        catch (IOException)
        {
            return; // the disk has failed, or the process was killed
        }
        finally
        {
            _directory.Dispose();
        }
    }

    /// <summary>The first phase of another start over the same files.</summary>
    public Broker OpenOnly() => Broker.Open(
        new BrokerOptions { MemoryWatermarkBytes = long.MaxValue, DiskFreeLimitBytes = 0, Log = _log },
        Disk,
        _directory,
        TimeProvider.System,
        NullLoggerFactory.Instance);

    /// <summary>The bodies of a queue, taken out of it one after the other.</summary>
    public List<string> ReadAll(string name)
    {
        List<string> bodies = [];
        MessageQueue queue = Host.FindQueue(name)!;
        while (queue.TryGet(noAck: true, new FlushSet(), out TakenMessage taken))
        {
            bodies.Add(Encoding.UTF8.GetString(taken.Message.Body));
            taken.Message.Payload.Release();
        }

        return bodies;
    }

    private Broker Open()
    {
        Broker broker = OpenOnly();
        try
        {
            broker.Activate();
            return broker;
        }
        catch
        {
            broker.Dispose();
            throw;
        }
    }
}
