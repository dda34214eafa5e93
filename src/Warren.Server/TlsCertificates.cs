using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Warren.Transport.Tls;

namespace Warren.Server;

/// <summary>The certificates of a server's TLS listeners, and what the log says of them.</summary>
internal sealed class TlsCertificates : IDisposable
{
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    private TlsCertificates(TlsContext context, TimeProvider time, ILogger log)
    {
        Context = context;
        _time = time;
        _log = log;
        context.OnReloaded = OnReloaded;
        context.OnReloadFailed = e => log.CertificatesNotReloaded(e.Message);
    }

    /// <summary>What the listeners use.</summary>
    public TlsContext Context { get; }

    /// <summary>Reads the files.</summary>
    /// <exception cref="StartupError">They cannot be used.</exception>
    public static TlsCertificates Load(TlsOptions options, TimeProvider time, ILogger log)
    {
        try
        {
            var certificates = new TlsCertificates(TlsContext.Load(options, time), time, log);
            certificates.WarnIfNotValid();
            return certificates;
        }
        catch (CertificateError e)
        {
            throw new StartupError(StartupFault.Configuration, e.Message, e);
        }
    }

    /// <summary>Reads the files again.</summary>
    public void Reload() => Context.Reload();

    /// <inheritdoc/>
    public void Dispose() => Context.Dispose();

    private static string Date(DateTime local) => local.ToUniversalTime().ToString("u", CultureInfo.InvariantCulture);

    private void OnReloaded(TlsContext context)
    {
        _log.CertificatesReloaded(context.Certificate.Subject, Date(context.Certificate.NotAfter));
        WarnIfNotValid();
    }

    private void WarnIfNotValid()
    {
        X509Certificate2 certificate = Context.Certificate;
        DateTime now = _time.GetUtcNow().UtcDateTime;
        if (now < certificate.NotBefore.ToUniversalTime() || now > certificate.NotAfter.ToUniversalTime())
        {
            _log.CertificateNotValid(certificate.Subject, Date(certificate.NotBefore), Date(certificate.NotAfter));
        }
    }
}
