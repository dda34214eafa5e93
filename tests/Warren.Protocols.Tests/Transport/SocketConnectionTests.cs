using System.Net;
using System.Net.Sockets;
using Warren.Buffers;
using Warren.Transport;
using Xunit;

namespace Warren.Protocols.Tests.Transport;

/// <summary>Connections over real loopback sockets: every wait is for something the other end does.</summary>
public sealed class SocketConnectionTests : IAsyncDisposable
{
    private readonly TransportFixture _transport = new();
    private readonly ScriptedProtocol _protocol = new();
    private readonly List<Listener> _listeners = [];

    public async ValueTask DisposeAsync()
    {
        foreach (Listener listener in _listeners)
        {
            await listener.DisposeAsync();
        }

        Assert.Equal(0, _transport.Blocks.RentedBytes);
        Assert.Equal(0, _transport.Resources.Heartbeats.Count);
        _transport.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(65_536)]
    [InlineData(3_000_000)]
    public async Task What_is_sent_comes_back(int length)
    {
        using Socket client = await ConnectAsync();
        byte[] sent = new byte[length];
        new Random(2).NextBytes(sent);

        Task<byte[]> received = ReceiveAsync(client, length);
        await SendAsync(client, sent);

        Assert.Equal(sent, await received);
    }

    [Fact]
    public async Task Shared_payloads_and_copied_bytes_arrive_in_order()
    {
        using var slabs = new SlabPool();
        Payload body = slabs.Allocate(100_000);
        body.Writable.Fill(7);
        _protocol.OnConsume = (session, unread) =>
        {
            lock (session.Connection.Output.Lock)
            {
                for (int i = 0; i < 20; i++)
                {
                    session.Connection.Output.Append([1, 2, 3]);
                    session.Connection.Output.AppendShared(body);
                }
            }

            body.Release();
            return unread.Length;
        };
        using Socket client = await ConnectAsync();

        await SendAsync(client, [0]);
        byte[] received = await ReceiveAsync(client, 20 * 100_003);

        for (int i = 0; i < 20; i++)
        {
            Assert.Equal([1, 2, 3], received.AsSpan(i * 100_003, 3).ToArray());
            Assert.Equal(-1, received.AsSpan((i * 100_003) + 3, 100_000).IndexOfAnyExcept((byte)7));
        }

        await _listeners[0].DisposeAsync();
        Assert.Equal(0, slabs.RentedBytes);
    }

    [Fact]
    public async Task A_client_that_reads_slowly_makes_the_output_full_and_then_drains_it()
    {
        var full = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _protocol.OnConsume = (session, unread) =>
        {
            bool isFull;
            do
            {
                lock (session.Connection.Output.Lock)
                {
                    session.Connection.Output.Append(new byte[50_000]);
                    isFull = session.Connection.Output.IsFull;
                }

                session.Connection.Output.Flush();
            }
            while (!isFull);

            full.TrySetResult();
            return unread.Length;
        };
        using Socket client = await ConnectAsync();
        await SendAsync(client, [0]);
        await full.Task;
        ScriptedSession session = _protocol.Sessions[0];
        Assert.False(session.Drained.IsCompleted);

        await ReceiveAsync(client, (int)(session.Connection.BytesSent + session.Connection.Output.PendingBytes));
        await session.Drained;

        Assert.Equal(1, session.DrainedCalls);
    }

    [Fact]
    public async Task A_paused_session_makes_the_client_wait()
    {
        var paused = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _protocol.OnConsume = (session, unread) =>
        {
            session.Connection.PauseReading();
            paused.TrySetResult();
            return unread.Length;
        };
        using Socket client = await ConnectAsync();
        await SendAsync(client, [0]);
        await paused.Task;

        client.Blocking = false;
        byte[] chunk = new byte[65_536];
        long accepted = 0;
        int sent;
        do
        {
            sent = client.Send(chunk, SocketFlags.None, out SocketError error);
            accepted += Math.Max(0, sent);
            Assert.True(error is SocketError.Success or SocketError.WouldBlock);
        }
        while (sent > 0);

        Assert.Equal(1, _protocol.Sessions[0].Connection.BytesReceived);
        _protocol.OnConsume = static (_, unread) => unread.Length;
        _protocol.Sessions[0].Connection.ResumeReading();
        client.Shutdown(SocketShutdown.Send);
        await _protocol.Sessions[0].Closed;
        Assert.Equal(accepted + 1, _protocol.Sessions[0].Connection.BytesReceived);
    }

    [Fact]
    public async Task The_last_bytes_arrive_although_the_client_has_sent_more_than_was_read()
    {
        _protocol.OnConsume = static (session, unread) =>
        {
            session.Append("refused"u8);
            session.Connection.CloseAfterFlush();
            return 0;
        };
        using Socket client = await ConnectAsync();

        await SendAsync(client, new byte[500_000]);
        byte[] received = await ReceiveAsync(client, 7);

        Assert.Equal("refused"u8.ToArray(), received);
        Assert.Equal(0, await client.ReceiveAsync(new byte[1], SocketFlags.None));
        client.Shutdown(SocketShutdown.Send);
        Assert.Null(await _protocol.Sessions[0].Closed);
        Assert.Single(_protocol.Sessions[0].Offered);
    }

    [Fact]
    public async Task A_client_that_resets_is_reported_once()
    {
        using Socket client = await ConnectAsync();
        await SendAsync(client, [1]);
        await ReceiveAsync(client, 1);

        client.Close(0);

        Assert.IsType<SocketException>(await _protocol.Sessions[0].Closed);
        await _protocol.Sessions[0].Connection.Completion;
        Assert.Equal(1, _protocol.Sessions[0].ClosedCalls);
    }

    [Fact]
    public async Task Abort_resets_the_client()
    {
        using Socket client = await ConnectAsync();
        await SendAsync(client, [1]);
        await ReceiveAsync(client, 1);

        _protocol.Sessions[0].Connection.Abort(new TimeoutException());

        Assert.IsType<TimeoutException>(await _protocol.Sessions[0].Closed);
        SocketException reset = await Assert.ThrowsAsync<SocketException>(
            async () => await client.ReceiveAsync(new byte[1], SocketFlags.None));
        Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
    }

    [Fact]
    public async Task A_stopped_listener_keeps_its_connections_and_takes_no_more()
    {
        using Socket client = await ConnectAsync();
        await SendAsync(client, [1]);
        await ReceiveAsync(client, 1);

        await _listeners[0].StopAsync();

        using var late = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await Assert.ThrowsAsync<SocketException>(async () => await late.ConnectAsync(_listeners[0].LocalEndPoint));
        await SendAsync(client, [2]);
        Assert.Equal([2], await ReceiveAsync(client, 1));
        Assert.Equal(1, _listeners[0].ConnectionCount);
    }

    [Fact]
    public async Task Clients_beyond_the_limit_are_closed_and_the_others_served()
    {
        Listener listener = Listen(new ListenerOptions { MaxConnections = 1 });
        using Socket first = await ConnectAsync(listener);
        await SendAsync(first, [1]);
        await ReceiveAsync(first, 1);

        using Socket second = await ConnectAsync(listener);

        Assert.Equal(0, await second.ReceiveAsync(new byte[1], SocketFlags.None));
        await SendAsync(first, [2]);
        Assert.Equal([2], await ReceiveAsync(first, 1));
        Assert.Equal(1, listener.RefusedCount);
    }

    [Fact]
    public async Task A_protocol_that_refuses_a_client_does_not_stop_the_listener()
    {
        _protocol.OnAccept = static _ => throw new InvalidOperationException("not today");
        Listener listener = Listen(new ListenerOptions());
        using Socket refused = await ConnectAsync(listener);
        Assert.Equal(0, await refused.ReceiveAsync(new byte[1], SocketFlags.None));

        _protocol.OnAccept = null;
        using Socket served = await ConnectAsync(listener);

        await SendAsync(served, [1]);
        Assert.Equal([1], await ReceiveAsync(served, 1));
        Assert.Equal(1, listener.ConnectionCount);
    }

    [Fact]
    public async Task A_protocol_runs_over_a_stream_as_over_a_socket()
    {
        using var acceptor = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        acceptor.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        acceptor.Listen();
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(acceptor.LocalEndPoint!);
        Socket accepted = await acceptor.AcceptAsync();
        var stream = new NetworkStream(accepted, ownsSocket: true);
        var connection = Connection.Start(
            stream, _protocol, _transport.Resources, new ListenerOptions(), accepted.LocalEndPoint, accepted.RemoteEndPoint, waitsWithoutBuffer: true);
        byte[] sent = new byte[2_000_000];
        new Random(3).NextBytes(sent);

        Task<byte[]> received = ReceiveAsync(client, sent.Length);
        await SendAsync(client, sent);
        Assert.Equal(sent, await received);
        Assert.Equal(client.LocalEndPoint, connection.RemoteEndPoint);
        connection.CloseAfterFlush();

        Assert.Equal(0, await client.ReceiveAsync(new byte[1], SocketFlags.None));
        Assert.Null(await _protocol.Sessions[0].Closed);
        await connection.Completion;
    }

    [Fact]
    public async Task A_proxy_header_cut_anywhere_is_taken_off_and_not_a_byte_more()
    {
        Listener listener = Listen(new ListenerOptions { ProxyProtocol = true });
        using Socket client = await ConnectAsync(listener);
        byte[] header = "PROXY TCP4 192.0.2.1 198.51.100.2 56324 5672\r\n"u8.ToArray();

        foreach (byte octet in header[..^3])
        {
            await SendAsync(client, [octet]);
        }

        await SendAsync(client, [.. header[^3..], 1, 2, 3]);

        Assert.Equal([1, 2, 3], await ReceiveAsync(client, 3));
        Connection connection = _protocol.Sessions[0].Connection;
        Assert.Equal(IPEndPoint.Parse("192.0.2.1:56324"), connection.RemoteEndPoint);
        Assert.Equal(IPEndPoint.Parse("198.51.100.2:5672"), connection.LocalEndPoint);
    }

    [Fact]
    public async Task Clients_that_have_not_said_who_they_are_count_and_go_when_the_listener_stops()
    {
        Listener listener = Listen(new ListenerOptions { ProxyProtocol = true, MaxConnections = 1, ProxyHeaderTimeoutMs = 60_000 });
        using Socket silent = await ConnectAsync(listener);
        using Socket second = await ConnectAsync(listener);
        Assert.Equal(0, await second.ReceiveAsync(new byte[1], SocketFlags.None));

        await listener.StopAsync();

        Assert.Equal(0, await silent.ReceiveAsync(new byte[1], SocketFlags.None));
        Assert.Empty(_protocol.Sessions);
        Assert.Equal(1, listener.RefusedCount);
    }

    [Fact]
    public async Task Many_clients_at_once_are_all_served()
    {
        Listener listener = Listen(new ListenerOptions());

        byte[][] answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(
            async i =>
            {
                using Socket client = await ConnectAsync(listener);
                await SendAsync(client, [(byte)i]);
                return await ReceiveAsync(client, 1);
            }));

        Assert.Equal(Enumerable.Range(0, 200).Select(i => (byte)i), answers.Select(answer => answer[0]));
        Assert.Equal(200, listener.AcceptedCount);
        await Task.WhenAll(_protocol.Sessions.Select(session => session.Connection.Completion));
        Assert.Equal(0, listener.ConnectionCount);
    }

    private static async Task SendAsync(Socket socket, byte[] bytes)
    {
        for (int sent = 0; sent < bytes.Length;)
        {
            sent += await socket.SendAsync(bytes.AsMemory(sent), SocketFlags.None);
        }
    }

    private static async Task<byte[]> ReceiveAsync(Socket socket, int length)
    {
        byte[] bytes = new byte[length];
        for (int received = 0; received < length;)
        {
            int read = await socket.ReceiveAsync(bytes.AsMemory(received), SocketFlags.None);
            Assert.NotEqual(0, read);
            received += read;
        }

        return bytes;
    }

    private Listener Listen(ListenerOptions options)
    {
        var listener = Listener.Start(new IPEndPoint(IPAddress.Loopback, 0), _protocol, _transport.Resources, options);
        _listeners.Add(listener);
        return listener;
    }

    private async Task<Socket> ConnectAsync(Listener? listener = null)
    {
        listener ??= Listen(new ListenerOptions());
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(listener.LocalEndPoint);
        return socket;
    }
}
