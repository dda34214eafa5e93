using Microsoft.Extensions.Logging;
using Warren.Management.Hosting;
using Warren.Transport.Tls;

namespace Warren.Server;

/// <summary>The certificates of all listeners of a server.</summary>
internal sealed class ServerCertificates : IDisposable
{
    private const string AmqpKeys = "ssl_options.";
    private const string ManagementKeys = "management.ssl.";
    private const string PrometheusKeys = "prometheus.ssl.";
    private const string WebMqttKeys = "web_mqtt.ssl.";

    private readonly List<TlsCertificates> _all = [];

    /// <summary>Reads the files of every TLS listener that is asked for.</summary>
    /// <exception cref="StartupError">They cannot be used.</exception>
    public ServerCertificates(WarrenServerOptions options, ILogger log)
    {
        try
        {
            Amqp = Load(options.SslListeners.Count + options.MqttSslListeners.Count > 0, options.Tls, AmqpKeys, options, log);
            Management = Load(options.Management.SslPort is not null, options.ManagementTls, ManagementKeys, options, log);
            Prometheus = Load(options.Prometheus.SslPort is not null, options.PrometheusTls, PrometheusKeys, options, log);
            WebMqtt = Load(options.WebMqtt.SslPort is not null, options.WebMqttTls, WebMqttKeys, options, log);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Of AMQP; null: it is not spoken over TLS.</summary>
    public TlsContext? Amqp { get; }

    /// <summary>Of the HTTP API; null: it is not spoken over TLS.</summary>
    public TlsContext? Management { get; }

    /// <summary>Of Prometheus' part; null: it is not spoken over TLS.</summary>
    public TlsContext? Prometheus { get; }

    /// <summary>Of MQTT over WebSocket; null: it is not spoken over TLS.</summary>
    public TlsContext? WebMqtt { get; }

    /// <summary>What a client of a listener is shown at this moment; null: nothing, because it does not speak TLS.</summary>
    public CertificateView? ViewFor(string protocol)
    {
        TlsContext? context = protocol switch
        {
            "https" => Management,
            "https/prometheus" => Prometheus,
            "https/web-mqtt" => WebMqtt,
            _ => protocol.EndsWith("/ssl", StringComparison.Ordinal) ? Amqp : null,
        };
        return context is null
            ? null
            : new CertificateView(context.Options.CertificateFile ?? "", new DateTimeOffset(context.Certificate.NotAfter));
    }

    /// <summary>Reads the files again. What cannot be used changes nothing, and the log says why.</summary>
    public void Reload() => _all.ForEach(static c => c.Reload());

    /// <inheritdoc/>
    public void Dispose() => _all.ForEach(static c => c.Dispose());

    private TlsContext? Load(bool isNeeded, TlsOptions options, string keys, WarrenServerOptions server, ILogger log)
    {
        if (!isNeeded)
        {
            return null;
        }

        var certificates = TlsCertificates.Load(options, keys, server.Time, log);
        _all.Add(certificates);
        return certificates.Context;
    }
}
