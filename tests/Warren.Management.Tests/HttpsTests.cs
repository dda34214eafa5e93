using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Warren.Management.Hosting;
using Warren.Server;
using Warren.Server.Configuration;
using Warren.Server.Tests.Tls;
using Warren.Transport.Tls;
using Xunit;

namespace Warren.Management.Tests;

public sealed class HttpsTests : IAsyncLifetime
{
    private const string Issuer = "CN=Test authority";

    private readonly TestAuthority _authority = new("Test authority");
    private readonly ManagedBroker _broker;
    private readonly TlsFiles _files;
    private Func<WarrenServerOptions, WarrenServerOptions> _more = static o => o;

    public HttpsTests()
    {
        _broker = new ManagedBroker { Configure = o => _more(Secured(o)) };
        _files = new TlsFiles(_broker.DirectoryPath);
        using X509Certificate2 certificate = _authority.IssueServer();
        _files.Write(certificate, _authority);
    }

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        if (_broker.Server is not null)
        {
            await _broker.DisposeAsync();
        }

        _authority.Dispose();
    }

    [Fact]
    public async Task Api_is_spoken_with_and_without_tls_at_once()
    {
        await _broker.InitializeAsync();

        using HttpResponseMessage secured = await AskAsync(Site("https"), "/api/whoami");

        Assert.Equal(HttpStatusCode.OK, secured.StatusCode);
        Assert.Equal("guest", (string?)JsonNode.Parse(await secured.Content.ReadAsStringAsync())!["name"]);
        Assert.Equal("guest", (string?)(await _broker.GetAsync("/whoami"))["name"]);
    }

    [Fact]
    public async Task Large_bodies_pass_both_ways_over_one_connection()
    {
        await _broker.InitializeAsync();
        using HttpClient client = Client();
        string value = new('x', 300_000);

        for (int i = 0; i < 3; i++)
        {
            using HttpRequestMessage put = Request(HttpMethod.Put, Site("https"), "/api/global-parameters/large");
            put.Content = new StringContent($$"""{"value":"{{value}}{{i}}"}""", Encoding.UTF8, "application/json");
            using HttpResponseMessage stored = await client.SendAsync(put);
            using HttpRequestMessage get = Request(HttpMethod.Get, Site("https"), "/api/global-parameters/large");
            using HttpResponseMessage read = await client.SendAsync(get);

            Assert.True(stored.IsSuccessStatusCode);
            Assert.Equal($"{value}{i}", (string?)JsonNode.Parse(await read.Content.ReadAsStringAsync())!["value"]);
        }
    }

    [Fact]
    public async Task Cookie_of_a_login_over_tls_is_for_tls_only()
    {
        await _broker.InitializeAsync();
        using HttpClient client = Client();
        using HttpRequestMessage login = Request(HttpMethod.Post, Site("https"), "/api/login");
        login.Content = new FormUrlEncodedContent([new("username", "guest"), new("password", "guest")]);

        using HttpResponseMessage reply = await client.SendAsync(login);

        Assert.Contains("secure", Assert.Single(reply.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_are_read_over_tls()
    {
        _more = static o => o with { Prometheus = o.Prometheus with { SslPort = 0, SslAddress = "127.0.0.1" } };
        await _broker.InitializeAsync();

        using HttpResponseMessage reply = await AskAsync(Site("https/prometheus"), "/metrics");

        Assert.Contains("rabbitmq_identity_info", await reply.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Overview_and_health_checks_know_the_listeners()
    {
        await _broker.InitializeAsync();
        JsonNode overview = await _broker.GetAsync("/overview");

        JsonNode listener = Assert.Single(overview["listeners"]!.AsArray(), static l => (string?)l!["protocol"] == "https")!;
        int port = Site("https").Port;
        Assert.Equal(port, (int)listener["port"]!);
        Assert.Contains(
            overview["contexts"]!.AsArray(), c => (string?)c!["port"] == $"{port}" && (string?)c["ssl_opts"]!["certfile"] == _files.Certificate);
        Assert.Equal("ok", (string?)(await _broker.GetAsync("/health/checks/protocol-listener/https"))["status"]);
        Assert.Equal("ok", (string?)(await _broker.GetAsync($"/health/checks/port-listener/{port}"))["status"]);
    }

    [Fact]
    public async Task Certificate_that_ends_soon_is_told()
    {
        await _broker.InitializeAsync();

        (int status, string body) = await _broker.TryGetAsync("/health/checks/certificate-expiration/1/months");

        Assert.Equal(503, status);
        JsonNode expired = Assert.Single(JsonNode.Parse(body)!["expired"]!.AsArray())!;
        Assert.Equal(("https", _files.Certificate), ((string?)expired["protocol"], (string?)expired["certfile"]));
        Assert.Equal(200, (await _broker.TryGetAsync("/health/checks/certificate-expiration/1/weeks")).Status);
    }

    [Fact]
    public async Task Only_tls_is_spoken_when_nobody_asked_for_another_port()
    {
        _more = o => Secured(o) with { Management = new ManagementOptions { SslPort = 0, SslAddress = "127.0.0.1" } };
        await _broker.InitializeAsync();

        Assert.Equal(["https"], _broker.Server.HttpSites.Select(static s => s.Protocol));
    }

    [Fact]
    public async Task Client_has_to_show_a_certificate_where_one_is_asked_for()
    {
        _more = o => o with
        {
            ManagementTls = o.ManagementTls with
            {
                Verify = PeerVerification.Peer,
                RequirePeerCertificate = true,
                AuthorityFile = _files.Authorities,
            },
        };
        await _broker.InitializeAsync();
        using X509Certificate2 known = _authority.Issue("CN=operator");

        using HttpResponseMessage reply = await AskAsync(Site("https"), "/api/whoami", known);

        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(Site("https"), "/api/whoami"));
    }

    [Fact]
    public async Task Version_that_is_not_spoken_is_refused()
    {
        _more = static o => o with { ManagementTls = o.ManagementTls with { Versions = [TlsVersion.Tls13] } };
        await _broker.InitializeAsync();

        await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(Site("https"), "/api/whoami", versions: SslProtocols.Tls12));
    }

    [Fact]
    public async Task New_certificate_is_shown_after_a_reload_and_a_bad_one_changes_nothing()
    {
        await _broker.InitializeAsync();
        using X509Certificate2 renewed = _authority.IssueServer("renewed");
        _files.Write(renewed, _authority);

        _broker.Server.Reload();
        string? subject = await SubjectAsync();
        await File.WriteAllTextAsync(_files.Certificate, "nonsense");
        _broker.Server.Reload();

        Assert.Equal("CN=renewed", subject);
        Assert.Equal("CN=renewed", await SubjectAsync());
    }

    [Theory]
    [InlineData("management.ssl", "management.ssl.certfile: cannot read")]
    [InlineData("prometheus.ssl", "prometheus.ssl.certfile: cannot read")]
    public async Task Certificate_that_cannot_be_used_refuses_the_start(string section, string reason)
    {
        _more = o =>
        {
            TlsOptions missing = o.ManagementTls with { CertificateFile = Path.Combine(_broker.DirectoryPath, "missing.pem") };
            return section == "management.ssl"
                ? o with { ManagementTls = missing }
                : o with { Prometheus = o.Prometheus with { SslPort = 0, SslAddress = "127.0.0.1" }, PrometheusTls = missing };
        };

        StartupError error = await Assert.ThrowsAsync<StartupError>(async () => await _broker.InitializeAsync());

        Assert.Equal(StartupFault.Configuration, error.Fault);
        Assert.StartsWith(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_are_those_of_RabbitMQ()
    {
        var options = new WarrenServerOptions();

        IReadOnlyList<string> warnings = new OptionTable(options).Apply(
        [
            new("management.ssl.port", "15671", "t:1"),
            new("management.ssl.ip", "127.0.0.1", "t:2"),
            new("management.ssl.certfile", "/m.pem", "t:3"),
            new("management.ssl.keyfile", "/m.key", "t:4"),
            new("management.ssl.cacertfile", "/ca.pem", "t:5"),
            new("management.ssl.password", "secret", "t:6"),
            new("management.ssl.verify", "verify_peer", "t:7"),
            new("management.ssl.fail_if_no_peer_cert", "true", "t:8"),
            new("management.ssl.versions.1", "tlsv1.3", "t:9"),
            new("management.ssl.honor_cipher_order", "true", "t:10"),
            new("prometheus.ssl.port", "15691", "t:11"),
            new("prometheus.ssl.certfile", "/p.pem", "t:12"),
            new("ssl_options.certfile", "/a.pem", "t:13"),
        ]);

        Assert.Empty(warnings);
        Assert.Equal(((ushort?)15671, "127.0.0.1"), (options.Management.SslPort, options.Management.SslAddress));
        Assert.Equal(("/m.pem", "/m.key", "/ca.pem", "secret"), (options.ManagementTls.CertificateFile, options.ManagementTls.KeyFile, options.ManagementTls.AuthorityFile, options.ManagementTls.Password));
        Assert.True(options.ManagementTls is { Verify: PeerVerification.Peer, RequirePeerCertificate: true, Versions: [TlsVersion.Tls13] });
        Assert.Equal(("/p.pem", "/a.pem"), (options.PrometheusTls.CertificateFile, options.Tls.CertificateFile));
    }

    private WarrenServerOptions Secured(WarrenServerOptions options)
    {
        var tls = new TlsOptions { CertificateFile = _files.Certificate, KeyFile = _files.Key, ReloadIntervalMs = 0 };
        return options with
        {
            Management = options.Management with { SslPort = 0, SslAddress = "127.0.0.1" },
            ManagementTls = tls,
            PrometheusTls = tls,
        };
    }

    private IPEndPoint Site(string protocol) => _broker.Server.HttpSites.Single(s => s.Protocol == protocol).EndPoint;

    private async Task<string?> SubjectAsync()
    {
        string? subject = null;
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
        {
            subject = certificate?.Subject;
            return certificate?.Issuer == Issuer;
        };
        using var client = new HttpClient(handler);
        using HttpRequestMessage request = Request(HttpMethod.Get, Site("https"), "/api/whoami");
        using HttpResponseMessage reply = await client.SendAsync(request);
        return subject;
    }

    private static async Task<HttpResponseMessage> AskAsync(
        IPEndPoint site, string path, X509Certificate2? own = null, SslProtocols versions = SslProtocols.None)
    {
        using HttpClient client = Client(own, versions);
        using HttpRequestMessage request = Request(HttpMethod.Get, site, path);
        return await client.SendAsync(request);
    }

    private static HttpRequestMessage Request(HttpMethod method, IPEndPoint site, string path)
    {
        var request = new HttpRequestMessage(method, new Uri($"https://localhost:{site.Port}{path}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String("guest:guest"u8));
        return request;
    }

    private static HttpClient Client(X509Certificate2? own = null, SslProtocols versions = SslProtocols.None)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate?.Issuer == Issuer;
        handler.SslOptions.EnabledSslProtocols = versions;
        if (own is not null)
        {
            handler.SslOptions.ClientCertificates = [own];
        }

        return new HttpClient(handler, disposeHandler: true);
    }
}
