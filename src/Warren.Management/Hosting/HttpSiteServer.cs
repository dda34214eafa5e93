using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Warren.Buffers.Scheduling;

namespace Warren.Management.Hosting;

/// <summary>Kestrel without the host around it: the sockets are ours, each request goes to the site of its port.</summary>
/// <remarks>
/// Started in the background, so that a broker is not kept waiting for code that most of its clients never use;
/// see docs/decisions/0013-http-without-a-host.md. Thread-safe.
/// </remarks>
public sealed class HttpSiteServer : IAsyncDisposable
{
    private static readonly TimeSpan GraceOnStop = TimeSpan.FromSeconds(2);

    private readonly IReadOnlyList<HttpSite> _sites;
    private readonly LocalSite? _local;
    private readonly KestrelServer _kestrel;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ILogger _log;
    private int _stopped;

    private HttpSiteServer(IReadOnlyList<HttpSite> sites, LocalSite? local, ManagementOptions limits, ILogger log)
    {
        _sites = sites;
        _local = local;
        _log = log;
        var options = new KestrelServerOptions { AddServerHeader = false, AllowSynchronousIO = false };
        options.Limits.MaxRequestBodySize = limits.MaxBodyBytes;
        options.Limits.KeepAliveTimeout = TimeSpan.FromMilliseconds(limits.IdleTimeoutMs);
        options.Limits.RequestHeadersTimeout = TimeSpan.FromMilliseconds(limits.RequestTimeoutMs);
        foreach (HttpSite site in sites)
        {
            var connections = new HttpSiteConnections(site, limits.MaxConnections);
            options.Listen(site.EndPoint, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(connections.Before);
            });
        }

        if (local is { Socket: null })
        {
            options.ListenNamedPipe(local.Path, static listen => listen.Protocols = HttpProtocols.Http1);
        }
        else if (local is not null)
        {
            options.ListenUnixSocket(local.Path, static listen => listen.Protocols = HttpProtocols.Http1);
        }

        var transport = new SocketTransportOptions
        {
            CreateBoundListenSocket = endPoint => endPoint is UnixDomainSocketEndPoint
                ? local!.Socket!
                : sites.First(s => s.EndPoint.Equals(endPoint)).Socket,
        };
        _kestrel = new KestrelServer(
            Options.Create(options),
            new SiteTransport(new SocketTransportFactory(Options.Create(transport), NullLoggerFactory.Instance)),
            NullLoggerFactory.Instance);
    }

    /// <summary>The sites.</summary>
    public IReadOnlyList<HttpSite> Sites => _sites;

    /// <summary>Ends when requests are answered.</summary>
    public Task Started => _started.Task;

    /// <summary>Answers requests to the sites from soon on; owns them from here.</summary>
    /// <param name="sites">Where to listen.</param>
    /// <param name="local">For programs of this machine; null: none.</param>
    /// <param name="limits">How much of what a client may ask for.</param>
    /// <param name="log">Where faults are told.</param>
    public static HttpSiteServer Start(IReadOnlyList<HttpSite> sites, LocalSite? local, ManagementOptions limits, ILogger log)
    {
        var server = new HttpSiteServer(sites, local, limits, log);
        using var pool = new Scheduler(TimeProvider.System);
        pool.Post(server, static s => _ = s.StartKestrelAsync(), server);
        return server;
    }

    /// <summary>Takes no more requests and lets those there are end.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
        {
            return;
        }

        await _started.Task;
        using (var grace = new CancellationTokenSource(GraceOnStop))
        {
            await _kestrel.StopAsync(grace.Token);
        }

        _kestrel.Dispose();
        foreach (HttpSite site in _sites)
        {
            site.Dispose();
        }

        _local?.Dispose();
    }

    private async Task StartKestrelAsync()
    {
        try
        {
            await _kestrel.StartAsync(new Dispatch(_local), CancellationToken.None);
        }
        catch (Exception e)
        {
            _log.NotStarted(e);
        }

        _started.SetResult();
    }

    private sealed class Dispatch(LocalSite? local) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context)
        {
            // Who is trusted must be known to have come that way, not just not to have come another.
            if (local is not null
                && (context.Features.Get<IConnectionSocketFeature>()?.Socket.AddressFamily == AddressFamily.Unix
                    || context.Features.Get<LocalPipe.ILocalPipeFeature>() is not null))
            {
                return local.Answer(context);
            }

            if (context.Features.Get<HttpSite>() is { } site)
            {
                return site.Answer(context);
            }

            context.Response.StatusCode = (int)HttpStatusCode.NotFound;
            return Task.CompletedTask;
        }

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }
    }
}
