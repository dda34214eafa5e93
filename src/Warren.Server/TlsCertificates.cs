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

    private TlsCertificates(TlsContext context, string keys, TimeProvider time, ILogger log)
    {
        Context = context;
        _time = time;
        _log = log;
        context.OnReloaded = OnReloaded;
        context.OnReloadFailed = e => log.CertificatesNotReloaded(Told(e, keys));
    }

    /// <summary>What the listeners use.</summary>
    public TlsContext Context { get; }

    /// <summary>Reads the files.</summary>
    /// <param name="options">Which.</param>
    /// <param name="keys">How the keys of these options begin, for messages.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where later changes are told.</param>
    /// <exception cref="StartupError">They cannot be used.</exception>
    public static TlsCertificates Load(TlsOptions options, string keys, TimeProvider time, ILogger log)
    {
        try
        {
            var certificates = new TlsCertificates(TlsContext.Load(options, time), keys, time, log);
            certificates.WarnIfNotValid();
            return certificates;
        }
        catch (CertificateError e)
        {
            throw new StartupError(StartupFault.Configuration, Told(e, keys), e);
        }
    }

    /// <summary>Reads the files again.</summary>
    public void Reload() => Context.Reload();

    /// <inheritdoc/>
    public void Dispose() => Context.Dispose();

    // The reader of the files names the keys of the options as they are declared.
    private static string Told(CertificateError error, string keys) => error.Message.Replace("ssl_options.", keys, StringComparison.Ordinal);

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
