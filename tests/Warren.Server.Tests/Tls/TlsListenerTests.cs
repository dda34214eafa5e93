using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Warren.Management.Hosting;
using Warren.Transport.Tls;
using Xunit;

namespace Warren.Server.Tests.Tls;

public sealed class TlsListenerTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly TestAuthority _authority = new("Test authority");
    private readonly TlsFiles _files;
    private readonly LogLines _log = new();

    public TlsListenerTests() => _files = new TlsFiles(_directory.Path);

    public void Dispose()
    {
        _authority.Dispose();
        _log.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("secret")]
    public async Task Key_may_be_encrypted(string? password)
    {
        using X509Certificate2 certificate = _authority.IssueServer();
        _files.Write(certificate, _authority, password);
        await using WarrenServer server = await StartAsync(Pem() with { Password = password });

        Assert.Equal("CN=warren", (await GreetAsync(server)).Subject);
    }

    [Fact]
    public async Task Key_may_be_in_the_file_of_the_certificate()
    {
        using X509Certificate2 certificate = _authority.IssueServer();
        _files.Write(certificate, _authority);
        await File.AppendAllTextAsync(_files.Certificate, await File.ReadAllTextAsync(_files.Key));
        await using WarrenServer server = await StartAsync(new TlsOptions { CertificateFile = _files.Certificate });

        Assert.Equal("CN=warren", (await GreetAsync(server)).Subject);
    }

    [Fact]
    public async Task Certificate_and_key_may_be_a_PFX_file()
    {
        using X509Certificate2 certificate = _authority.IssueServer();
        _files.WritePfx(certificate, "secret");
        await using WarrenServer server = await StartAsync(new TlsOptions { CertificateFile = _files.Pfx, Password = "secret" });

        Assert.Equal("CN=warren", (await GreetAsync(server)).Subject);
    }

    [Fact]
    public async Task Certificates_between_the_servers_and_its_authority_are_sent()
    {
        using TestAuthority between = _authority.IssueAuthority("Between");
        using X509Certificate2 certificate = between.IssueServer();
        _files.Write(certificate, _authority);
        await File.AppendAllTextAsync(_files.Certificate, between.Pem);
        await using WarrenServer server = await StartAsync(Pem());

        Assert.Equal("CN=warren", (await GreetAsync(server)).Subject);
    }

    [Fact]
    public async Task Expired_certificate_is_a_warning()
    {
        using X509Certificate2 certificate = _authority.IssueServer(expired: true);
        _files.Write(certificate, _authority);

        await using WarrenServer server = await StartAsync(Pem());

        Assert.Contains(_log.Lines, l => l.StartsWith("Warning: the TLS certificate CN=warren is valid from", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reload_shows_the_new_certificate_to_new_clients()
    {
        using X509Certificate2 first = _authority.IssueServer("first");
        using X509Certificate2 second = _authority.IssueServer("second");
        _files.Write(first, _authority);
        await using WarrenServer server = await StartAsync(Pem());
        Assert.Equal("CN=first", (await GreetAsync(server)).Subject);
        _files.Write(second, _authority);

        server.Reload();

        Assert.Equal("CN=second", (await GreetAsync(server)).Subject);
        Assert.Contains(_log.Lines, l => l.Contains("TLS certificates were read again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Server_stops_while_a_client_is_silent_before_its_handshake()
    {
        using X509Certificate2 certificate = _authority.IssueServer();
        _files.Write(certificate, _authority);
        WarrenServer server = await StartAsync(Pem() with { HandshakeTimeoutMs = 600_000 });
        using var silent = new TcpClient();
        await silent.ConnectAsync(server.EndPoints[0]);

        await server.StopAsync();

        Assert.True(await EndsAsync(silent.GetStream()));
    }

    // A socket that was accepted and not looked at yet may end with a reset.
    private static async Task<bool> EndsAsync(NetworkStream stream)
    {
        try
        {
            return await stream.ReadAsync(new byte[1]) == 0;
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            return true;
        }
    }

    // Shakes hands, verifies the server, and is greeted with connection.start.
    private async Task<X509Certificate2> GreetAsync(WarrenServer server)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.EndPoints[0]);
        await using var stream = new SslStream(client.GetStream(), leaveInnerStreamOpen: false);
        using X509Certificate2 root = X509Certificate2.CreateFromPem(_authority.Pem);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(root);
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost", CertificateChainPolicy = policy }, CancellationToken.None);
        await stream.WriteAsync("AMQP\0\0\u0009\u0001"u8.ToArray());
        byte[] greeting = new byte[11];
        await stream.ReadExactlyAsync(greeting);
        Assert.Equal([0, 10, 0, 10], greeting[7..]);
        return (X509Certificate2)stream.RemoteCertificate!;
    }

    private TlsOptions Pem() => new() { CertificateFile = _files.Certificate, KeyFile = _files.Key };

    private Task<WarrenServer> StartAsync(TlsOptions tls) => WarrenServer.StartAsync(
        new WarrenServerOptions
        {
            DataDirectory = _directory["data"],
            TcpListeners = [],
            MqttTcpListeners = [],
            WebMqtt = new() { Port = null },
            Management = new ManagementOptions { Port = null },
            Prometheus = new PrometheusOptions { Port = null },
            SslListeners = [new IPEndPoint(IPAddress.Loopback, 0)],
            Tls = tls,
            Loggers = _log,
        },
        CancellationToken.None);
}
