using Microsoft.Extensions.Logging;
using Warren.Management.Hosting;
using Warren.Transport;

namespace Warren.Server.WebSockets;

/// <summary>The listeners of a <see cref="WebSocketDoor"/>; they can be closed and opened again at the same addresses.</summary>
/// <remarks>Thread-safe, but one change at a time: the caller sees to that.</remarks>
internal sealed class WebSocketListeners
{
    private readonly WebSocketDoor _door;
    private readonly ManagementOptions _limits;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private readonly List<Func<HttpSite>> _places = [];
    private readonly List<HttpSiteServer> _closed = []; // their connections may be open still; guarded by _lock
    private HttpSiteServer? _open; // guarded by _lock

    private WebSocketListeners(WebSocketDoor door, WebMqttOptions options, ILogger log)
    {
        _door = door;
        _log = log;
        _limits = new ManagementOptions { RequestTimeoutMs = options.RequestTimeoutMs, IdleTimeoutMs = options.IdleTimeoutMs };
    }

    /// <summary>Those that accept clients now.</summary>
    public IReadOnlyList<HttpSite> Open
    {
        get
        {
            lock (_lock)
            {
                return _open?.Sites ?? [];
            }
        }
    }

    /// <summary>Listens at bound addresses.</summary>
    /// <param name="door">Who answers there.</param>
    /// <param name="sites">The addresses; owned from here on.</param>
    /// <param name="bind">Binds such an address again.</param>
    /// <param name="options">Limits of requests.</param>
    /// <param name="log">Where faults are told.</param>
    public static WebSocketListeners Start(
        WebSocketDoor door, IReadOnlyList<HttpSite> sites, Func<HttpSite, HttpSite> bind, WebMqttOptions options, ILogger log)
    {
        var listeners = new WebSocketListeners(door, options, log);
        foreach (HttpSite site in sites)
        {
            listeners._places.Add(() => bind(site));
        }

        listeners._open = HttpSiteServer.Start(sites, local: null, listeners._limits, log);
        return listeners;
    }

    /// <summary>The connections there are.</summary>
    public IReadOnlyCollection<Connection> ListConnections() => _door.Connections;

    /// <summary>Accepts no more clients; those connected stay.</summary>
    public async Task SuspendAsync()
    {
        HttpSiteServer? closing;
        lock (_lock)
        {
            closing = _open;
            _open = null;
            if (closing is not null)
            {
                _closed.Add(closing);
            }
        }

        if (closing is not null)
        {
            await closing.Started; // it would take the sockets up while they go
            foreach (HttpSite site in closing.Sites)
            {
                site.Dispose();
            }
        }
    }

    /// <summary>Listens again wherever it was listened.</summary>
    /// <exception cref="StartupError">An address is taken by now; none is listened at.</exception>
    public void Resume()
    {
        var sites = new List<HttpSite>();
        try
        {
            foreach (Func<HttpSite> place in _places)
            {
                sites.Add(place());
            }
        }
        catch
        {
            sites.ForEach(static s => s.Dispose());
            throw;
        }

        lock (_lock)
        {
            _open = HttpSiteServer.Start(sites, local: null, _limits, _log);
        }
    }

    /// <summary>Drops the connections of closed listeners that are still there.</summary>
    public async Task DropAsync()
    {
        foreach (Connection connection in _door.Connections)
        {
            connection.Abort(null);
        }

        HttpSiteServer[] closing;
        lock (_lock)
        {
            closing = [.. _closed];
            _closed.Clear();
        }

        foreach (HttpSiteServer server in closing)
        {
            await server.DisposeAsync();
        }
    }
}
