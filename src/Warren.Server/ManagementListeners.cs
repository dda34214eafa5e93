using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Warren.Core;
using Warren.Management.Definitions;
using Warren.Management.Hosting;
using Warren.Management.Prometheus;
using Warren.Transport;

namespace Warren.Server;

/// <summary>Puts the HTTP API beside the other listeners.</summary>
internal static class ManagementListeners
{
    private const string LocalSocketName = "management.sock"; // where `warren ctl` looks first

    /// <summary>Brings in the definitions the options name.</summary>
    /// <exception cref="StartupError">They cannot be read or used.</exception>
    public static void LoadDefinitions(DefinitionsOptions options, Broker broker, ILogger log)
    {
        if (options.Path is not { Length: > 0 } path)
        {
            return;
        }

        try
        {
            log.DefinitionsLoaded(DefinitionsFile.Import(broker, path), path);
        }
        catch (InvalidDataException e)
        {
            throw new StartupError(StartupFault.Configuration, e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupError(StartupFault.Configuration, $"cannot read definitions from {path}: {e.Message}", e);
        }
    }

    /// <summary>Binds what the options ask for and answers there from soon on.</summary>
    /// <returns>Null: nothing is asked for.</returns>
    /// <exception cref="StartupError">An address cannot be had.</exception>
    public static HttpSiteServer? Start(
        WarrenServerOptions options,
        Broker broker,
        string dataDirectory,
        ProtocolListeners listeners,
        INodeControl control,
        TlsCertificates? tls,
        ILoggerFactory loggers)
    {
        ILogger log = loggers.CreateLogger("management");
        var sites = new List<HttpSite>();
        var context = new ManagementContext(broker, options.Management, log, options.Amqp091.ClusterName)
        {
            Certificates = () => tls is null
                ? []
                : [new CertificateView(options.Tls.CertificateFile ?? "", new DateTimeOffset(tls.Context.Certificate.NotAfter))],
            Prometheus = options.Prometheus,
            DataDirectory = dataDirectory,
            Control = control,
            Listeners = () => [.. listeners.Open.Select(ViewOf), .. sites.Select(static s => new ListenerView(s.Protocol, s.EndPoint))],
        };
        LocalSite? local = null;
        try
        {
            if (options.Management.Port is { } port)
            {
                var api = new ManagementSite(context);
                Add(sites, "http", options.Management.Address, port, options.Management.IsPortGiven, api.AnswerAsync, log);
                local = BindLocal(Path.Combine(dataDirectory, LocalSocketName), api, log);
            }

            if (options.Prometheus.Port is { } metricsPort)
            {
                Add(
                    sites, "http/prometheus", options.Prometheus.Address, metricsPort, options.Prometheus.IsPortGiven,
                    new MetricsSite(context).AnswerAsync, log);
            }
        }
        catch
        {
            sites.ForEach(static s => s.Dispose());
            local?.Dispose();
            throw;
        }

        return sites.Count == 0 && local is null
            ? null
            : HttpSiteServer.Start(sites, local, options.Management.MaxBodyBytes, log);
    }

    // What cannot be had here is no reason not to start: `warren ctl` goes on to the port.
    private static LocalSite? BindLocal(string path, ManagementSite api, ILogger log)
    {
        if (OperatingSystem.IsWindows())
        {
            return LocalSite.Pipe(LocalPipe.NameOf(Path.GetDirectoryName(path)!), api.AnswerLocalAsync);
        }

        if (!LocalSite.Fits(path))
        {
            return null;
        }

        try
        {
            return LocalSite.Bind(path, api.AnswerLocalAsync);
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            log.NoLocalSocket(path, e.Message);
            return null;
        }
    }

    // Several brokers on one machine: the second does without what nobody asked it for.
    private static void Add(
        List<HttpSite> sites, string protocol, string? address, ushort port, bool isPortGiven, RequestDelegate answer, ILogger log)
    {
        try
        {
            sites.Add(Bind(protocol, address, port, answer));
        }
        catch (StartupError error) when (!isPortGiven && error.Fault == StartupFault.Unavailable)
        {
            log.DefaultPortTaken(protocol, port);
        }
    }

    private static HttpSite Bind(string protocol, string? address, ushort port, RequestDelegate answer)
    {
        if (!IPAddress.TryParse(address ?? "::", out IPAddress? parsed))
        {
            throw new StartupError(StartupFault.Configuration, $"cannot listen on {address}: that is no address");
        }

        var endPoint = new IPEndPoint(parsed, port);
        try
        {
            return HttpSite.Bind(protocol, WarrenServer.Reachable(endPoint), answer);
        }
        catch (SocketException e)
        {
            throw StartupError.CannotListen(endPoint, e);
        }
    }

    private static ListenerView ViewOf(Listener listener) =>
        new(listener.IsTls ? "amqp/ssl" : "amqp", listener.LocalEndPoint);
}
