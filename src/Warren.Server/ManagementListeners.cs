using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Warren.Core;
using Warren.Management.Definitions;
using Warren.Management.Hosting;
using Warren.Management.Prometheus;
using Warren.Server.Configuration;
using Warren.Transport;
using Warren.Transport.Tls;

namespace Warren.Server;

/// <summary>Puts the HTTP API beside the other listeners.</summary>
internal static class ManagementListeners
{
    private const string LocalSocketName = "management.sock"; // where `warren ctl` looks first

    private static readonly DescriptorWatch Descriptors = new(new ListenerOptions().ReservedDescriptors);

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
        RunningConfiguration running,
        Broker broker,
        string dataDirectory,
        ProtocolListeners listeners,
        INodeControl control,
        ServerCertificates certificates,
        ILoggerFactory loggers)
    {
        ILogger log = loggers.CreateLogger("management");
        var sites = new List<HttpSite>();
        var context = new ManagementContext(broker, options.Management, log, options.Amqp091.ClusterName)
        {
            CertificateFor = certificates.ViewFor,
            Configuration = running.View,
            ConfigurationFiles = options.ConfigurationFiles,
            Prometheus = options.Prometheus,
            DataDirectory = dataDirectory,
            Control = control,
            Listeners = () => [.. listeners.Open.Select(ViewOf), .. listeners.OpenSites.Concat(sites).Select(static s => new ListenerView(s.Protocol, s.EndPoint))],
        };
        LocalSite? local = null;
        try
        {
            ManagementOptions management = options.Management;
            ushort? plain = PlainPort(management.Port, management.IsPortGiven, management.SslPort);
            if (plain is not null || management.SslPort is not null)
            {
                var api = new ManagementSite(context);
                AddPlain(sites, "http", management.Address, plain, management.IsPortGiven, api.AnswerAsync, log);
                AddSecured(sites, "https", management.SslAddress, management.SslPort, api.AnswerAsync, certificates.Management, log);
                local = BindLocal(Path.Combine(dataDirectory, LocalSocketName), api, log);
            }

            PrometheusOptions prometheus = options.Prometheus;
            plain = PlainPort(prometheus.Port, prometheus.IsPortGiven, prometheus.SslPort);
            if (plain is not null || prometheus.SslPort is not null)
            {
                var metrics = new MetricsSite(context);
                AddPlain(sites, "http/prometheus", prometheus.Address, plain, prometheus.IsPortGiven, metrics.AnswerAsync, log);
                AddSecured(
                    sites, "https/prometheus", prometheus.SslAddress, prometheus.SslPort, metrics.AnswerAsync, certificates.Prometheus, log);
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
            : HttpSiteServer.Start(sites, local, options.Management, log);
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

    // As in RabbitMQ: who asks for TLS does not get a port without it that nobody asked for.
    internal static ushort? PlainPort(ushort? port, bool isPortGiven, ushort? sslPort) => isPortGiven || sslPort is null ? port : null;

    // Several brokers on one machine: the second does without what nobody asked it for.
    internal static void AddPlain(
        List<HttpSite> sites, string protocol, string? address, ushort? port, bool isPortGiven, RequestDelegate answer, ILogger log)
    {
        if (port is not { } wanted)
        {
            return;
        }

        try
        {
            sites.Add(Bind(protocol, address, wanted, answer, secure: null));
        }
        catch (StartupError error) when (!isPortGiven && error.Fault == StartupFault.Unavailable)
        {
            log.DefaultPortTaken(protocol, wanted);
        }
    }

    private static void AddSecured(
        List<HttpSite> sites, string protocol, string? address, ushort? port, RequestDelegate answer, TlsContext? tls, ILogger log)
    {
        if (port is { } wanted && tls is not null)
        {
            sites.Add(Bind(protocol, address, wanted, answer, (client, token) => SecureAsync(client, tls, log, token)));
        }
    }

    private static async Task<Stream?> SecureAsync(Stream client, TlsContext tls, ILogger log, CancellationToken cancellationToken)
    {
        try
        {
            return await tls.SecureAsync(client, cancellationToken);
        }
        catch (ClientRefusedException e)
        {
            log.HttpClientRefused(e.Message);
            return null;
        }
        catch (OperationCanceledException)
        {
            return null; // gone before it was let in
        }
    }

    internal static HttpSite Bind(string protocol, string? address, ushort port, RequestDelegate answer, SecureClient? secure) =>
        IPAddress.TryParse(address ?? "::", out IPAddress? parsed)
            ? Bind(protocol, new IPEndPoint(parsed, port), answer, secure)
            : throw new StartupError(StartupFault.Configuration, $"cannot listen on {address}: that is no address");

    internal static HttpSite Bind(string protocol, IPEndPoint endPoint, RequestDelegate answer, SecureClient? secure)
    {
        try
        {
            return HttpSite.Bind(protocol, WarrenServer.Reachable(endPoint), answer, secure, Descriptors.IsReserved);
        }
        catch (SocketException e)
        {
            throw StartupError.CannotListen(endPoint, e);
        }
    }

    private static ListenerView ViewOf(Listener listener) =>
        new(listener.IsTls ? listener.Protocol.Name + "/ssl" : listener.Protocol.Name, listener.LocalEndPoint);
}
