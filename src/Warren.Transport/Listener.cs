using System.Net;
using System.Net.Sockets;
using Warren.Transport.Carriers;
using Warren.Transport.Tls;

namespace Warren.Transport;

/// <summary>Accepts clients on one address and runs their connections.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class Listener : IAsyncDisposable
{
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly HashSet<Connection> _connections = []; // guarded by _lock
    private readonly Dictionary<Socket, Task> _opening = []; // clients before their protocol; guarded by _lock
    private readonly Socket _socket;
    private readonly IProtocol _protocol;
    private readonly TransportResources _resources;
    private readonly ListenerOptions _options;
    private readonly ClientPreamble _preamble;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;
    private readonly long _firstReserved;
    private long _accepted;
    private long _refused;
    private int _disposed;

    private Listener(
        Socket socket, IProtocol protocol, TransportResources resources, ListenerOptions options, TlsContext? tls)
    {
        _preamble = new ClientPreamble(options, tls, resources.Time);
        IsTls = tls is not null;
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

    /// <summary>Whether it is spoken over TLS.</summary>
    public bool IsTls { get; }

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

    // Those connected and those who want to be.
    private int ClientCount
    {
        get
        {
            lock (_lock)
            {
                return _connections.Count + _opening.Count;
            }
        }
    }

    /// <summary>Starts listening.</summary>
    /// <param name="endPoint">The address; port 0 lets the system choose.</param>
    /// <param name="protocol">What to speak.</param>
    /// <param name="resources">The broker's.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <param name="tls">Certificates for TLS, not disposed here; null: the protocol is spoken as it is.</param>
    /// <exception cref="SocketException">The address is in use, not ours, or not allowed.</exception>
    public static Listener Start(
        IPEndPoint endPoint,
        IProtocol protocol,
        TransportResources resources,
        ListenerOptions? options = null,
        TlsContext? tls = null)
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
            return new Listener(socket, protocol, resources, options, tls);
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

    /// <summary>Accepts no more clients; those connected stay, those not yet through with TLS go.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        _socket.Dispose();
        await _accepting;
        await Task.WhenAll(ListOpening());
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
        if (_options.MaxConnections <= ClientCount || DescriptorLimit.IsReserved(client, _firstReserved))
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
            if (_preamble.IsEmpty)
            {
                carrier = new SocketCarrier(client);
                Connect(carrier, tls: null);
                return;
            }

            lock (_lock)
            {
                _opening.Add(client, OpenAsync(client));
            }
        }
        catch (Exception e)
        {
            // One client's trouble (gone already, or not to the protocol's liking) is not the listener's.
            carrier?.Dispose();
            client.Dispose();
            _resources.ReportFault(null, e);
        }
    }

    // Beside the accept loop. Never faults.
    private async Task OpenAsync(Socket client)
    {
        await Task.Yield();
        EndPoint? remote = null;
        IByteCarrier? carrier = null;
        try
        {
            remote = client.RemoteEndPoint;
            (carrier, TlsSession? tls) = await _preamble.RunAsync(client, _stopping.Token).ConfigureAwait(false);
            Connect(carrier, tls);
        }
        catch (Exception e)
        {
            carrier?.Dispose();
            client.Dispose();
            Report(remote, e);
        }
        finally
        {
            lock (_lock)
            {
                _opening.Remove(client);
            }
        }
    }

    private void Report(EndPoint? remote, Exception error)
    {
        if (error is ClientRefusedException or SocketException)
        {
            _resources.ReportRefused(remote, error.Message);
        }
        else if (!_stopping.IsCancellationRequested)
        {
            _resources.ReportFault(null, error);
        }
    }

    private void Connect(IByteCarrier carrier, TlsSession? tls)
    {
        var connection = new Connection(carrier, _protocol, _resources, _options, this, tls);
        lock (_lock)
        {
            _connections.Add(connection);
        }

        Interlocked.Increment(ref _accepted);
        connection.Start();
    }

    private Task[] ListOpening()
    {
        lock (_lock)
        {
            return [.. _opening.Values];
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
