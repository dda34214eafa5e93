using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Warren.Transport.Tls;

/// <summary>What a TLS handshake settled.</summary>
/// <param name="Protocol">The version spoken.</param>
/// <param name="CipherSuite">The suite by its registered name, such as <c>TLS_AES_256_GCM_SHA384</c>.</param>
/// <param name="PeerCertificate">The client's certificate, verified; null when it sent none or was not asked.</param>
/// <param name="LoginName">The user that certificate names; null when there is none or it has no such name.</param>
public sealed record TlsSession(SslProtocols Protocol, string CipherSuite, X509Certificate2? PeerCertificate, string? LoginName);
