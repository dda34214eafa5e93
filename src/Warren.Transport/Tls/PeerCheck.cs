using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Warren.Transport.Tls;

/// <summary>Judges the certificate of one client and remembers why it was refused.</summary>
internal sealed class PeerCheck
{
    private const int Ends = 2; // the client's own and the authority's

    private readonly TlsOptions _options;

    public PeerCheck(TlsOptions options) => _options = options;

    /// <summary>Why the client is refused; null when it is not.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Called by the handshake, also when the client sent no certificate.</summary>
    public bool Accept(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
        {
            Refusal = _options.RequirePeerCertificate ? "the client sent no certificate" : null;
        }
        else if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) || chain is null)
        {
            IEnumerable<string> faults = chain?.ChainStatus.Select(s => s.Status.ToString()).Distinct(StringComparer.Ordinal) ?? [];
            Refusal = $"the client's certificate is not trusted ({string.Join(", ", faults)})";
        }
        else if (chain.ChainElements.Count - Ends > _options.Depth)
        {
            Refusal = $"the client's certificate is {chain.ChainElements.Count - 1} steps from its authority, "
                + $"and ssl_options.depth is {_options.Depth}";
        }

        return Refusal is null;
    }
}
