using System.Text;
using Warren.Buffers.Scheduling;
using Warren.Transport.InMemory;
using Warren.Wire.Mqtt;

namespace Warren.Protocols.Tests.Mqtt.InMemory;

/// <summary>An MQTT client on a connection without a socket: packets out by name, packets in as lines of text.</summary>
/// <remarks>
/// Not thread-safe. The broker's read loop runs inside the calls that send; what its log or its pool sends is waited for.
/// </remarks>
internal sealed class MqttClient : IDisposable
{
    private const int GivesUpAfterMs = 20_000; // a broker that answers does so at once

    private readonly InMemoryConnection _connection;
    private readonly ProtocolVersion _version;
    private byte[] _unread = [];
    private ushort _lastId;

    public MqttClient(MqttBroker broker, ProtocolVersion version)
    {
        _version = version;
        _connection = new InMemoryConnection(broker.Protocol, broker.Resources);
    }

    /// <summary>What the end of the connection looks like in <see cref="Receive()"/>.</summary>
    public const string Closed = "closed";

    /// <summary>The answer to CONNECT.</summary>
    public string Connack { get; private set; } = "";

    /// <summary>Whether CONNACK said that there was a session to go on with.</summary>
    public bool IsSessionPresent => Connack.StartsWith("CONNACK 00 present", StringComparison.Ordinal);

    /// <summary>Whether the server has let go of everything.</summary>
    public bool IsGone
    {
        get
        {
            _connection.Run();
            return _connection.IsClosed;
        }
    }

    /// <summary>Bytes the server has not read.</summary>
    public int UnreadByServer => _connection.UnreadByServer;

    /// <summary>True makes the client stop reading.</summary>
    public bool StopsReading
    {
        get => _connection.StopsReading;
        set
        {
            _connection.StopsReading = value;
            while (!value && _connection.ReadHeld())
            {
            }
        }
    }

    /// <summary>Sends bytes as they are, written as hexadecimal digits.</summary>
    public void SendHex(string hex) => Send(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));

    /// <summary>Sends bytes as they are.</summary>
    public void Send(ReadOnlySpan<byte> bytes) => _connection.Send(bytes);

    /// <summary>CONNECT, and the answer.</summary>
    public string Connect(
        string clientId,
        bool cleanStart = true,
        Props? properties = null,
        int keepAlive = 0,
        WillOf? will = null,
        string? user = "guest",
        string? password = "guest")
    {
        SendConnect(clientId, cleanStart, properties, keepAlive, will, user, password);
        return Connack = Receive();
    }

    /// <summary>CONNECT alone.</summary>
    public void SendConnect(
        string clientId,
        bool cleanStart = true,
        Props? properties = null,
        int keepAlive = 0,
        WillOf? will = null,
        string? user = "guest",
        string? password = "guest")
    {
        var connect = new Connect
        {
            Version = _version,
            CleanStart = cleanStart,
            KeepAlive = (ushort)keepAlive,
            ClientId = Encoding.UTF8.GetBytes(clientId),
            Properties = Properties.OfChecked(properties?.Encoded ?? []),
            HasWill = will is not null,
            Will = will is null ? default : new Will
            {
                Topic = Encoding.UTF8.GetBytes(will.Topic),
                Payload = Encoding.UTF8.GetBytes(will.Payload),
                QoS = (QoS)will.QoS,
                Retain = will.Retain,
                Properties = Properties.OfChecked(will.Properties?.Encoded ?? []),
            },
            HasUserName = user is not null,
            UserName = Encoding.UTF8.GetBytes(user ?? ""),
            HasPassword = password is not null,
            Password = Encoding.UTF8.GetBytes(password ?? ""),
        };
        byte[] packet = new byte[ClientPacketWriter.SizeOfConnect(connect)];
        Send(packet.AsSpan(0, ClientPacketWriter.WriteConnect(packet, connect)));
    }

    /// <summary>SUBSCRIBE with one filter, and the answer without its identifier.</summary>
    public string Subscribe(string filter, int options = 0, Props? properties = null)
    {
        ushort id = SendSubscribe(filter, options, properties);
        return Without(Receive(), $"SUBACK {id} ");
    }

    /// <summary>SUBSCRIBE with one filter.</summary>
    public ushort SendSubscribe(string filter, int options = 0, Props? properties = null)
    {
        byte[] packet = new byte[filter.Length * 3 + 64];
        var subscription = new Subscription(Encoding.UTF8.GetBytes(filter), (byte)options);
        Send(packet.AsSpan(0, ClientPacketWriter.WriteSubscribe(packet, _version, ++_lastId, subscription, properties?.Encoded ?? [])));
        return _lastId;
    }

    /// <summary>SUBSCRIBE with many filters, and the answer without its identifier.</summary>
    public string SubscribeAll(int options, params string[] filters)
    {
        byte[] packet = new byte[64 + filters.Sum(f => 8 + (f.Length * 3))];
        byte[][] encoded = [.. filters.Select(Encoding.UTF8.GetBytes)];
        Send(packet.AsSpan(0, ClientPacketWriter.WriteSubscribe(packet, _version, ++_lastId, encoded, (byte)options)));
        return Without(Receive(), $"SUBACK {_lastId} ");
    }

    /// <summary>UNSUBSCRIBE, and the answer without its identifier.</summary>
    public string Unsubscribe(params string[] filters)
    {
        byte[] packet = new byte[64 + filters.Sum(f => 8 + (f.Length * 3))];
        byte[][] encoded = [.. filters.Select(Encoding.UTF8.GetBytes)];
        Send(packet.AsSpan(0, ClientPacketWriter.WriteUnsubscribe(packet, _version, ++_lastId, encoded)));
        return Without(Receive(), $"UNSUBACK {_lastId}");
    }

    /// <summary>PUBLISH.</summary>
    public void Publish(
        string topic, string payload, int qos = 0, int id = 0, bool retain = false, bool dup = false, Props? properties = null)
    {
        byte[] body = Encoding.UTF8.GetBytes(payload);
        byte[] name = Encoding.UTF8.GetBytes(topic);
        var publish = new Publish
        {
            Dup = dup,
            QoS = (QoS)qos,
            Retain = retain,
            Topic = name,
            PacketIdentifier = (ushort)id,
            Properties = Properties.OfChecked(properties?.Encoded ?? []),
            PayloadLength = body.Length,
        };
        byte[] packet = new byte[64 + name.Length + body.Length + publish.Properties.Encoded.Length];
        int head = PublishWriter.WriteHead(packet, _version, publish, []);
        body.CopyTo(packet, head);
        Send(packet.AsSpan(0, head + body.Length));
    }

    /// <summary>PUBLISH of quality of service 1, and the answer.</summary>
    public string PublishAcknowledged(string topic, string payload, bool retain = false, Props? properties = null)
    {
        ushort id = ++_lastId;
        Publish(topic, payload, 1, id, retain, properties: properties);
        return Without(Receive(), $"PUBACK {id}").Trim();
    }

    /// <summary>PUBACK, PUBREC, PUBREL or PUBCOMP.</summary>
    public void Acknowledge(PacketType type, int id, ReasonCode reason = ReasonCode.Success)
    {
        Span<byte> packet = stackalloc byte[PacketWriter.MaxAcknowledgementSize];
        Send(packet[..PacketWriter.WriteAcknowledgement(packet, _version, type, (ushort)id, reason)]);
    }

    /// <summary>DISCONNECT, and the end of the connection.</summary>
    public void Disconnect(int reason = 0, Props? properties = null)
    {
        if (_version != ProtocolVersion.Mqtt50 || (reason == 0 && properties is null))
        {
            Send(ClientPacketWriter.Disconnect);
        }
        else
        {
            byte[] packet = new byte[64];
            Send(packet.AsSpan(0, PacketWriter.WriteDisconnect(
                packet, _version, (ReasonCode)reason, properties?.Encoded ?? [], default)));
        }

        _connection.CloseSending();
        WaitForEnd();
    }

    /// <summary>The network fails.</summary>
    public void Drop()
    {
        _connection.Reset();
        WaitForEnd();
    }

    /// <summary>Waits until the server has let go of the connection.</summary>
    public void WaitForEnd()
    {
        if (!SpinWait.SpinUntil(() => IsGone, GivesUpAfterMs))
        {
            throw new TimeoutException("the connection does not end");
        }
    }

    /// <summary>The next packet, or <see cref="Closed"/>.</summary>
    public string Receive()
    {
        string? packet = null;
        if (!SpinWait.SpinUntil(() => (packet = TryReceive()) is not null, GivesUpAfterMs))
        {
            throw new TimeoutException("nothing came");
        }

        return packet!;
    }

    /// <summary>The next packets.</summary>
    public string[] Receive(int count)
    {
        string[] packets = new string[count];
        for (int i = 0; i < count; i++)
        {
            packets[i] = Receive();
        }

        return packets;
    }

    /// <summary>Sends PINGREQ; what comes before the answer to it.</summary>
    public string[] ReceiveUntilPing()
    {
        Send(ClientPacketWriter.PingReq);
        var before = new List<string>();
        for (string packet = Receive(); packet != "PINGRESP"; packet = Receive())
        {
            before.Add(packet);
            if (packet == Closed)
            {
                break;
            }
        }

        return [.. before];
    }

    /// <summary>What the once-a-second timer does.</summary>
    public void Tick(Uptime now) => _connection.Tick(now);

    public void Dispose()
    {
        _connection.Dispose();
        WaitForEnd();
    }

    private static string Without(string packet, string start) =>
        packet.StartsWith(start, StringComparison.Ordinal) ? packet[start.Length..] : packet;

    private string? TryReceive()
    {
        bool ended = _connection.IsEndOfStream; // before the bytes: none come after it
        byte[] more = _connection.Receive();
        _unread = more.Length == 0 ? _unread : [.. _unread, .. more];
        ReadOnlySpan<byte> rest = _unread;
        if (!PacketReader.TryRead(ref rest, _version, PacketReader.MaxPacketSize, out Packet packet))
        {
            return ended ? Closed : null;
        }

        string text = PacketText.Of(packet, _version);
        _unread = rest.ToArray();
        return text;
    }
}
