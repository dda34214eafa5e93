using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Warren.Transport.Tls;

/// <summary>Reads certificates and keys from the files an operator named.</summary>
internal static class CertificateFiles
{
    // A certificate with its chain has some kilobytes, the authorities of a whole system some hundred.
    private const long LargestFile = 4 * 1024 * 1024;

    /// <summary>Reads all files of a listener.</summary>
    /// <exception cref="CertificateError">A setting is missing, or a file is missing, unreadable or does not fit.</exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "The certificate goes into the result, or is disposed of when there is none.")]
    public static LoadedCertificates Load(TlsOptions options)
    {
        string path = options.CertificateFile
            ?? throw new CertificateError("a TLS listener needs ssl_options.certfile and ssl_options.keyfile");
        bool asksPeers = options.Verify == PeerVerification.Peer;
        if (options.RequirePeerCertificate && !asksPeers)
        {
            throw new CertificateError("ssl_options.fail_if_no_peer_cert needs ssl_options.verify = verify_peer");
        }

        if (asksPeers && options.AuthorityFile is null)
        {
            throw new CertificateError("ssl_options.verify = verify_peer needs ssl_options.cacertfile");
        }

        byte[] content = Read("ssl_options.certfile", path);
        X509Certificate2Collection chain = [];
        X509Certificate2 server = IsPem(content) ? LoadPem(options, path, content, chain) : LoadPfx(options, path, content, chain);
        try
        {
            X509Certificate2Collection? authorities = asksPeers ? LoadAuthorities(options.AuthorityFile!) : null;
            return new LoadedCertificates(server, SslStreamCertificateContext.Create(server, chain, offline: true), authorities);
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    private static byte[] Read(string key, string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (file.Exists && file.Length > LargestFile)
            {
                throw new CertificateError($"{key}: {path} has more than {LargestFile} bytes");
            }

            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string reason = e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : e.Message;
            throw new CertificateError($"{key}: cannot read {path}: {reason}", e);
        }
    }

    private static bool IsPem(byte[] content) => content.AsSpan().IndexOf("-----BEGIN "u8) >= 0;

    private static X509Certificate2 LoadPem(TlsOptions options, string path, byte[] content, X509Certificate2Collection chain)
    {
        string text = Encoding.UTF8.GetString(content);
        ImportPem("ssl_options.certfile", path, text, chain);
        string keyPath = options.KeyFile ?? path;
        string keyText = options.KeyFile is null ? text : Encoding.UTF8.GetString(Read("ssl_options.keyfile", keyPath));
        X509Certificate2 server = AddKey(options, path, chain[0].ExportCertificatePem(), keyPath, keyText);
        chain.RemoveAt(0); // it is the server's own
        return Usable(server);
    }

    private static void ImportPem(string key, string path, string text, X509Certificate2Collection certificates)
    {
        try
        {
            certificates.ImportFromPem(text);
        }
        catch (CryptographicException e)
        {
            throw new CertificateError($"{key}: {path} holds a damaged certificate: {e.Message}", e);
        }

        if (certificates.Count == 0)
        {
            throw new CertificateError($"{key}: {path} holds no certificate");
        }
    }

    private static X509Certificate2 AddKey(TlsOptions options, string path, string certificate, string keyPath, string keyText)
    {
        string key = options.KeyFile is null ? "ssl_options.certfile" : "ssl_options.keyfile";
        bool encrypted = keyText.Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal);
        if (!keyText.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            throw new CertificateError($"{key}: {keyPath} holds no private key");
        }

        if (keyText.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal))
        {
            throw new CertificateError($"{key}: {keyPath} is encrypted in an old form; rewrite it with openssl pkcs8 -topk8");
        }

        if (encrypted && options.Password is null)
        {
            throw new CertificateError($"{key}: {keyPath} is encrypted and ssl_options.password is not set");
        }

        try
        {
            return encrypted
                ? X509Certificate2.CreateFromEncryptedPem(certificate, keyText, options.Password)
                : X509Certificate2.CreateFromPem(certificate, keyText);
        }
        catch (ArgumentException e)
        {
            throw new CertificateError($"{key}: the key in {keyPath} does not belong to the certificate in {path}", e);
        }
        catch (CryptographicException e)
        {
            string reason = encrypted ? "is damaged, or ssl_options.password is wrong" : "is damaged or does not fit the certificate";
            throw new CertificateError($"{key}: the key in {keyPath} {reason}", e);
        }
    }

    private static X509Certificate2 LoadPfx(TlsOptions options, string path, byte[] content, X509Certificate2Collection chain)
    {
        X509Certificate2Collection all;
        try
        {
            all = X509CertificateLoader.LoadPkcs12Collection(content, options.Password);
        }
        catch (CryptographicException e)
        {
            throw new CertificateError(
                $"ssl_options.certfile: {path} is neither PEM nor PFX, or ssl_options.password is wrong", e);
        }

        X509Certificate2 server = all.FirstOrDefault(c => c.HasPrivateKey)
            ?? throw new CertificateError($"ssl_options.certfile: {path} holds no private key");
        all.Remove(server);
        chain.AddRange(all);
        return server;
    }

    private static X509Certificate2Collection LoadAuthorities(string path)
    {
        X509Certificate2Collection authorities = [];
        ImportPem("ssl_options.cacertfile", path, Encoding.UTF8.GetString(Read("ssl_options.cacertfile", path)), authorities);
        return authorities;
    }

    // Windows takes no key for TLS that is in memory only.
    private static X509Certificate2 Usable(X509Certificate2 certificate)
    {
        if (!OperatingSystem.IsWindows())
        {
            return certificate;
        }

        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
        }
    }
}
