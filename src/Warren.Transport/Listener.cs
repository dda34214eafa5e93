using System.Net;
using System.Net.Sockets;
using Warren.Transport.Carriers;

namespace Warren.Transport;

/// <summary>Accepts clients on one address and runs their connections.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class Listener : IAsyncDisposable
{
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly HashSet<Connection> _connections = []; // guarded by _lock
    private readonly Socket _socket;
    private readonly IProtocol _protocol;
    private readonly TransportResources _resources;
    private readonly ListenerOptions _options;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;
    private readonly long _firstReserved;
    private long _accepted;
    private long _refused;
    private int _disposed;

    private Listener(Socket socket, IProtocol protocol, TransportResources resources, ListenerOptions options)
    {
        _socket = socket;
        _protocol = protocol;
        _resources = resources;
        _options = options;
        _firstReserved = DescriptorLimit.FirstReserved(options.ReservedDescriptors);
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
        _accepting = AcceptAsync();
    }

    /// <summary>The address listened on, with the port the system chose if it was asked to.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>What is spoken here.</summary>
    public IProtocol Protocol => _protocol;

    /// <summary>Clients accepted since the start.</summary>
    public long AcceptedCount => Volatile.Read(ref _accepted);

    /// <summary>Clients closed at once because of <see cref="ListenerOptions.MaxConnections"/> or
    /// <see cref="ListenerOptions.ReservedDescriptors"/>.</summary>
    public long RefusedCount => Volatile.Read(ref _refused);

    /// <summary>Connections open now.</summary>
    public int ConnectionCount
    {
        get
        {
            lock (_lock)
            {
                return _connections.Count;
            }
        }
    }

    /// <summary>Starts listening.</summary>
    /// <param name="endPoint">The address; port 0 lets the system choose.</param>
    /// <param name="protocol">What to speak.</param>
    /// <param name="resources">The broker's.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <exception cref="SocketException">The address is in use, not ours, or not allowed.</exception>
    public static Listener Start(
        IPEndPoint endPoint, IProtocol protocol, TransportResources resources, ListenerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        ArgumentNullException.ThrowIfNull(protocol);
        ArgumentNullException.ThrowIfNull(resources);
        options ??= new ListenerOptions();
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = options.DualMode;
            }

            // Clients inherit the size of the receive buffer, and with it the window offered in the handshake.
            if (options.ReceiveBufferBytes is int receiveBytes)
            {
                socket.ReceiveBufferSize = receiveBytes;
            }

            socket.Bind(endPoint);
            socket.Listen(options.Backlog);
            return new Listener(socket, protocol, resources, options);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The connections open now.</summary>
    public IReadOnlyList<Connection> ListConnections()
    {
        lock (_lock)
        {
            return [.. _connections];
        }
    }

    /// <summary>Accepts no more clients; those connected stay.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        _socket.Dispose();
        await _accepting;
    }

    /// <summary>Accepts no more clients, drops those connected and returns when all are gone.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await StopAsync();
        IReadOnlyList<Connection> open = ListConnections();
        foreach (Connection connection in open)
        {
            connection.Abort(null);
        }

        foreach (Connection connection in open)
        {
            await connection.Completion;
        }

        _stopping.Dispose();
    }

    internal void Remove(Connection connection)
    {
        lock (_lock)
        {
            _connections.Remove(connection);
        }
    }

    // Ends when stopped; every other error is reported and, after a pause where it would come again at once, overcome.
    private async Task AcceptAsync()
    {
        await Task.Yield();
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Serve(await _socket.AcceptAsync(_stopping.Token));
            }
            catch (Exception) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
            {
                continue; // the client went away before it was accepted
            }
            catch (Exception e)
            {
                _resources.ReportFault(null, e);
                if (!await PausedAsync())
                {
                    return;
                }
            }
        }
    }

    // Out of file descriptors or memory: waiting lets other connections end. False when stopped meanwhile.
    private async Task<bool> PausedAsync()
    {
        try
        {
            await Task.Delay(AcceptPause, _resources.Time, _stopping.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Serve(Socket client)
    {
        if (_options.MaxConnections <= ConnectionCount || DescriptorLimit.IsReserved(client, _firstReserved))
        {
            Interlocked.Increment(ref _refused);
            client.Dispose();
            return;
        }

        SocketCarrier? carrier = null;
        try
        {
            client.NoDelay = _options.NoDelay;
            Configure(client);
            carrier = new SocketCarrier(client);
            var connection = new Connection(carrier, _protocol, _resources, _options, this);
            lock (_lock)
            {
                _connections.Add(connection);
            }

            Interlocked.Increment(ref _accepted);
            connection.Start();
        }
        catch (Exception e)
        {
            // One client's trouble (gone already, or not to the protocol's liking) is not the listener's.
            carrier?.Dispose();
            client.Dispose();
            _resources.ReportFault(null, e);
        }
    }

    private void Configure(Socket client)
    {
        if (_options.KeepAlive)
        {
            client.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        }

        if (_options.SendBufferBytes is int sendBytes)
        {
            client.SendBufferSize = sendBytes;
        }
    }
}
