using System.Net.Sockets;
using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Warren.Buffers;
using Warren.Core;
using Warren.Protocols.Mqtt;
using Warren.Storage.Directories;
using Warren.Transport;
using Warren.Wire.Mqtt;
using Xunit;

namespace Warren.Protocols.Tests.Mqtt.InMemory;

/// <summary>A broker with MQTT clients in memory, a disk in memory, and a clock the test moves.</summary>
internal sealed class MqttBroker : IDisposable
{
    private const BindingFlags HiddenMembers = BindingFlags.Instance | BindingFlags.NonPublic;

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"warren-mqtt-{Guid.NewGuid():N}"); // never made
    private readonly SparseDisk _disk = new();
    private readonly List<MqttClient> _clients = [];
    private readonly List<Exception> _faults = [];
    private DataDirectory _directory = null!;
    private TransportResources _resources = null!;
    private Lock? _keeping; // of the log, while its disk is full

    public MqttBroker(MqttOptions? options = null)
    {
        Options = (options ?? new MqttOptions()) with { SysIntervalSeconds = 0 };
        Open();
    }

    public ManualTime Time { get; } = new();

    public MqttOptions Options { get; }

    /// <summary>Where the protocol's log lines go.</summary>
    public LineLog Loggers { get; } = new();

    public Broker Broker { get; private set; } = null!;

    public MqttProtocol Protocol { get; private set; } = null!;

    public TransportResources Resources => _resources;

    public VirtualHost VirtualHost => Broker.FindVirtualHost("/")!;

    /// <summary>A network connection, without CONNECT.</summary>
    public MqttClient Open(ProtocolVersion version)
    {
        var client = new MqttClient(this, version);
        _clients.Add(client);
        return client;
    }

    /// <summary>A connected client of MQTT 5.0.</summary>
    public MqttClient Connect(string clientId, bool cleanStart = true, Props? properties = null, ProtocolVersion version = ProtocolVersion.Mqtt50)
    {
        MqttClient client = Open(version);
        client.Connect(clientId, cleanStart, properties);
        return client;
    }

    /// <summary>A connected client of MQTT 3.1.1.</summary>
    public MqttClient Connect311(string clientId, bool cleanSession = true) =>
        Connect(clientId, cleanSession, version: ProtocolVersion.Mqtt311);

    /// <summary>A client of MQTT 5.0 whose session outlives it; an earlier session is gone on with.</summary>
    public MqttClient Connect50(string clientId, uint expirySeconds = 3600, Props? more = null) =>
        Connect(clientId, cleanStart: false, (more ?? new Props()).And(PropertyId.SessionExpiryInterval, expirySeconds));

    /// <summary>Moves the clock; connections look at it as they do once a second.</summary>
    public void Advance(double seconds)
    {
        Time.Advance(TimeSpan.FromSeconds(seconds));
        foreach (MqttClient client in _clients.ToArray())
        {
            client.Tick(Broker.Clock.Uptime);
        }
    }

    /// <summary>Stops the broker and starts another one on the same disk.</summary>
    public void Restart()
    {
        Close();
        Open();
    }

    /// <summary>The disk is full until <see cref="HasSpace"/>: the log takes no record with a body; or it is in another state. Both by the test's thread.</summary>
    public void LacksSpace(string state = "OutOfSpace")
    {
        object log = Hidden(Broker, "Log")!;
        _keeping = (Lock)Hidden(Hidden(log, "_keeper")!, "_working")!;
        _keeping.Enter(); // or the keeper, who finds space enough, would open the log again
        SetState(log, state);
    }

    /// <summary>There is space again; nothing if there was.</summary>
    public void HasSpace()
    {
        if (_keeping is { } keeping)
        {
            SetState(Hidden(Broker, "Log")!, "Open");
            _keeping = null;
            keeping.Exit();
        }
    }

    /// <summary>Stops; a session that threw what nobody expects fails the test.</summary>
    public void Dispose()
    {
        Close();
        Assert.Empty(_faults);
    }

    private void Open()
    {
        _directory = DataDirectory.Open(_disk, _path, Time);
        var options = new BrokerOptions { MemoryWatermarkBytes = long.MaxValue };
        Broker = Broker.Open(options, _disk, _directory, Time, NullLoggerFactory.Instance);
        Protocol = new MqttProtocol(Broker, Options, Loggers);
        Broker.Activate();
        _resources = new TransportResources(Time, Broker.Clock, new BlockPool()) { OnFault = (_, fault) => Note(fault) };
    }

    private static void SetState(object log, string to)
    {
        object memory = Hidden(log, "Memory")!;
        PropertyInfo state = memory.GetType().GetProperty("State", HiddenMembers)!;
        state.SetValue(memory, Enum.Parse(state.PropertyType, to));
    }

    private static object? Hidden(object of, string name) =>
        of.GetType().GetProperty(name, HiddenMembers)?.GetValue(of) ?? of.GetType().GetField(name, HiddenMembers)!.GetValue(of);

    private void Close()
    {
        HasSpace();
        foreach (MqttClient client in _clients)
        {
            client.Dispose();
        }

        _clients.Clear();
        Protocol.Dispose();
        _resources.Dispose();
        Broker.Dispose();
        _directory.Dispose();
    }

    private void Note(Exception fault)
    {
        if (fault is SocketException or TimeoutException)
        {
            return; // a lost network, or a client that never sent CONNECT
        }

        lock (_faults)
        {
            _faults.Add(fault);
        }
    }
}
