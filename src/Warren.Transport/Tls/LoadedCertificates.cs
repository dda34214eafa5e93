using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Warren.Transport.Tls;

/// <summary>The content of a listener's files at one time.</summary>
/// <param name="Server">The server's certificate.</param>
/// <param name="Context">The certificate with its key and those that lead to its authority, ready to be sent.</param>
/// <param name="Authorities">What clients' certificates are measured by; null when they are not asked for one.</param>
internal sealed record LoadedCertificates(
    X509Certificate2 Server, SslStreamCertificateContext Context, X509Certificate2Collection? Authorities);
