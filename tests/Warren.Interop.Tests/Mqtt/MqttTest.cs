using Warren.Interop.Tests.Running;
using Warren.Wire.Mqtt;

namespace Warren.Interop.Tests.Mqtt;

/// <summary>A test that speaks MQTT to the shared broker or to one of its own; skipped against a foreign broker.</summary>
public abstract class MqttTest : OwnBrokerTest
{
    /// <summary>Settings under which `warren ctl` works.</summary>
    protected static readonly string[] Management = ["management.tcp.ip=127.0.0.1", "management.tcp.port=0"];

    private readonly List<MqttRaw> _clients = [];

    /// <summary>Remembers the shared broker.</summary>
    protected MqttTest(SharedBroker broker)
        : base(broker)
    {
    }

    /// <summary>The process most tests share.</summary>
    protected BrokerProcess Shared
    {
        get
        {
            Assert.SkipWhen(Broker.Process is null, "needs a process of its own");
            return Broker.Process!;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        foreach (MqttRaw client in _clients)
        {
            client.Dispose();
        }

        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A client that has sent nothing yet.</summary>
    protected MqttRaw Open(int port, ProtocolVersion version = ProtocolVersion.Mqtt50, int receiveBuffer = 0)
    {
        var client = MqttRaw.Connect(port, version, receiveBuffer);
        lock (_clients)
        {
            _clients.Add(client);
        }

        return client;
    }

    /// <summary>A client of the shared broker that is logged in with a clean session.</summary>
    protected MqttRaw Enter(ProtocolVersion version = ProtocolVersion.Mqtt50) => Enter(Shared, version);

    /// <summary>A client that is logged in with a clean session.</summary>
    protected MqttRaw Enter(BrokerProcess broker, ProtocolVersion version = ProtocolVersion.Mqtt50)
    {
        ArgumentNullException.ThrowIfNull(broker);
        MqttRaw client = Open(broker.MqttPort, version);
        Assert.Equal(0, client.Login(Unique("c")).Code);
        return client;
    }
}
