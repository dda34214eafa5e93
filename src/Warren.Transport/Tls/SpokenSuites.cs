using System.Net.Security;
using System.Security.Authentication;

namespace Warren.Transport.Tls;

/// <summary>Versions and cipher suites of a listener that go together.</summary>
/// <param name="Protocols">The versions.</param>
/// <param name="Policy">The suites, in the order of preference; null: the system's choice.</param>
internal sealed record SpokenSuites(SslProtocols Protocols, CipherSuitesPolicy? Policy)
{
    /// <summary>What the settings leave: a version none of whose suites is named is not spoken.</summary>
    /// <exception cref="CertificateError">Nothing is left, or this system does not let a program choose.</exception>
    public static SpokenSuites Of(TlsOptions options)
    {
        CipherSuitesPolicy? policy = options.Ciphers.Count == 0 ? null : Choose(options.Ciphers);
        SslProtocols protocols = SslProtocols.None;
        foreach (TlsVersion version in options.Versions)
        {
            bool is13 = version == TlsVersion.Tls13;
            if (policy is null || AllowedBy(policy).Any(suite => CipherSuiteName.IsTls13(suite) == is13))
            {
                protocols |= is13 ? SslProtocols.Tls13 : SslProtocols.Tls12;
            }
        }

        // None would mean what the system speaks, old versions too.
        return protocols == SslProtocols.None
            ? throw new CertificateError("ssl_options.versions and ssl_options.ciphers leave nothing this system can speak")
            : new SpokenSuites(protocols, policy);
    }

    private static CipherSuitesPolicy Choose(IReadOnlyList<TlsCipherSuite> suites) =>
        OperatingSystem.IsWindows() || OperatingSystem.IsAndroid()
            ? throw new CertificateError("ssl_options.ciphers: this system chooses the cipher suites itself")
            : new CipherSuitesPolicy(suites);

    private static IEnumerable<TlsCipherSuite> AllowedBy(CipherSuitesPolicy policy) =>
        OperatingSystem.IsWindows() || OperatingSystem.IsAndroid() ? [] : policy.AllowedCipherSuites;
}
