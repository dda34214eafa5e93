using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Warren.Cli;
using Warren.Protocols.Amqp091;
using Warren.Server.Configuration;
using Warren.Transport.Tls;
using Xunit;

namespace Warren.Server.Tests.Tls;

/// <summary>What an operator is told of wrong TLS settings, and what right ones mean.</summary>
public sealed class TlsSettingsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly TestAuthority _authority = new("Test authority");
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly TlsFiles _files;

    public TlsSettingsTests()
    {
        _files = new TlsFiles(_directory.Path);
        using X509Certificate2 certificate = _authority.IssueServer();
        _files.Write(certificate, _authority);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _directory.Dispose();
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public async Task Listener_without_a_certificate_is_one_line_and_78()
    {
        Assert.Equal("a TLS listener needs ssl_options.certfile and ssl_options.keyfile", await FailAsync());
    }

    [Fact]
    public async Task Missing_file_is_named()
    {
        string missing = _directory["nowhere.pem"];

        Assert.Equal(
            $"ssl_options.certfile: cannot read {missing}: there is no such file",
            await FailAsync(_files.Settings($"ssl_options.certfile={missing}")));
        Assert.Equal(
            $"ssl_options.keyfile: cannot read {missing}: there is no such file",
            await FailAsync(_files.Settings($"ssl_options.keyfile={missing}")));
        Assert.Equal(
            $"ssl_options.cacertfile: cannot read {missing}: there is no such file",
            await FailAsync(_files.Settings("ssl_options.verify=verify_peer", $"ssl_options.cacertfile={missing}")));
    }

    [Fact]
    public async Task Directory_is_not_a_certificate()
    {
        Assert.StartsWith(
            $"ssl_options.certfile: cannot read {_directory.Path}: ",
            await FailAsync(_files.Settings($"ssl_options.certfile={_directory.Path}")),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_that_is_no_certificate_is_named()
    {
        await File.WriteAllTextAsync(_files.Certificate, "hello");
        Assert.Equal(
            $"ssl_options.certfile: {_files.Certificate} is neither PEM nor PFX, or ssl_options.password is wrong",
            await FailAsync(_files.Settings()));

        await File.WriteAllTextAsync(_files.Certificate, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        Assert.StartsWith(
            $"ssl_options.certfile: {_files.Certificate} holds a damaged certificate",
            await FailAsync(_files.Settings()),
            StringComparison.Ordinal);

        File.Copy(_files.Key, _files.Certificate, overwrite: true);
        Assert.Equal($"ssl_options.certfile: {_files.Certificate} holds no certificate", await FailAsync(_files.Settings()));
    }

    [Fact]
    public async Task Key_of_another_certificate_is_told()
    {
        byte[] key = await File.ReadAllBytesAsync(_files.Key);
        using X509Certificate2 other = _authority.IssueServer();
        _files.Write(other, _authority);
        await File.WriteAllBytesAsync(_files.Key, key);

        Assert.Equal(
            $"ssl_options.keyfile: the key in {_files.Key} does not belong to the certificate in {_files.Certificate}",
            await FailAsync(_files.Settings()));
    }

    [Fact]
    public async Task Encrypted_key_needs_its_password()
    {
        using X509Certificate2 certificate = _authority.IssueServer();
        _files.Write(certificate, _authority, "secret");

        Assert.Equal(
            $"ssl_options.keyfile: {_files.Key} is encrypted and ssl_options.password is not set",
            await FailAsync(_files.Settings()));
        Assert.Equal(
            $"ssl_options.keyfile: the key in {_files.Key} is damaged, or ssl_options.password is wrong",
            await FailAsync(_files.Settings("ssl_options.password=wrong")));
    }

    [Theory]
    [InlineData("ssl_options.fail_if_no_peer_cert=true", "ssl_options.fail_if_no_peer_cert needs ssl_options.verify = verify_peer")]
    [InlineData("ssl_options.verify=peer", "--set: ssl_options.verify = peer: expected verify_none or verify_peer")]
    [InlineData("ssl_options.versions.1=tlsv2", "--set: ssl_options.versions.1 = tlsv2: expected tlsv1.2 or tlsv1.3")]
    [InlineData("ssl_options.depht=1", "--set: unknown key ssl_options.depht, did you mean ssl_options.depth?")]
    [InlineData("ssl_cert_login_from=cn",
        "--set: ssl_cert_login_from = cn: expected distinguished_name, common_name or subject_alternative_name")]
    [InlineData("ssl_options.ciphers.1=RC4-MD5",
        "--set: ssl_options.ciphers.1 = RC4-MD5: expected the name of a safe cipher suite, such as ECDHE-RSA-AES256-GCM-SHA384 or TLS_AES_256_GCM_SHA384")]
    [InlineData("ssl_options.versions=none", "ssl_options.versions and ssl_options.ciphers leave nothing this system can speak")]
    [InlineData("auth_mechanisms.1=EXTERN", "--set: auth_mechanisms.1 = EXTERN: expected PLAIN, AMQPLAIN or EXTERNAL")]
    [InlineData("proxy_protocol=1", "--set: proxy_protocol = 1: expected true or false")]
    public async Task Wrong_setting_is_one_line_and_78(string setting, string expected)
    {
        Assert.Equal(expected, await FailAsync(_files.Settings(setting)));
    }

    [Fact]
    public async Task Verification_needs_an_authority()
    {
        Assert.Equal(
            "ssl_options.verify = verify_peer needs ssl_options.cacertfile",
            await FailAsync(
                $"ssl_options.certfile={_files.Certificate}", $"ssl_options.keyfile={_files.Key}", "ssl_options.verify=verify_peer"));
    }

    [Fact]
    public async Task Suites_of_another_version_leave_nothing_to_speak()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the system chooses the suites there");

        Assert.Equal(
            "ssl_options.versions and ssl_options.ciphers leave nothing this system can speak",
            await FailAsync(_files.Settings("ssl_options.versions.1=tlsv1.3", "ssl_options.ciphers.1=ECDHE-RSA-AES256-GCM-SHA384")));
    }

    [Fact]
    public void Settings_mean_what_they_mean_to_RabbitMQ()
    {
        var options = new WarrenServerOptions();

        IReadOnlyList<string> warnings = new OptionTable(options).Apply(
        [
            new("listeners.ssl.default", "5671", "t:1"),
            new("listeners.ssl.second", "127.0.0.1:5673", "t:2"),
            new("listeners.tcp", "none", "t:3"),
            new("ssl_options.versions.1", "tlsv1.3", "t:4"),
            new("ssl_options.verify", "verify_peer", "t:5"),
            new("ssl_options.depth", "2", "t:6"),
            new("ssl_handshake_timeout", "7000", "t:7"),
            new("auth_mechanisms.1", "EXTERNAL", "t:8"),
            new("auth_mechanisms.2", "PLAIN", "t:9"),
            new("ssl_cert_login_from", "subject_alt_name", "t:10"),
            new("ssl_cert_login_san_type", "other_name", "t:11"),
            new("ssl_cert_login_san_index", "1", "t:12"),
            new("proxy_protocol", "true", "t:13"),
        ]);

        Assert.Empty(warnings);
        Assert.Empty(options.TcpListeners);
        Assert.Equal([5671, 5673], options.SslListeners.Select(e => e.Port));
        Assert.Equal([TlsVersion.Tls13], options.Tls.Versions);
        Assert.Equal((PeerVerification.Peer, 2, 7000), (options.Tls.Verify, options.Tls.Depth, options.Tls.HandshakeTimeoutMs));
        Assert.Equal([SaslMechanism.External, SaslMechanism.Plain], options.Amqp091.AuthMechanisms);
        Assert.Equal(
            (CertificateLogin.SubjectAlternativeName, AlternativeName.Other, 1),
            (options.Tls.LoginFrom, options.Tls.LoginNameKind, options.Tls.LoginNameIndex));
        Assert.True(options.Listener.ProxyProtocol);
    }

    [Theory]
    [InlineData("ssl_options.honor_cipher_order", "false")]
    [InlineData("ssl_options.client_renegotiation", "true")]
    [InlineData("ssl_options.crl_check", "true")]
    [InlineData("ssl_options.versions.3", "tlsv1.1")]
    [InlineData("auth_mechanisms.3", "ANONYMOUS")]
    public void Setting_without_effect_is_a_warning(string key, string value)
    {
        string warning = Assert.Single(new OptionTable(new WarrenServerOptions()).Apply([new ConfigSetting(key, value, "t:1")]));

        Assert.Contains("has no effect", warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ssl_options.honor_cipher_order", "true")]
    [InlineData("ssl_options.client_renegotiation", "false")]
    [InlineData("ssl_options.secure_renegotiate", "true")]
    public void Setting_that_asks_for_what_is_so_anyway_is_no_warning(string key, string value)
    {
        Assert.Empty(new OptionTable(new WarrenServerOptions()).Apply([new ConfigSetting(key, value, "t:1")]));
    }

    [Fact]
    public void Suites_are_preferred_in_the_order_of_their_numbers()
    {
        var options = new WarrenServerOptions();

        new OptionTable(options).Apply(
        [
            new("ssl_options.ciphers.10", "ECDHE-RSA-AES128-GCM-SHA256", "t:1"),
            new("ssl_options.ciphers.2", "TLS_AES_256_GCM_SHA384", "t:2"),
            new("ssl_options.ciphers.1", "ECDHE-ECDSA-CHACHA20-POLY1305", "t:3"),
        ]);

        Assert.Equal(
            [
                TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
                TlsCipherSuite.TLS_AES_256_GCM_SHA384,
                TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            ],
            options.Tls.Ciphers);
    }

    private async Task<string> FailAsync(params string[] settings)
    {
        _error.GetStringBuilder().Clear();
        string[] all = ["listeners.tcp=none", "listeners.ssl.default=127.0.0.1:0", "management.tcp.port=none", "prometheus.tcp.port=none", "log.console=false", .. settings];

        int exitCode = await new WarrenCommand(_output, _error).RunAsync(
            ["server", "--data-dir", _directory["data"], .. all.SelectMany(s => new[] { "--set", s })], CancellationToken.None);

        Assert.Equal(78, exitCode);
        string line = Assert.Single(_error.ToString().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("warren: ", line, StringComparison.Ordinal);
        return line["warren: ".Length..];
    }
}
