using Warren.Wire.Mqtt;

namespace Warren.Interop.Tests.Mqtt;

/// <summary>A persistent publisher and a persistent subscriber whose packets get lost with their connections.</summary>
/// <remarks>Used by one thread. Disposing ends both sessions' connections.</remarks>
internal sealed class MqttLosses : IDisposable
{
    private readonly List<MqttRaw> _clients = [];
    private readonly Dictionary<MqttRaw, string> _ids = [];
    private readonly int _port;
    private readonly ProtocolVersion _version;
    private readonly Action<MqttLosses> _onLoss;
    private readonly string _subscriber;
    private readonly string _publisher;

    /// <summary>Opens both sessions.</summary>
    /// <param name="port">The listener.</param>
    /// <param name="version">What both speak.</param>
    /// <param name="prefix">Of topic and client ids.</param>
    /// <param name="onLoss">What happens besides when a connection is lost.</param>
    public MqttLosses(int port, ProtocolVersion version, string prefix, Action<MqttLosses> onLoss)
    {
        _port = port;
        _version = version;
        _onLoss = onLoss;
        _subscriber = $"{prefix} subscriber";
        _publisher = $"{prefix} publisher";
        Topic = $"{prefix}/t";
        MqttRaw subscriber = Connect(_subscriber);
        Assert.Equal(0, subscriber.Login(_subscriber, clean: false).Code);
        Assert.Equal(2, subscriber.Subscribe(Topic, 2));
        subscriber.Disconnect();
        MqttRaw publisher = Connect(_publisher);
        Assert.Equal(0, publisher.Login(_publisher, clean: false).Code);
        publisher.Disconnect();
    }

    /// <summary>What is published to and subscribed.</summary>
    public string Topic { get; }

    /// <summary>The publisher, back again.</summary>
    public MqttRaw Publisher() => Resume(_publisher);

    /// <summary>The subscriber, back again.</summary>
    public MqttRaw Subscriber() => Resume(_subscriber);

    /// <summary>Another connection of the same client.</summary>
    public MqttRaw Resume(MqttRaw client) => Resume(_ids[client]);

    /// <summary>Loses the connection of a client, and what goes with it.</summary>
    /// <returns>Its next connection.</returns>
    public MqttRaw Lose(MqttRaw client)
    {
        client.Dispose();
        _onLoss(this);
        return Resume(_ids[client]);
    }

    /// <summary>PUBREL and PUBCOMP.</summary>
    public static void Finish(MqttRaw publisher, ushort id)
    {
        publisher.Acknowledge(PacketType.PubRel, id);
        Assert.Equal(id, publisher.Expect(PacketType.PubComp).Id);
    }

    /// <summary>Publishes with quality 2, to the end.</summary>
    /// <param name="publisher">A connection of the publisher.</param>
    /// <param name="body">The message.</param>
    /// <param name="below">Follows the topic.</param>
    public void Send(MqttRaw publisher, string body, string below = "")
    {
        publisher.Publish(Topic + below, body, 2, 1);
        publisher.Expect(PacketType.PubRec);
        Finish(publisher, 1);
    }

    /// <summary>All that waits for the subscriber.</summary>
    public List<string> Take()
    {
        Send(Publisher(), "end");
        MqttRaw subscriber = Subscriber();
        List<string> bodies = [];
        while (true)
        {
            string body = subscriber.Receive().Body;
            if (body == "end")
            {
                return bodies;
            }

            bodies.Add(body);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (MqttRaw client in _clients)
        {
            client.Dispose();
        }
    }

    private MqttRaw Resume(string clientId)
    {
        MqttRaw client = Connect(clientId);
        MqttPacket connAck = client.Login(clientId, clean: false);
        Assert.Equal((0, true), (connAck.Code, connAck.SessionPresent));
        return client;
    }

    private MqttRaw Connect(string clientId)
    {
        var client = MqttRaw.Connect(_port, _version);
        _clients.Add(client);
        _ids[client] = clientId;
        return client;
    }
}
