using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Warren.Core.Connections;
using Warren.Transport.Tls;

namespace Warren.Protocols;

/// <summary>TLS of a connection in the words of operators.</summary>
/// <remarks>Pure.</remarks>
public static class TlsViews
{
    /// <summary>What the handshake settled; null: none took place.</summary>
    public static TlsView? Of(TlsSession? tls)
    {
        if (tls is null)
        {
            return null;
        }

        X509Certificate2? peer = tls.PeerCertificate;
        return new TlsView(
            tls.Protocol == SslProtocols.Tls13 ? "tlsv1.3" : "tlsv1.2",
            tls.CipherSuite,
            peer?.Subject,
            peer?.Issuer,
            peer is null ? null : $"{peer.NotBefore.ToUniversalTime():yyyy-MM-ddTHH:mm:ssZ} - {peer.NotAfter.ToUniversalTime():yyyy-MM-ddTHH:mm:ssZ}");
    }
}
