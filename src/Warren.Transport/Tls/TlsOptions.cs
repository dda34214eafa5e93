using System.Net.Security;
using Warren.Buffers.Options;

namespace Warren.Transport.Tls;

/// <summary>Certificates and rules of the TLS listeners, under their rabbitmq.conf names.</summary>
public sealed record TlsOptions
{
    /// <summary>The server's certificate and those that lead to its authority (PEM), or all with the key (PFX).</summary>
    [ConfigKey("ssl_options.certfile")]
    public string? CertificateFile { get; init; }

    /// <summary>The key of the certificate (PEM). Null: it is in the certificate's file.</summary>
    [ConfigKey("ssl_options.keyfile")]
    public string? KeyFile { get; init; }

    /// <summary>Opens the key, or the PFX file.</summary>
    [ConfigKey("ssl_options.password", Secret = true)]
    public string? Password { get; init; }

    /// <summary>The authorities clients' certificates must lead to (PEM).</summary>
    [ConfigKey("ssl_options.cacertfile")]
    public string? AuthorityFile { get; init; }

    /// <summary>What is done about a client's certificate.</summary>
    [ConfigKey("ssl_options.verify")]
    public PeerVerification Verify { get; init; }

    /// <summary>Whether a client without a certificate is refused.</summary>
    [ConfigKey("ssl_options.fail_if_no_peer_cert")]
    public bool RequirePeerCertificate { get; init; }

    /// <summary>Certificates that may stand between a client's and its authority's.</summary>
    [ConfigKey("ssl_options.depth", Max = 255)]
    public int Depth { get; init; } = 1;

    /// <summary>The versions spoken.</summary>
    [ConfigKey("ssl_options.versions.$name")]
    public IReadOnlyList<TlsVersion> Versions { get; init; } = [TlsVersion.Tls12, TlsVersion.Tls13];

    /// <summary>The cipher suites spoken, the best first: the first that a client speaks too is taken. Empty: the system's choice.</summary>
    [ConfigKey("ssl_options.ciphers.$name")]
    public IReadOnlyList<TlsCipherSuite> Ciphers { get; init; } = [];

    /// <summary>Milliseconds a client has for the TLS handshake.</summary>
    [ConfigKey("ssl_handshake_timeout", Unit = ConfigUnit.Milliseconds, Min = 1)]
    public int HandshakeTimeoutMs { get; init; } = 5000;

    /// <summary>Which part of a client's certificate names the user.</summary>
    [ConfigKey("ssl_cert_login_from")]
    public CertificateLogin LoginFrom { get; init; }

    /// <summary>Which kind of alternative name names the user.</summary>
    [ConfigKey("ssl_cert_login_san_type")]
    public AlternativeName LoginNameKind { get; init; }

    /// <summary>Which of several alternative names of that kind, from 0.</summary>
    [ConfigKey("ssl_cert_login_san_index", Max = 1000)]
    public int LoginNameIndex { get; init; }

    /// <summary>Milliseconds between two looks whether the files have changed; 0: only when told to.</summary>
    [ConfigKey("warren.tls_reload_interval", Unit = ConfigUnit.Milliseconds)]
    public int ReloadIntervalMs { get; init; } = 10_000;
}
