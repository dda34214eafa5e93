using System.Net;
using System.Net.Sockets;
using Warren.Management.Hosting;
using Warren.Server.WebSockets;
using Warren.Transport;
using Warren.Transport.Tls;

namespace Warren.Server;

/// <summary>The listeners of the protocols; they can be closed and opened again at the same addresses.</summary>
/// <remarks>Thread-safe, but one change at a time: the caller sees to that.</remarks>
internal sealed class ProtocolListeners : IAsyncDisposable
{
    private readonly TransportResources _transport;
    private readonly ListenerOptions _options;
    private readonly List<Place> _places = [];
    private readonly Lock _lock = new();
    private readonly List<Listener> _open = []; // guarded by _lock
    private readonly List<Listener> _closed = []; // their connections may be open still; guarded by _lock
    private WebSocketListeners? _web;

    /// <param name="transport">The broker's.</param>
    /// <param name="options">How connections are accepted.</param>
    public ProtocolListeners(TransportResources transport, ListenerOptions options)
    {
        _transport = transport;
        _options = options;
    }

    /// <summary>Those that accept clients now.</summary>
    public IReadOnlyList<Listener> Open
    {
        get
        {
            lock (_lock)
            {
                return [.. _open];
            }
        }
    }

    /// <summary>Those for WebSockets that accept clients now.</summary>
    public IReadOnlyList<HttpSite> OpenSites => _web?.Open ?? [];

    /// <summary>Takes the listeners for WebSockets in; null: there are none. Before anything else is asked of them.</summary>
    public void Add(WebSocketListeners? web) => _web = web;

    /// <summary>Listens at one more address.</summary>
    /// <param name="endPoint">The address.</param>
    /// <param name="protocol">What is spoken there.</param>
    /// <param name="tls">Null: nothing is encrypted.</param>
    /// <param name="options">How connections are accepted there; null: as everywhere.</param>
    /// <exception cref="StartupError">It cannot be had.</exception>
    public void Add(IPEndPoint endPoint, IProtocol protocol, TlsContext? tls, ListenerOptions? options = null)
    {
        Listener listener = Start(WarrenServer.Reachable(endPoint), protocol, tls, options ?? _options);
        lock (_lock)
        {
            _places.Add(new Place(listener.LocalEndPoint, protocol, tls, options ?? _options));
            _open.Add(listener);
        }
    }

    /// <summary>Accepts no more clients; those connected stay.</summary>
    public async Task SuspendAsync()
    {
        Listener[] closing;
        lock (_lock)
        {
            closing = [.. _open];
            _closed.AddRange(closing);
            _open.Clear();
        }

        foreach (Listener listener in closing)
        {
            await listener.StopAsync();
        }

        if (_web is not null)
        {
            await _web.SuspendAsync();
        }
    }

    /// <summary>Listens again wherever it was listened; nothing happens while it is.</summary>
    /// <exception cref="StartupError">An address is taken by now; none is listened at.</exception>
    public async Task ResumeAsync()
    {
        lock (_lock)
        {
            if (_open.Count > 0 || OpenSites.Count > 0)
            {
                return;
            }
        }

        var opened = new List<Listener>();
        try
        {
            foreach (Place place in _places)
            {
                opened.Add(Start(place.EndPoint, place.Protocol, place.Tls, place.Options));
            }

            _web?.Resume();
        }
        catch
        {
            foreach (Listener listener in opened)
            {
                await listener.DisposeAsync();
            }

            throw;
        }

        lock (_lock)
        {
            _open.AddRange(opened);
        }
    }

    /// <summary>The end of every connection there is.</summary>
    public Task[] ListConnections()
    {
        lock (_lock)
        {
            return
            [
                .. _open.Concat(_closed).SelectMany(static l => l.ListConnections())
                    .Concat(_web?.ListConnections() ?? []).Select(static c => c.Completion),
            ];
        }
    }

    /// <summary>Waits until the connections of closed listeners are gone; after the time a client has to answer
    /// connection.close they are dropped.</summary>
    public async Task DrainAsync()
    {
        Listener[] closing;
        lock (_lock)
        {
            closing = [.. _closed];
            _closed.Clear();
        }

        Task[] connections =
        [
            .. closing.SelectMany(static l => l.ListConnections()).Concat(_web?.ListConnections() ?? []).Select(static c => c.Completion),
        ];
        await Task.WhenAny(Task.WhenAll(connections), Task.Delay(Connection.CloseTimeoutMs));
        foreach (Listener listener in closing)
        {
            await listener.DisposeAsync();
        }

        if (_web is not null)
        {
            await _web.DropAsync();
        }
    }

    /// <summary>Drops everything.</summary>
    public async ValueTask DisposeAsync()
    {
        await SuspendAsync();
        Listener[] closing;
        lock (_lock)
        {
            closing = [.. _closed];
            _closed.Clear();
        }

        foreach (Listener listener in closing)
        {
            await listener.DisposeAsync();
        }

        if (_web is not null)
        {
            await _web.DropAsync();
        }
    }

    private Listener Start(IPEndPoint endPoint, IProtocol protocol, TlsContext? tls, ListenerOptions options)
    {
        try
        {
            return Listener.Start(endPoint, protocol, _transport, options, tls);
        }
        catch (SocketException e)
        {
            throw StartupError.CannotListen(endPoint, e);
        }
    }

    private sealed record Place(IPEndPoint EndPoint, IProtocol Protocol, TlsContext? Tls, ListenerOptions Options);
}
