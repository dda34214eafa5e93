using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Warren.Interop.Tests.Raw;
using Warren.Interop.Tests.Running;
using Warren.Server.Tests.Tls;
using static Warren.Interop.Tests.Raw.RawMethod;

namespace Warren.Interop.Tests;

/// <summary>AMQP over TLS, logins by certificate, and the PROXY protocol, with a broker of the test's own.</summary>
public sealed partial class TlsTests : OwnBrokerTest
{
    private static readonly byte[] ProtocolHeader = [.. "AMQP"u8, 0, 0, 9, 1];

    private readonly string _directory = Directory.CreateTempSubdirectory("warren-tls-").FullName;
    private readonly int _port = BrokerProcess.FreePort();
    private readonly TestAuthority _authority = new("Test authority");
    private readonly TlsFiles _files;

    public TlsTests(SharedBroker broker)
        : base(broker) => _files = new TlsFiles(_directory);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _authority.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData("tlsv1.2", SslProtocols.Tls12)]
    [InlineData("tlsv1.3", SslProtocols.Tls13)]
    public async Task Messages_go_both_ways_over_each_version(string version, SslProtocols protocol)
    {
        await StartTlsAsync($"ssl_options.versions.1={version}");
        IConnection connection = await ConnectTlsAsync(f => f.Ssl.Version = SslProtocols.Tls12 | SslProtocols.Tls13);
        IChannel channel = await connection.CreateChannelAsync();
        byte[] body = RandomNumberGenerator.GetBytes(1024 * 1024);

        string queue = await QueueAsync(channel);
        await channel.BasicPublishAsync("", queue, body);
        BasicGetResult? got = null;
        await EventuallyAsync(async () => (got = await channel.BasicGetAsync(queue, true)) is not null, "the message");

        Assert.True(body.AsSpan().SequenceEqual(got!.Body.Span));
        using SslStream stream = await HandshakeAsync();
        Assert.Equal(protocol, stream.SslProtocol);
    }

    [Fact]
    public async Task Version_that_is_not_spoken_is_refused()
    {
        await StartTlsAsync("ssl_options.versions.1=tlsv1.3");

        await Assert.ThrowsAsync<BrokerUnreachableException>(() => ConnectTlsAsync(f => f.Ssl.Version = SslProtocols.Tls12));

        await ConnectTlsAsync(f => f.Ssl.Version = SslProtocols.Tls13);
        await SaidAsync("was not let in: TLS handshake failed");
    }

    [Fact]
    public async Task Many_small_messages_are_delivered_in_order()
    {
        await StartTlsAsync();
        IConnection connection = await ConnectTlsAsync();
        IChannel channel = await connection.CreateChannelAsync();
        string queue = await QueueAsync(channel);
        Inbox inbox = await Inbox.OnAsync(channel, queue, autoAck: true);

        for (int i = 0; i < 5000; i++)
        {
            await channel.BasicPublishAsync("", queue, Text.Bytes($"{i}"));
        }

        List<Delivery> got = await inbox.NextAsync(5000);
        Assert.Equal(Enumerable.Range(0, 5000).Select(i => $"{i}"), got.Select(d => d.Body));
    }

    [Fact]
    public async Task Client_that_trusts_another_authority_does_not_connect_and_others_do()
    {
        await StartTlsAsync();
        using TestAuthority other = new("Another authority");

        await Assert.ThrowsAsync<BrokerUnreachableException>(
            () => ConnectTlsAsync(f => f.Ssl.CertificateValidationCallback = Trusting(other)));

        await ConnectTlsAsync();
    }

    [Fact]
    public async Task Plain_client_on_the_TLS_port_is_closed_and_others_are_served()
    {
        await StartTlsAsync();
        RawClient plain = ConnectRaw(_port);

        plain.SendProtocolHeader();

        ExpectClosed(plain);
        await ConnectTlsAsync();
        await SaidAsync("was not let in: TLS handshake failed");
    }

    [Fact]
    public async Task Silent_client_on_the_TLS_port_is_closed_in_time()
    {
        await StartTlsAsync("ssl_handshake_timeout=500");
        RawClient silent = ConnectRaw(_port);

        ExpectClosed(silent);

        await ConnectTlsAsync();
        await SaidAsync("was not let in: no TLS handshake within 500 ms");
    }

    [Fact]
    public async Task Plain_and_TLS_listener_can_be_switched_one_by_one()
    {
        await StartTlsAsync("listeners.tcp=none");

        Assert.Throws<SocketException>(() => ConnectRaw(Own.Port));
        await ConnectTlsAsync();
        Assert.Contains(Own.Output, l => l == $"listening for amqp/ssl on 127.0.0.1:{_port}");
    }

    [Theory]
    [InlineData("ssl_cert_login_from=common_name", "guest")]
    [InlineData("ssl_cert_login_from=distinguished_name", "CN=guest,OU=Sales\\, North,O=Acme")]
    [InlineData("ssl_cert_login_from=subject_alternative_name", "guest.example")]
    [InlineData("ssl_cert_login_san_type=email", "guest@example.org")]
    [InlineData("ssl_cert_login_san_index=1", "second.example")]
    public async Task Certificate_logs_a_user_in(string setting, string user)
    {
        string from = setting.Contains("_san_", StringComparison.Ordinal)
            ? "ssl_cert_login_from=subject_alternative_name" : setting;
        await StartTlsAsync(
            "auth_mechanisms.1=PLAIN", "auth_mechanisms.2=EXTERNAL", "ssl_options.verify=verify_peer", from, setting, $"default_user={user}");
        using X509Certificate2 certificate = _authority.Issue("CN=guest, OU=\"Sales, North\", O=Acme", names: n =>
        {
            n.AddDnsName("guest.example");
            n.AddEmailAddress("guest@example.org");
            n.AddDnsName("second.example");
        });

        IConnection connection = await ConnectTlsAsync(External(certificate));

        IChannel channel = await connection.CreateChannelAsync();
        await QueueAsync(channel);
        await SaidAsync($"user '{user}' authenticated");
    }

    [Fact]
    public async Task Certificate_of_a_user_that_does_not_exist_is_refused()
    {
        await StartTlsAsync("auth_mechanisms.1=EXTERNAL", "ssl_options.verify=verify_peer", "ssl_cert_login_from=common_name");
        using X509Certificate2 certificate = _authority.Issue("CN=nobody");

        BrokerUnreachableException error = await Assert.ThrowsAsync<BrokerUnreachableException>(
            () => ConnectTlsAsync(External(certificate)));

        Assert.IsType<AuthenticationFailureException>(error.InnerException);
        await SaidAsync("user 'nobody', mechanism EXTERNAL");
    }

    [Fact]
    public async Task External_is_offered_to_a_client_with_a_certificate_only()
    {
        await StartTlsAsync("auth_mechanisms.1=PLAIN", "auth_mechanisms.2=EXTERNAL", "ssl_options.verify=verify_peer");
        using X509Certificate2 certificate = _authority.Issue("CN=whoever");

        Assert.Contains("PLAIN EXTERNAL", await StartOfAsync(certificate), StringComparison.Ordinal);
        Assert.DoesNotContain("EXTERNAL", await StartOfAsync(null), StringComparison.Ordinal);
        await Assert.ThrowsAsync<BrokerUnreachableException>(() => ConnectTlsAsync(f => f.AuthMechanisms = [new ExternalMechanismFactory()]));
        await ConnectTlsAsync();
    }

    [Fact]
    public async Task External_without_peer_verification_is_not_offered_and_refused_whatever_the_certificate_says()
    {
        await StartTlsAsync("auth_mechanisms.1=EXTERNAL", "auth_mechanisms.2=PLAIN", "ssl_cert_login_from=common_name");
        using X509Certificate2 certificate = _authority.Issue("CN=guest");
        Assert.DoesNotContain("EXTERNAL", await StartOfAsync(certificate), StringComparison.Ordinal);
        await using SslStream stream = await HandshakeAsync(certificate);
        await stream.WriteAsync(ProtocolHeader);
        await FrameAsync(stream);

        await stream.WriteAsync(RawClient.MethodFrame(0, ConnectionStartOk("EXTERNAL", "")));

        await ExpectClosedAsync(stream);
        await SaidAsync("mechanism EXTERNAL: the mechanism was not offered");
    }

    [Fact]
    public async Task Certificate_without_a_name_logs_nobody_in()
    {
        await StartTlsAsync(
            "auth_mechanisms.1=EXTERNAL", "ssl_options.verify=verify_peer", "ssl_cert_login_from=subject_alternative_name");
        using X509Certificate2 certificate = _authority.Issue("CN=guest");

        BrokerUnreachableException error = await Assert.ThrowsAsync<BrokerUnreachableException>(
            () => ConnectTlsAsync(External(certificate)));

        Assert.IsType<AuthenticationFailureException>(error.InnerException);
        await SaidAsync("the client's certificate names nobody");
    }

    [Fact]
    public async Task External_is_not_offered_without_TLS()
    {
        await StartTlsAsync("auth_mechanisms.1=PLAIN", "auth_mechanisms.2=EXTERNAL");
        RawClient plain = ConnectRaw(Own.Port);

        plain.SendProtocolHeader();

        string start = Text.Of(plain.Expect(0, 10, 10).Payload.ToArray());
        Assert.Contains("PLAIN", start, StringComparison.Ordinal);
        Assert.DoesNotContain("EXTERNAL", start, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Suite_of_the_settings_is_spoken()
    {
        await StartTlsAsync("ssl_options.ciphers.1=ECDHE-ECDSA-AES128-GCM-SHA256", "ssl_options.honor_cipher_order=true");

        await using SslStream stream = await HandshakeAsync();

        Assert.Equal(
            (SslProtocols.Tls12, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256),
            (stream.SslProtocol, stream.NegotiatedCipherSuite));
    }

    [Fact]
    public async Task Silent_clients_keep_nobody_waiting()
    {
        await StartTlsAsync("ssl_handshake_timeout=60000");
        for (int i = 0; i < 50; i++)
        {
            ConnectRaw(_port);
        }

        await ConnectTlsAsync();
    }

    [Fact]
    public async Task Certificate_of_another_authority_is_refused()
    {
        await StartTlsAsync("ssl_options.verify=verify_peer");
        using TestAuthority other = new("Another authority");
        using X509Certificate2 certificate = other.Issue("CN=guest");

        await Assert.ThrowsAsync<BrokerUnreachableException>(
            () => ConnectTlsAsync(f => f.Ssl.Certs = [certificate]));

        await SaidAsync("the client's certificate is not trusted");
        await ConnectTlsAsync();
    }

    [Theory]
    [InlineData("expired")]
    [InlineData("signed by itself")]
    [InlineData("of an authority of the same name with another key")]
    public async Task Certificate_that_proves_nothing_lets_nobody_in(string which)
    {
        await StartTlsAsync("ssl_options.verify=verify_peer", "auth_mechanisms.1=EXTERNAL", "ssl_cert_login_from=common_name");
        using TestAuthority namesake = new("Test authority");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = which switch
        {
            "expired" => _authority.Issue("CN=guest", expired: true),
            "signed by itself" => new CertificateRequest("CN=guest", key, HashAlgorithmName.SHA256)
                .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1)),
            _ => namesake.Issue("CN=guest"),
        };

        await Assert.ThrowsAsync<BrokerUnreachableException>(() => ConnectTlsAsync(External(certificate)));

        await SaidAsync("the client's certificate is not trusted");
    }

    [Fact]
    public async Task Client_without_a_certificate_is_refused_when_it_must_have_one()
    {
        await StartTlsAsync("ssl_options.verify=verify_peer", "ssl_options.fail_if_no_peer_cert=true");
        using X509Certificate2 certificate = _authority.Issue("CN=whoever");

        await Assert.ThrowsAsync<BrokerUnreachableException>(() => ConnectTlsAsync());

        await SaidAsync("the client sent no certificate");
        await ConnectTlsAsync(f => f.Ssl.Certs = [certificate]);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public async Task Depth_limits_the_way_to_the_authority(int depth, bool accepted)
    {
        await StartTlsAsync("ssl_options.verify=verify_peer", $"ssl_options.depth={depth}");
        using TestAuthority between = _authority.IssueAuthority("Between");
        using X509Certificate2 certificate = between.Issue("CN=whoever");
        await File.AppendAllTextAsync(_files.Authorities, between.Pem);
        Signal(Hup);
        await SaidAsync("TLS certificates were read again");

        Task<IConnection> connecting = ConnectTlsAsync(f => f.Ssl.Certs = [certificate]);

        if (accepted)
        {
            await connecting;
            return;
        }

        await Assert.ThrowsAsync<BrokerUnreachableException>(() => connecting);
        await SaidAsync("2 steps from its authority");
    }

    [Fact]
    public async Task New_certificate_is_shown_after_SIGHUP_and_open_connections_stay()
    {
        await StartTlsAsync("warren.tls_reload_interval=0");
        IConnection before = await ConnectTlsAsync();
        using X509Certificate2 next = _authority.IssueServer("next");
        _files.Write(next, _authority);

        Signal(Hup);

        await SaidAsync("TLS certificates were read again");
        using SslStream stream = await HandshakeAsync();
        Assert.Equal("CN=next", stream.RemoteCertificate!.Subject);
        await (await before.CreateChannelAsync()).QueueDeclareAsync();
    }

    [Fact]
    public async Task Broken_new_certificate_leaves_the_old_one_in_use()
    {
        await StartTlsAsync("warren.tls_reload_interval=100");
        await File.WriteAllTextAsync(_files.Certificate, "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");

        await SaidAsync("new TLS certificates cannot be used, the old ones stay");

        using SslStream stream = await HandshakeAsync();
        Assert.Equal("CN=warren", stream.RemoteCertificate!.Subject);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Proxy_says_where_the_client_is(bool tls)
    {
        await StartTlsAsync("proxy_protocol=true");
        Stream stream = await BehindProxyAsync(tls, "PROXY TCP4 192.0.2.7 198.51.100.2 56324 5672\r\n");

        await stream.WriteAsync(ProtocolHeader);
        byte[] start = new byte[11];
        await stream.ReadExactlyAsync(start);
        await stream.DisposeAsync();

        Assert.Equal([0, 10, 0, 10], start[7..]);
        await SaidAsync("192.0.2.7:56324 -> 198.51.100.2:5672");
    }

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.2 56324 5672\r\n", false)]
    [InlineData("PROXY TCP4 127.0.0.1 127.0.0.1 56324 5672\r\n", true)]
    [InlineData("PROXY UNKNOWN\r\n", true)]
    public async Task Guest_is_let_in_by_the_address_the_proxy_says(string header, bool accepted)
    {
        await StartTlsAsync("proxy_protocol=true");
        RawClient client = ConnectRaw(Own.Port);
        client.Send(Text.Bytes(header));

        if (accepted)
        {
            client.Login();
            client.OpenChannel(1);
            return;
        }

        client.SendProtocolHeader();
        client.Expect(0, 10, 10);
        client.Send(0, ConnectionStartOk());
        ExpectClosed(client);
        await SaidAsync("this machine only");
    }

    [Theory]
    [InlineData("AMQP\0\0\u0009\u0001")]
    [InlineData("PROXY TCP4 nonsense\r\n")]
    public async Task Client_without_a_proxy_header_is_closed(string sent)
    {
        await StartTlsAsync("proxy_protocol=true");
        RawClient client = ConnectRaw(Own.Port);

        client.Send(Text.Bytes(sent));

        ExpectClosed(client);
        await SaidAsync("was not let in: no PROXY header, or a malformed one");
    }

    [Fact]
    public async Task Proxy_header_that_never_ends_is_cut()
    {
        await StartTlsAsync("proxy_protocol=true");
        RawClient client = ConnectRaw(Own.Port);

        client.Send(Text.Bytes("PROXY TCP4 "));

        ExpectClosed(client);
        await SaidAsync("was not let in: no PROXY header within 3000 ms");
    }

    private const int Hup = 1;

    private static Action<ConnectionFactory> External(X509Certificate2 certificate) => factory =>
    {
        factory.AuthMechanisms = [new ExternalMechanismFactory()];
        factory.Ssl.Certs = [certificate];
    };

    private static RemoteCertificateValidationCallback Trusting(TestAuthority authority) => (_, certificate, _, errors) =>
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.Add(X509Certificate2.CreateFromPem(authority.Pem));
        return !errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)
            && chain.Build(X509CertificateLoader.LoadCertificate(certificate!.Export(X509ContentType.Cert)));
    };

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int pid, int signal);

    // What was not read may turn the close into a reset.
    private static void ExpectClosed(RawClient client)
    {
        try
        {
            client.ExpectSocketClosed();
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            // closed as well
        }
    }

    private static async Task ExpectClosedAsync(SslStream stream)
    {
        try
        {
            Assert.Equal(0, await stream.ReadAsync(new byte[1]));
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            // closed as well
        }
    }

    private void Signal(int signal) => Assert.Equal(0, SendSignal(Own.ProcessId, signal));

    private async Task StartTlsAsync(params string[] settings)
    {
        using X509Certificate2 certificate = _authority.IssueServer();
        _files.Write(certificate, _authority);
        await StartAsync([$"listeners.ssl.default=127.0.0.1:{_port}", .. _files.Settings(settings)]);
    }

    private Task<IConnection> ConnectTlsAsync(Action<ConnectionFactory>? configure = null) => ConnectAsync(factory =>
    {
        factory.Port = _port;
        factory.Ssl = new SslOption
        {
            Enabled = true,
            ServerName = "localhost",
            CertificateValidationCallback = Trusting(_authority),
        };
        configure?.Invoke(factory);
    });

    private async Task<SslStream> HandshakeAsync(X509Certificate2? certificate = null) =>
        (SslStream)await BehindProxyAsync(tls: true, "", certificate);

    // The frame a client is greeted with, as text.
    private async Task<string> StartOfAsync(X509Certificate2? certificate)
    {
        await using SslStream stream = await HandshakeAsync(certificate);
        await stream.WriteAsync(ProtocolHeader);
        return Text.Of(await FrameAsync(stream));
    }

    private static async Task<byte[]> FrameAsync(Stream stream)
    {
        byte[] head = new byte[7];
        await stream.ReadExactlyAsync(head);
        byte[] payload = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(3)) + 1];
        await stream.ReadExactlyAsync(payload);
        return payload;
    }

    private async Task<Stream> BehindProxyAsync(bool tls, string header, X509Certificate2? certificate = null)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, tls ? _port : Own.Port);
        NetworkStream plain = client.GetStream();
        await plain.WriteAsync(Text.Bytes(header));
        if (!tls)
        {
            return plain;
        }

        var stream = new SslStream(plain, leaveInnerStreamOpen: false, Trusting(_authority));
        await stream.AuthenticateAsClientAsync("localhost", certificate is null ? [] : [certificate], checkCertificateRevocation: false);
        return stream;
    }

    private Task SaidAsync(string text) => EventuallyAsync(
        () => Task.FromResult(Own.Output.Any(l => l.Contains(text, StringComparison.Ordinal))), $"a log line with '{text}'");
}
