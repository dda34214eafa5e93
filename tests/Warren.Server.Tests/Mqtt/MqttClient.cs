using System.Buffers.Binary;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Warren.Transport;
using Xunit;

namespace Warren.Server.Tests.Mqtt;

/// <summary>An MQTT 5.0 client that says what it is told to, byte for byte.</summary>
internal sealed class MqttClient : IDisposable
{
    public const byte ConnAck = 0x20;
    public const byte SubAck = 0x90;
    public const byte Auth = 0xF0;
    public const byte Disconnect = 0xE0;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Stream? _stream;
    private readonly ClientWebSocket? _socket;
    private readonly List<byte> _unread = [];

    private MqttClient(Stream? stream, ClientWebSocket? socket)
    {
        _stream = stream;
        _socket = socket;
    }

    /// <summary>The WebSocket it speaks through.</summary>
    public ClientWebSocket Socket => _socket!;

    public static async Task<MqttClient> OpenAsync(WarrenServer server)
    {
        Listener listener = server.Listeners.First(l => l.Protocol.Name == "mqtt");
        var client = new TcpClient();
        await client.ConnectAsync(listener.LocalEndPoint);
        return new MqttClient(client.GetStream(), null);
    }

    public static async Task<MqttClient> OpenWebSocketAsync(Uri url, Action<ClientWebSocketOptions>? configure = null)
    {
        var socket = new ClientWebSocket();
        try
        {
            if (configure is null)
            {
                socket.Options.AddSubProtocol("mqtt");
            }

            configure?.Invoke(socket.Options);
            await socket.ConnectAsync(url, CancellationToken.None);
            return new MqttClient(null, socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _stream?.Dispose();
        _socket?.Dispose();
    }

    /// <summary>A CONNECT packet; a null user leaves name and password out.</summary>
    public static byte[] Connect(string clientId, string? user = "guest", string? password = "guest", byte[]? properties = null, byte version = 5)
    {
        byte flags = (byte)(2 | (user is null ? 0 : 0x80) | (password is null || user is null ? 0 : 0x40));
        var body = new List<byte>([.. Text("MQTT"), version, flags, 0, 60]);
        if (version == 5)
        {
            body.AddRange([(byte)(properties?.Length ?? 0), .. properties ?? []]);
        }

        body.AddRange(Text(clientId));
        if (user is not null)
        {
            body.AddRange(Text(user));
            body.AddRange(password is null ? [] : Text(password));
        }

        return Packet(0x10, [.. body]);
    }

    public static byte[] Subscribe(string filter, byte qos = 0) => Packet(0x82, [0, 1, 0, .. Text(filter), qos]);

    public static byte[] Publish(string topic, string payload, bool retain = false) =>
        Packet((byte)(0x30 | (retain ? 1 : 0)), [.. Text(topic), 0, .. Encoding.UTF8.GetBytes(payload)]);

    public static byte[] Text(string text) => Binary(Encoding.UTF8.GetBytes(text));

    public static byte[] Binary(byte[] bytes)
    {
        byte[] length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)bytes.Length);
        return [.. length, .. bytes];
    }

    public static byte[] Packet(byte header, byte[] body)
    {
        var packet = new List<byte>([header]);
        int left = body.Length;
        do
        {
            packet.Add((byte)((left & 0x7F) | (left > 0x7F ? 0x80 : 0)));
            left >>= 7;
        }
        while (left > 0);
        return [.. packet, .. body];
    }

    public async Task SendAsync(params byte[] bytes)
    {
        if (_stream is not null)
        {
            await _stream.WriteAsync(bytes);
        }
        else
        {
            await Socket.SendAsync(bytes, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
        }
    }

    /// <summary>Connects and answers the reason of CONNACK.</summary>
    public async Task<byte> EnterAsync(string clientId, string? user = "guest", string? password = "guest", byte version = 5)
    {
        await SendAsync(Connect(clientId, user, password, version: version));
        (byte header, byte[] body) = await ReadAsync();
        Assert.Equal(ConnAck, header);
        return body[1];
    }

    /// <summary>Subscribes and answers the reason of SUBACK.</summary>
    public async Task<byte> SubscribeAsync(string filter, byte qos = 0)
    {
        await SendAsync(Subscribe(filter, qos));
        (byte header, byte[] body) = await ReadAsync();
        Assert.Equal(SubAck, header);
        return body[^1];
    }

    /// <summary>The next message: flags of the packet, topic and payload.</summary>
    public async Task<(int Flags, string Topic, string Payload)> ReadMessageAsync()
    {
        (byte header, byte[] body) = await ReadAsync();
        Assert.Equal(3, header >> 4);
        int topic = BinaryPrimitives.ReadUInt16BigEndian(body);
        int at = 2 + topic + ((header & 6) == 0 ? 0 : 2);
        at += 1 + body[at];
        return (header & 15, Encoding.UTF8.GetString(body, 2, topic), Encoding.UTF8.GetString(body[at..]));
    }

    /// <summary>The next packet.</summary>
    public async Task<(byte Header, byte[] Body)> ReadAsync()
    {
        while (true)
        {
            if (TryTake(out byte header, out byte[] body))
            {
                return (header, body);
            }

            byte[] buffer = new byte[4096];
            int read = await ReceiveAsync(buffer);
            Assert.NotEqual(0, read);
            _unread.AddRange(buffer.AsSpan(0, read));
        }
    }

    /// <summary>Reads until the server closes.</summary>
    public async Task ReadEndAsync()
    {
        byte[] buffer = new byte[4096];
        while (await ReceiveAsync(buffer) > 0)
        {
        }
    }

    private async Task<int> ReceiveAsync(byte[] buffer)
    {
        using var patience = new CancellationTokenSource(Patience);
        if (_stream is not null)
        {
            return await _stream.ReadAsync(buffer, patience.Token);
        }

        WebSocketReceiveResult received = await Socket.ReceiveAsync(buffer, patience.Token);
        return received.MessageType == WebSocketMessageType.Close ? 0 : received.Count;
    }

    private bool TryTake(out byte header, out byte[] body)
    {
        (header, body) = (0, []);
        int length = 0;
        for (int at = 1; at < _unread.Count; at++)
        {
            length |= (_unread[at] & 0x7F) << (7 * (at - 1));
            if ((_unread[at] & 0x80) == 0)
            {
                if (_unread.Count < at + 1 + length)
                {
                    return false;
                }

                header = _unread[0];
                body = [.. _unread.Skip(at + 1).Take(length)];
                _unread.RemoveRange(0, at + 1 + length);
                return true;
            }
        }

        return false;
    }
}
