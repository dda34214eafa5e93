using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Warren.Transport.Tls;
using Xunit;

namespace Warren.Server.Tests.Tls;

public sealed class CertificateNameTests : IDisposable
{
    private readonly TestAuthority _authority = new("Test authority");

    public void Dispose() => _authority.Dispose();

    [Theory]
    [InlineData("CN=client, O=Acme, C=DE", "CN=client,O=Acme,C=DE")]
    [InlineData("CN=\"a,b+c;d<e>f\\g\"", "CN=a\\,b\\+c\\;d\\<e\\>f\\\\g")]
    [InlineData("CN=\" x \"", "CN=\\ x\\ ")]
    [InlineData("CN=\"#1 x\"", "CN=\\#1 x")]
    [InlineData("CN=Jörg", "CN=J\\C3\\B6rg")]
    [InlineData("E=me@example.org, CN=me, DC=example, DC=org", "EMAILADDRESS=me@example.org,CN=me,DC=example,DC=org")]
    [InlineData("OID.2.5.4.97=VATDE-1, CN=me", "2.5.4.97=VATDE-1,CN=me")]
    public void Distinguished_name_is_written_as_by_RabbitMQ(string subject, string name)
    {
        Assert.Equal(name, Read(subject, new TlsOptions()));
    }

    [Fact]
    public void Parts_of_several_attributes_are_joined()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSetOf())
        {
            WriteAttribute(writer, "2.5.4.3", "me");
            WriteAttribute(writer, "0.9.2342.19200300.100.1.1", "42");
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName(writer.Encode()), key, HashAlgorithmName.SHA256);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 certificate = request.CreateSelfSigned(now, now.AddDays(1));

        Assert.Equal("CN=me+UID=42", CertificateName.Read(certificate, new TlsOptions()));
    }

    [Theory]
    [InlineData("CN=client, O=Acme", "client")]
    [InlineData("CN=one, CN=two", "two,one")]
    [InlineData("O=Acme", null)]
    public void Common_name_is_found(string subject, string? name)
    {
        Assert.Equal(name, Read(subject, new TlsOptions { LoginFrom = CertificateLogin.CommonName }));
    }

    [Theory]
    [InlineData(AlternativeName.Dns, 0, "a.example")]
    [InlineData(AlternativeName.Dns, 1, "b.example")]
    [InlineData(AlternativeName.Dns, 2, null)]
    [InlineData(AlternativeName.Email, 0, "me@example.org")]
    [InlineData(AlternativeName.Uri, 0, "urn:me")]
    [InlineData(AlternativeName.IP, 0, "192.0.2.1")]
    [InlineData(AlternativeName.IP, 1, "2001:db8::1")]
    [InlineData(AlternativeName.Other, 0, "me@realm")]
    public void Alternative_name_is_found_by_kind_and_index(AlternativeName kind, int index, string? name)
    {
        var options = new TlsOptions
        {
            LoginFrom = CertificateLogin.SubjectAlternativeName,
            LoginNameKind = kind,
            LoginNameIndex = index,
        };

        Assert.Equal(name, Read("CN=client", options, n =>
        {
            n.AddUserPrincipalName("me@realm");
            n.AddDnsName("a.example");
            n.AddEmailAddress("me@example.org");
            n.AddUri(new Uri("urn:me"));
            n.AddIpAddress(IPAddress.Parse("192.0.2.1"));
            n.AddIpAddress(IPAddress.Parse("2001:db8::1"));
            n.AddDnsName("b.example");
        }));
    }

    [Fact]
    public void Certificate_without_alternative_names_names_nobody()
    {
        Assert.Null(Read("CN=client", new TlsOptions { LoginFrom = CertificateLogin.SubjectAlternativeName }));
    }

    private static void WriteAttribute(AsnWriter writer, string type, string value)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(type);
            writer.WriteCharacterString(UniversalTagNumber.UTF8String, value);
        }
    }

    private string? Read(string subject, TlsOptions options, Action<SubjectAlternativeNameBuilder>? names = null)
    {
        using X509Certificate2 certificate = _authority.Issue(subject, names);
        return CertificateName.Read(certificate, options);
    }
}
