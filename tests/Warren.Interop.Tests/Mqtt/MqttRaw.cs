using System.Net.Sockets;
using System.Text;
using Warren.Wire.Mqtt;

namespace Warren.Interop.Tests.Mqtt;

/// <summary>A client that sends exactly the packets it is told to and shows those that come back, acknowledging nothing by itself.</summary>
/// <remarks>One thread sends, one reads. Reads time out after 20 s, so that a silent broker fails a test instead of hanging it.</remarks>
public sealed class MqttRaw : IDisposable
{
    private readonly NetworkStream _stream;
    private Queue<MqttPacket> _aside = new();
    private byte[] _buffer = new byte[64 * 1024];
    private int _from;
    private int _to;

    private MqttRaw(Socket socket, ProtocolVersion version)
    {
        Version = version;
        Socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true) { ReadTimeout = 20_000, WriteTimeout = 20_000 };
    }

    /// <summary>What it speaks.</summary>
    public ProtocolVersion Version { get; }

    /// <summary>The socket, for tests that are rude to it.</summary>
    public Socket Socket { get; }

    /// <summary>Milliseconds a read waits.</summary>
    public int ReadTimeoutMs
    {
        get => _stream.ReadTimeout;
        set => _stream.ReadTimeout = value;
    }

    /// <summary>Connects and sends nothing.</summary>
    /// <param name="port">The listener on 127.0.0.1.</param>
    /// <param name="version">What to speak.</param>
    /// <param name="receiveBuffer">Bytes the system keeps for a reader that does not read; 0: its default.</param>
    public static MqttRaw Connect(int port, ProtocolVersion version = ProtocolVersion.Mqtt50, int receiveBuffer = 0)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer > 0)
        {
            socket.ReceiveBufferSize = receiveBuffer;
        }

        socket.Connect("127.0.0.1", port);
        return new MqttRaw(socket, version);
    }

    /// <summary>CONNECT, and what answers it.</summary>
    public MqttPacket Login(MqttLogin login)
    {
        ArgumentNullException.ThrowIfNull(login);
        SendConnect(login);
        return Expect(PacketType.ConnAck);
    }

    /// <summary>CONNECT with a client id, and what answers it.</summary>
    public MqttPacket Login(string clientId, bool clean = true, uint expiry = uint.MaxValue) =>
        Login(new MqttLogin(clientId) { Clean = clean, ExpirySeconds = clean ? 0 : expiry });

    /// <summary>CONNECT.</summary>
    public void SendConnect(MqttLogin login)
    {
        ArgumentNullException.ThrowIfNull(login);
        byte[] more = new byte[256];
        var properties = new PropertyWriter(more);
        if (Version == ProtocolVersion.Mqtt50)
        {
            if (login.ExpirySeconds != 0)
            {
                properties.Number(PropertyId.SessionExpiryInterval, login.ExpirySeconds);
            }

            if (login.ReceiveMaximum != 0)
            {
                properties.Number(PropertyId.ReceiveMaximum, (uint)login.ReceiveMaximum);
            }

            if (login.MaxPacketSize != 0)
            {
                properties.Number(PropertyId.MaximumPacketSize, (uint)login.MaxPacketSize);
            }

            if (login.TopicAliasMaximum != 0)
            {
                properties.Number(PropertyId.TopicAliasMaximum, (uint)login.TopicAliasMaximum);
            }
        }

        var willProperties = new PropertyWriter(new byte[8]);
        if (login.WillDelaySeconds > 0)
        {
            willProperties.Number(PropertyId.WillDelayInterval, login.WillDelaySeconds);
        }

        var connect = new Connect
        {
            Version = Version,
            CleanStart = login.Clean,
            KeepAlive = (ushort)login.KeepAlive,
            ClientId = Encoding.UTF8.GetBytes(login.ClientId),
            HasUserName = login.User is not null,
            UserName = Encoding.UTF8.GetBytes(login.User ?? ""),
            HasPassword = login.Password is not null,
            Password = Encoding.UTF8.GetBytes(login.Password ?? ""),
            HasWill = login.WillTopic is not null,
            Will = login.WillTopic is null
                ? default
                : new Will
                {
                    Topic = Encoding.UTF8.GetBytes(login.WillTopic),
                    Payload = Encoding.UTF8.GetBytes(login.WillBody),
                    QoS = QoS.AtLeastOnce,
                    Properties = Properties.OfChecked(willProperties.Written),
                },
            Properties = Properties.OfChecked(properties.Written),
        };
        byte[] packet = new byte[ClientPacketWriter.SizeOfConnect(connect)];
        Send(packet.AsSpan(0, ClientPacketWriter.WriteConnect(packet, connect)));
    }

    /// <summary>PUBLISH.</summary>
    public void Publish(
        string topic, ReadOnlySpan<byte> payload, int qos = 0, ushort id = 0, bool dup = false, bool retain = false, byte[]? properties = null)
    {
        var publish = new Publish
        {
            Topic = Encoding.UTF8.GetBytes(topic),
            QoS = (QoS)qos,
            PacketIdentifier = id,
            Dup = dup,
            Retain = retain,
            Properties = Properties.OfChecked(properties ?? []),
            Payload = payload,
            PayloadLength = payload.Length,
        };
        byte[] packet = new byte[PublishWriter.SizeOf(Version, publish.QoS, publish.Topic.Length, publish.Properties.Encoded.Length, payload.Length)];
        int head = PublishWriter.WriteHead(packet, Version, publish, []);
        payload.CopyTo(packet.AsSpan(head));
        Send(packet);
    }

    /// <summary>PUBLISH of a text.</summary>
    public void Publish(string topic, string body, int qos = 0, ushort id = 0, bool dup = false, bool retain = false, byte[]? properties = null) =>
        Publish(topic, Encoding.UTF8.GetBytes(body), qos, id, dup, retain, properties);

    /// <summary>PUBLISH with quality of service 1, and its PUBACK.</summary>
    public MqttPacket PublishAcknowledged(string topic, string body, bool retain = false, byte[]? properties = null)
    {
        Publish(topic, body, 1, 1, retain: retain, properties: properties);
        return Expect(PacketType.PubAck);
    }

    /// <summary>PUBACK, PUBREC, PUBREL or PUBCOMP.</summary>
    public void Acknowledge(PacketType type, ushort id)
    {
        Span<byte> packet = stackalloc byte[PacketWriter.MaxAcknowledgementSize];
        Send(packet[..PacketWriter.WriteAcknowledgement(packet, Version, type, id, ReasonCode.Success)]);
    }

    /// <summary>SUBSCRIBE, and the code that answers it.</summary>
    public byte Subscribe(string filter, int qos = 0, ushort id = 1)
    {
        SendSubscribe(filter, qos, id);
        return Expect(PacketType.SubAck).Code;
    }

    /// <summary>SUBSCRIBE.</summary>
    public void SendSubscribe(string filter, int options = 0, ushort id = 1, byte[]? properties = null)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(filter);
        byte[] packet = new byte[bytes.Length + 32 + (properties?.Length ?? 0)];
        Send(packet.AsSpan(0, ClientPacketWriter.WriteSubscribe(packet, Version, id, new Subscription(bytes, (byte)options), properties)));
    }

    /// <summary>SUBSCRIBE of many, and the codes that answer it.</summary>
    public byte[] SubscribeAll(IEnumerable<string> filters, int qos, ushort id = 1)
    {
        byte[][] all = [.. filters.Select(Encoding.UTF8.GetBytes)];
        byte[] packet = new byte[all.Sum(f => f.Length + 3) + 32];
        Send(packet.AsSpan(0, ClientPacketWriter.WriteSubscribe(packet, Version, id, all, (byte)qos)));
        return Expect(PacketType.SubAck).Codes;
    }

    /// <summary>UNSUBSCRIBE, and what answers it.</summary>
    public MqttPacket Unsubscribe(string filter, ushort id = 1)
    {
        SendUnsubscribe(filter, id);
        return Expect(PacketType.UnsubAck);
    }

    /// <summary>UNSUBSCRIBE.</summary>
    public void SendUnsubscribe(string filter, ushort id = 1)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(filter);
        byte[] packet = new byte[bytes.Length + 32];
        Send(packet.AsSpan(0, ClientPacketWriter.WriteUnsubscribe(packet, Version, id, [bytes])));
    }

    /// <summary>PINGREQ, and everything that comes before its answer.</summary>
    /// <remarks>A server sends in order: what it had for this client is in the list.</remarks>
    public List<MqttPacket> Ping()
    {
        Send(ClientPacketWriter.PingReq);
        var before = new List<MqttPacket>();
        while (true)
        {
            MqttPacket packet = Next();
            if (packet.Type == PacketType.PingResp)
            {
                return before;
            }

            before.Add(packet);
        }
    }

    /// <summary>DISCONNECT, and waits for the end of the connection.</summary>
    public void Disconnect()
    {
        Send(ClientPacketWriter.Disconnect);
        Assert.Null(TryNext());
    }

    /// <summary>DISCONNECT, and waits for the end of the connection whatever comes before.</summary>
    public void Leave()
    {
        Send(ClientPacketWriter.Disconnect);
        while (TryNext() is not null)
        {
            // lost, as far as the session is concerned
        }
    }

    /// <summary>Bytes as they are.</summary>
    public void Send(ReadOnlySpan<byte> bytes) => _stream.Write(bytes);

    /// <summary>The next packet; fails when the connection ends instead.</summary>
    public MqttPacket Next() => TryNext() ?? throw new IOException("the broker closed the connection");

    /// <summary>The next packet; null when the connection ends.</summary>
    public MqttPacket? TryNext()
    {
        if (_aside.TryDequeue(out MqttPacket? before))
        {
            return before;
        }

        return Read();
    }

    /// <summary>The next packet, which has to be of this type.</summary>
    public MqttPacket Expect(PacketType type)
    {
        MqttPacket packet = Next();
        Assert.True(packet.Type == type, $"{packet} instead of {type}");
        return packet;
    }

    /// <summary>The next message; acknowledges it as its quality of service asks for.</summary>
    public MqttPacket Receive()
    {
        MqttPacket message = Expect(PacketType.Publish);
        if (message.QoS == 1)
        {
            Acknowledge(PacketType.PubAck, message.Id);
        }
        else if (message.QoS == 2)
        {
            Acknowledge(PacketType.PubRec, message.Id);
            Queue<MqttPacket> aside = new();
            while (Next() is var packet && (packet.Type != PacketType.PubRel || packet.Id != message.Id))
            {
                aside.Enqueue(packet); // later messages may come before
            }

            Acknowledge(PacketType.PubComp, message.Id);
            _aside = aside; // what had been put aside before went through the loop
        }

        return message;
    }

    /// <summary>The connection is gone without another packet but a DISCONNECT, whose code is returned.</summary>
    public byte? ExpectEnd()
    {
        byte? code = null;
        while (TryNext() is { } packet)
        {
            Assert.Equal(PacketType.Disconnect, packet.Type);
            code = packet.Code;
        }

        return code;
    }

    /// <summary>Waits for something to read, or the end of the connection.</summary>
    /// <returns>False when there was nothing in that time.</returns>
    public bool WaitForMore(int milliseconds) =>
        _aside.Count > 0 || _to > _from || Socket.Poll(TimeSpan.FromMilliseconds(milliseconds), SelectMode.SelectRead);

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private MqttPacket? Read()
    {
        while (true)
        {
            ReadOnlySpan<byte> unread = _buffer.AsSpan(_from, _to - _from);
            int before = unread.Length;
            if (PacketReader.TryRead(ref unread, Version, PacketReader.MaxPacketSize, out Packet packet))
            {
                var read = MqttPacket.Of(packet, Version);
                _from += before - unread.Length;
                return read;
            }

            MakeRoom();
            int count;
            try
            {
                count = _stream.Read(_buffer, _to, _buffer.Length - _to);
            }
            catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
            {
                return null;
            }

            if (count == 0)
            {
                return null;
            }

            _to += count;
        }
    }

    private void MakeRoom()
    {
        if (_from == _to)
        {
            _from = 0;
            _to = 0;
        }
        else if (_to == _buffer.Length)
        {
            byte[] larger = _from > 0 ? _buffer : new byte[_buffer.Length * 2];
            Buffer.BlockCopy(_buffer, _from, larger, 0, _to - _from);
            _buffer = larger;
            _to -= _from;
            _from = 0;
        }
    }
}
