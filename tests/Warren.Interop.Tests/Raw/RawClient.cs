using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Warren.Interop.Tests.Raw;

/// <summary>A client that sends exactly the bytes it is told to and shows exactly the frames that come back.</summary>
/// <remarks>Not thread-safe. Reads time out after 10 s, so that a silent broker fails a test instead of hanging it.</remarks>
public sealed class RawClient : IDisposable
{
    private const byte FrameEnd = 0xCE;
    private static readonly byte[] ProtocolHeader = [.. "AMQP"u8, 0, 0, 9, 1];

    private readonly Socket _socket;
    private readonly NetworkStream _stream;

    private RawClient(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true) { ReadTimeout = 10_000, WriteTimeout = 10_000 };
    }

    /// <summary>Milliseconds a read waits.</summary>
    public int ReadTimeoutMs
    {
        get => _stream.ReadTimeout;
        set => _stream.ReadTimeout = value;
    }

    /// <summary>Connects and sends nothing.</summary>
    public static RawClient Connect(string host, int port)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(host, port);
        return new RawClient(socket);
    }

    /// <summary>Connects from an address of this machine and sends nothing.</summary>
    public static RawClient Connect(IPAddress to, int port, IPAddress? from)
    {
        Socket socket = new(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (from is not null)
        {
            socket.Bind(new IPEndPoint(from, 0));
        }

        socket.Connect(to, port);
        return new RawClient(socket);
    }

    /// <summary>Bytes as they are.</summary>
    public void Send(params ReadOnlySpan<byte> bytes) => _stream.Write(bytes);

    /// <summary>`AMQP` 0 0 9 1.</summary>
    public void SendProtocolHeader() => Send(ProtocolHeader);

    /// <summary>One frame.</summary>
    public void SendFrame(byte type, ushort channel, ReadOnlySpan<byte> payload, byte end = FrameEnd) =>
        Send(Frame(type, channel, payload, end));

    /// <summary>One method frame.</summary>
    public void Send(ushort channel, RawMethod method)
    {
        ArgumentNullException.ThrowIfNull(method);
        Send(MethodFrame(channel, method));
    }

    /// <summary>The bytes of a frame.</summary>
    public static byte[] Frame(byte type, ushort channel, ReadOnlySpan<byte> payload, byte end = FrameEnd)
    {
        byte[] frame = new byte[8 + payload.Length];
        frame[0] = type;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(1), channel);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(3), (uint)payload.Length);
        payload.CopyTo(frame.AsSpan(7));
        frame[^1] = end;
        return frame;
    }

    /// <summary>The bytes of a method frame.</summary>
    public static byte[] MethodFrame(ushort channel, RawMethod method)
    {
        ArgumentNullException.ThrowIfNull(method);
        return Frame(RawFrame.MethodType, channel, new RawWriter()
            .U16(method.ClassId).U16(method.MethodId).Bytes(method.Arguments).ToArray());
    }

    /// <summary>A content header; the flags and values of the properties are the caller's.</summary>
    public void SendHeader(
        ushort channel, ulong size, ushort classId = 60, ushort flags = 0, ReadOnlySpan<byte> properties = default) =>
        SendFrame(RawFrame.HeaderType, channel, new RawWriter()
            .U16(classId).U16(0).U64(size).U16(flags).Bytes(properties).ToArray());

    /// <summary>A content body frame.</summary>
    public void SendBody(ushort channel, ReadOnlySpan<byte> bytes) => SendFrame(RawFrame.BodyType, channel, bytes);

    /// <summary>basic.publish with header and, unless it is empty, one body frame.</summary>
    public void Publish(
        ushort channel,
        string exchange,
        string key,
        ReadOnlySpan<byte> body,
        bool mandatory = false,
        ushort flags = 0,
        ReadOnlySpan<byte> properties = default)
    {
        Send(channel, RawMethod.BasicPublish(exchange, key, mandatory));
        SendHeader(channel, (ulong)body.Length, 60, flags, properties);
        if (!body.IsEmpty)
        {
            SendBody(channel, body);
        }
    }

    /// <summary>The whole handshake up to connection.open-ok, announcing these capabilities of the client.</summary>
    public void Login(int channelMax = 2047, uint frameMax = 131072, int heartbeat = 0, params string[] capabilities)
    {
        Authenticate(capabilities);
        Send(0, RawMethod.ConnectionTuneOk(channelMax, frameMax, heartbeat));
        Send(0, RawMethod.ConnectionOpen());
        Expect(0, 10, 41);
    }

    /// <summary>The handshake up to connection.tune, which is returned.</summary>
    public RawFrame Authenticate(params string[] capabilities)
    {
        SendProtocolHeader();
        Expect(0, 10, 10);
        Send(0, RawMethod.ConnectionStartOk(properties: [("capabilities", Capabilities(capabilities))]));
        return Expect(0, 10, 30);
    }

    /// <summary>A capabilities table of these names.</summary>
    public static (string, object?)[] Capabilities(params string[] names) =>
        [.. names.Select(name => (name, (object?)true))];

    /// <summary>Opens a channel.</summary>
    public void OpenChannel(ushort channel)
    {
        Send(channel, RawMethod.ChannelOpen());
        Expect(channel, 20, 11);
    }

    /// <summary>Sends a method and returns the reply it must have.</summary>
    public RawFrame Call(ushort channel, RawMethod method, ushort replyMethodId)
    {
        ArgumentNullException.ThrowIfNull(method);
        Send(channel, method);
        return Expect(channel, method.ClassId, replyMethodId);
    }

    /// <summary>The next frame; heartbeats count.</summary>
    /// <exception cref="EndOfStreamException">The broker closed the socket.</exception>
    public RawFrame Read()
    {
        byte[] head = new byte[7];
        ReadExactly(head);
        uint size = BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(3));
        if (head[0] == (byte)'A' || size > 16 * 1024 * 1024)
        {
            throw new InvalidDataException("not a frame: " + Convert.ToHexString(head));
        }

        byte[] rest = new byte[size + 1];
        ReadExactly(rest);
        Assert.Equal(FrameEnd, rest[^1]);
        return new RawFrame(head[0], BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(1)), rest[..^1]);
    }

    /// <summary>The next frame, which must be this method on this channel.</summary>
    public RawFrame Expect(ushort channel, ushort classId, ushort methodId)
    {
        RawFrame frame = ReadNoHeartbeat();
        Assert.True(
            frame.Is(classId, methodId) && frame.Channel == channel,
            $"expected method {classId}.{methodId} on channel {channel}, got {frame}");
        return frame;
    }

    /// <summary>The next frame that is not a heartbeat.</summary>
    public RawFrame ReadNoHeartbeat()
    {
        RawFrame frame = Read();
        while (frame.Type == RawFrame.HeartbeatType)
        {
            frame = Read();
        }

        return frame;
    }

    /// <summary>The content after a deliver, return or get-ok: header payload and whole body.</summary>
    public (byte[] Header, byte[] Body) ReadContent(ushort channel)
    {
        RawFrame header = ReadNoHeartbeat();
        Assert.True(header.Type == RawFrame.HeaderType && header.Channel == channel, $"expected a header, got {header}");
        ulong size = BinaryPrimitives.ReadUInt64BigEndian(header.Payload.AsSpan(4));
        using MemoryStream body = new();
        while ((ulong)body.Length < size)
        {
            RawFrame part = ReadNoHeartbeat();
            Assert.True(part.Type == RawFrame.BodyType && part.Channel == channel, $"expected a body, got {part}");
            body.Write(part.Payload);
        }

        return (header.Payload, body.ToArray());
    }

    /// <summary>channel.close, answered with close-ok.</summary>
    public RawClose ExpectChannelClose(ushort channel)
    {
        var close = RawClose.Of(Expect(channel, 20, 40));
        Send(channel, RawMethod.ChannelCloseOk());
        return close;
    }

    /// <summary>connection.close, answered with close-ok; then the broker must close the socket.</summary>
    public RawClose ExpectConnectionClose()
    {
        var close = RawClose.Of(Expect(0, 10, 50));
        Send(0, RawMethod.ConnectionCloseOk());
        ExpectSocketClosed();
        return close;
    }

    /// <summary>Reads until the broker closes the socket; frames on the way must be heartbeats.</summary>
    public void ExpectSocketClosed()
    {
        try
        {
            while (true)
            {
                RawFrame frame = Read();
                Assert.True(frame.Type == RawFrame.HeartbeatType, $"expected the end of the connection, got {frame}");
            }
        }
        catch (EndOfStreamException)
        {
            // closed, as it must
        }
    }

    /// <summary>Reads raw bytes until the broker closes the socket.</summary>
    public byte[] ReadToEnd()
    {
        using MemoryStream all = new();
        byte[] buffer = new byte[4096];
        int read;
        while ((read = ReadSome(buffer)) > 0)
        {
            all.Write(buffer, 0, read);
        }

        return all.ToArray();
    }

    /// <summary>Asserts that nothing arrives for this long, not even the end of the connection.</summary>
    public void ExpectSilence(int milliseconds)
    {
        bool readable = _socket.Poll(TimeSpan.FromMilliseconds(milliseconds), SelectMode.SelectRead);
        Assert.False(readable, readable && _socket.Available > 0 ? $"unexpected: {Read()}" : "the socket was closed");
    }

    /// <summary>Ends the sending side only.</summary>
    public void ShutdownSend() => _socket.Shutdown(SocketShutdown.Send);

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private void ReadExactly(byte[] buffer)
    {
        int have = 0;
        while (have < buffer.Length)
        {
            int read = ReadSome(buffer.AsSpan(have));
            if (read == 0)
            {
                throw new EndOfStreamException("the broker closed the connection");
            }

            have += read;
        }
    }

    // A reset is an end as well: the broker may close with our bytes still unread.
    private int ReadSome(Span<byte> buffer)
    {
        try
        {
            return _stream.Read(buffer);
        }
        catch (IOException error) when (error.InnerException is SocketException
        {
            SocketErrorCode: SocketError.ConnectionReset or SocketError.Shutdown or SocketError.ConnectionAborted,
        })
        {
            return 0;
        }
        catch (IOException error) when (error.InnerException is SocketException
        {
            SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock or SocketError.TryAgain,
        })
        {
            throw new TimeoutException($"nothing arrived in {ReadTimeoutMs} ms", error);
        }
    }
}
