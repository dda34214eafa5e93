using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Warren.Interop.Tests.Running;
using Warren.Server.Tests.Tls;

namespace Warren.Interop.Tests.Mqtt;

/// <summary>MQTT over TLS, with the names that certificates bear.</summary>
public sealed class MqttTlsTests : MqttTest
{
    private readonly string _directory = Directory.CreateTempSubdirectory("warren-mqtts-").FullName;
    private readonly int _port = BrokerProcess.FreePort();
    private readonly TestAuthority _authority = new("Test authority");
    private readonly TlsFiles _files;

    public MqttTlsTests(SharedBroker broker)
        : base(broker) => _files = new TlsFiles(_directory);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _authority.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Certificate_says_who_the_client_is_and_where_it_goes()
    {
        await StartTlsAsync();
        await Ctl.RunAsync(Own, "add_vhost", "devices");
        await Ctl.RunAsync(Own, "add_user", "sensor-7", "unused");
        await Ctl.RunAsync(Own, "set_permissions", "-p", "devices", "sensor-7", ".*", ".*", ".*");
        await Ctl.RunAsync(Own, "set_global_parameter", "mqtt_default_vhosts", """{"sensor-7":"devices"}""");
        MqttRaw watcher = Open(Own.MqttPort);
        await Ctl.RunAsync(Own, "set_permissions", "-p", "devices", "guest", ".*", ".*", ".*");
        watcher.Login(new MqttLogin("w") { User = "devices:guest" });
        watcher.Subscribe("t", 1);

        string said = await PublishAsync([.. ClientCertificate("CN=sensor-7"), "-t", "t", "-q", "1", "-m", "over TLS"]);

        Assert.Equal("", said);
        Assert.Equal("over TLS", watcher.Receive().Body);
    }

    [Fact]
    public async Task Name_and_password_count_more_than_the_certificate()
    {
        await StartTlsAsync();
        MqttRaw watcher = Enter(Own);
        watcher.Subscribe("t", 1);

        string said = await PublishAsync([.. ClientCertificate("CN=nobody"), "-u", "guest", "-P", "guest", "-t", "t", "-q", "1", "-m", "x"]);

        Assert.Equal("", said);
        Assert.Equal("x", watcher.Receive().Body);
    }

    [Fact]
    public async Task Certificate_of_nobody_and_no_certificate_are_refused()
    {
        await StartTlsAsync();

        string stranger = await PublishAsync([.. ClientCertificate("CN=nobody"), "-t", "t", "-m", "x"]);
        string bare = await PublishAsync(["--cafile", _files.Authorities, "-t", "t", "-m", "x"]);

        Assert.Contains("bad user name or password", stranger, StringComparison.Ordinal);
        Assert.Contains("bad user name or password", bare, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Certificate_may_say_which_client_id_is_its_own()
    {
        await StartTlsAsync("mqtt.ssl_cert_client_id_from=distinguished_name");
        string[] certificate = ["-u", "guest", "-P", "guest", "-t", "t", "-q", "1", "-m", "x", .. ClientCertificate("CN=sensor-7")];

        Assert.Equal("", await PublishAsync(["-i", "CN=sensor-7", .. certificate]));
        Assert.Contains("identifier rejected", await PublishAsync(["-i", "CN=sensor-8", .. certificate]), StringComparison.Ordinal);

        // who has no certificate is not asked
        Assert.Equal("", await PublishAsync(["-u", "guest", "-P", "guest", "-t", "t", "-q", "1", "-m", "x", "-i", "any", "--cafile", _files.Authorities]));
    }

    private async Task StartTlsAsync(params string[] more)
    {
        using X509Certificate2 certificate = _authority.IssueServer();
        _files.Write(certificate, _authority);
        await StartAsync([
            .. Management, .. more,
            $"mqtt.listeners.ssl.default=127.0.0.1:{_port}", "mqtt.ssl_cert_login=true", "ssl_cert_login_from=common_name",
            .. _files.Settings("ssl_options.verify=verify_peer", "ssl_options.fail_if_no_peer_cert=false"),
        ]);
    }

    private string[] ClientCertificate(string subject)
    {
        using X509Certificate2 certificate = _authority.Issue(subject);
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        string certificatePath = Path.Combine(_directory, "client.pem");
        string keyPath = Path.Combine(_directory, "client.key");
        File.WriteAllText(certificatePath, certificate.ExportCertificatePem() + "\n");
        File.WriteAllText(keyPath, key.ExportPkcs8PrivateKeyPem() + "\n");
        return ["--cafile", _files.Authorities, "--cert", certificatePath, "--key", keyPath];
    }

    private Task<string> PublishAsync(string[] arguments) =>
        Script.RunAsync("mosquitto_pub", ["-h", "127.0.0.1", "-p", $"{_port}", .. arguments]);
}
