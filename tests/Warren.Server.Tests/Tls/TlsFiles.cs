using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Warren.Server.Tests.Tls;

/// <summary>The files of a TLS listener in a directory of the test's.</summary>
internal sealed class TlsFiles
{
    private static readonly PbeParameters Encryption = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 10_000);

    private readonly string _directory;

    public TlsFiles(string directory) => _directory = directory;

    public string Certificate => Path.Combine(_directory, "server.pem");

    public string Key => Path.Combine(_directory, "server.key");

    public string Authorities => Path.Combine(_directory, "ca.pem");

    public string Pfx => Path.Combine(_directory, "server.pfx");

    /// <summary>Writes certificate and key; the key encrypted when there is a password.</summary>
    public void Write(X509Certificate2 server, TestAuthority trusted, string? password = null)
    {
        using ECDsa key = server.GetECDsaPrivateKey()!;
        File.WriteAllText(Authorities, trusted.Pem);
        File.WriteAllText(Certificate, server.ExportCertificatePem() + "\n");
        File.WriteAllText(
            Key, (password is null ? key.ExportPkcs8PrivateKeyPem() : key.ExportEncryptedPkcs8PrivateKeyPem(password, Encryption)) + "\n");
    }

    /// <summary>Writes certificate and key in one file of the other kind.</summary>
    public void WritePfx(X509Certificate2 server, string password) => File.WriteAllBytes(Pfx, server.Export(X509ContentType.Pfx, password));

    /// <summary>Settings for a TLS listener with these files.</summary>
    public string[] Settings(params string[] more) =>
    [
        $"ssl_options.certfile={Certificate}", $"ssl_options.keyfile={Key}", $"ssl_options.cacertfile={Authorities}", .. more,
    ];
}
