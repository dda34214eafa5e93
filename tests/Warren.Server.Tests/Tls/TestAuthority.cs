using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Warren.Server.Tests.Tls;

/// <summary>A certificate authority that lives for a test.</summary>
internal sealed class TestAuthority : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly X509Certificate2 _certificate;

    /// <summary>An authority that signs itself.</summary>
    public TestAuthority(string commonName)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _certificate = Request($"CN={commonName}", key, isAuthority: true).CreateSelfSigned(Now.AddDays(-2), Now.AddDays(30));
    }

    private TestAuthority(X509Certificate2 certificate) => _certificate = certificate;

    /// <summary>The certificate others trust.</summary>
    public string Pem => _certificate.ExportCertificatePem() + "\n";

    /// <summary>An authority below this one.</summary>
    public TestAuthority IssueAuthority(string commonName) => new(Issue($"CN={commonName}", isAuthority: true));

    /// <summary>A certificate with its key for the machine the tests run on.</summary>
    public X509Certificate2 IssueServer(string commonName = "warren", bool expired = false) => Issue(
        $"CN={commonName}",
        names: n =>
        {
            n.AddDnsName("localhost");
            n.AddIpAddress(System.Net.IPAddress.Loopback);
        },
        expired: expired);

    /// <summary>A certificate with its key.</summary>
    public X509Certificate2 Issue(
        string subject, Action<SubjectAlternativeNameBuilder>? names = null, bool isAuthority = false, bool expired = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = Request(subject, key, isAuthority);
        if (names is not null)
        {
            var builder = new SubjectAlternativeNameBuilder();
            names(builder);
            request.CertificateExtensions.Add(builder.Build());
        }

        using X509Certificate2 bare = request.Create(
            _certificate, Now.AddDays(-1), expired ? Now.AddHours(-1) : Now.AddDays(10), RandomNumberGenerator.GetBytes(8));
        return bare.CopyWithPrivateKey(key);
    }

    /// <inheritdoc/>
    public void Dispose() => _certificate.Dispose();

    private static CertificateRequest Request(string subject, ECDsa key, bool isAuthority)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        return request;
    }
}
