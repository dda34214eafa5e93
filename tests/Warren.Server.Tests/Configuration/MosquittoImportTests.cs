using Warren.Server.Configuration;
using Warren.Server.Configuration.Mosquitto;
using Xunit;

namespace Warren.Server.Tests.Configuration;

public sealed class MosquittoImportTests
{
    private const string Example = """
        # a comment
        listener 1883
        allow_anonymous false
        listener 8883 10.0.0.1
        cafile /etc/ca.pem
        certfile /etc/a.pem
        keyfile /etc/a.key
        require_certificate true
        use_identity_as_username true
        listener 9001
        protocol websockets
        max_inflight_messages 20
        max_queued_messages 1000
        max_queued_bytes 1000
        persistent_client_expiration 14d
        password_file /etc/mosquitto/passwd
        log_dest file /var/log/m.log
        log_type warning
        log_type debug
        connection cloud
        address example.org:8883
        remote_password s3cret
        frobnicate yes
        listener 1885
        enable_proxy_protocol 2
        max_keepalive 60
        retain_available false
        listener 9002
        protocol websockets
        websockets_origin https://example.org
        enable_proxy_protocol 2
        """;

    [Fact]
    public void Counterparts_are_written_and_the_rest_says_why_not()
    {
        string[] lines = MosquittoImport.Convert(Example, "mosquitto.conf").Split('\n');

        Assert.Contains("mqtt.listeners.tcp.1 = 1883", lines);
        Assert.Contains("mqtt.listeners.ssl.2 = 10.0.0.1:8883", lines);
        Assert.Contains("ssl_options.cacertfile = /etc/ca.pem", lines);
        Assert.Contains("ssl_options.verify = verify_peer", lines);
        Assert.Contains("mqtt.ssl_cert_login = true", lines);
        Assert.Contains("web_mqtt.tcp.port = 9001", lines);
        Assert.Contains("mqtt.allow_anonymous = false", lines);
        Assert.Contains("mqtt.anonymous_from_anywhere = false", lines);
        Assert.Contains("mqtt.prefetch = 20", lines);
        Assert.Contains("mqtt.max_session_expiry_interval_seconds = 1209600", lines);
        Assert.Contains("log.file = /var/log/m.log", lines);
        Assert.Equal("log.level = debug", lines.Last(l => l.StartsWith("log.level", StringComparison.Ordinal)));
        Assert.Contains("web_mqtt.ws_path = *", lines);
        Assert.Contains("web_mqtt.allow_origins.1 = https://example.org", lines);
        Assert.Single(lines, "mqtt.proxy_protocol = true");
        Assert.DoesNotContain(lines, l => l.StartsWith("web_mqtt.proxy_protocol", StringComparison.Ordinal));
        Assert.Contains("mqtt.max_queued_messages = 1000", lines);
        Assert.Contains("mqtt.max_keepalive = 60", lines);
        Assert.Contains("mqtt.retain_available = false", lines);
        Assert.Contains(lines, l => l.StartsWith("# mosquitto.conf:14: max_queued_bytes 1000 (no counterpart: set a policy", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("# mosquitto.conf:16: password_file", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("# mosquitto.conf:20: connection cloud (no counterpart: a bridge", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, l => l.Contains("s3cret", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Example)]
    [InlineData("")]
    [InlineData("max_inflight_messages 0\nmax_queued_messages 0\nmax_keepalive 0\nmax_packet_size 0\nsys_interval 0\nmax_connections -1\n")]
    [InlineData("listener 0 /run/m.sock\nport 1884\nbind_address ::1\ntls_version tlsv1.2\nciphers A:B\n")]
    public void Result_is_a_file_that_can_be_read(string text)
    {
        string result = MosquittoImport.Convert(text, "mosquitto.conf");

        IReadOnlyList<ConfigSetting> settings = ConfigFile.Parse(result, "warren.conf", static _ => null);
        (IReadOnlyList<string> errors, _) = new OptionTable(new WarrenServerOptions()).Set(settings);
        Assert.Empty(errors);
    }

    [Fact]
    public void Without_a_listener_only_this_machine_is_served()
    {
        string result = MosquittoImport.Convert("", "mosquitto.conf");

        Assert.Contains("mqtt.listeners.tcp.1 = 127.0.0.1:1883\n", result, StringComparison.Ordinal);
        Assert.Contains("mqtt.allow_anonymous = true\n", result, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_listener_what_is_said_of_strangers_counts()
    {
        Assert.DoesNotContain(
            "mqtt.allow_anonymous = true\n", MosquittoImport.Convert("allow_anonymous false\n", "mosquitto.conf"), StringComparison.Ordinal);
    }
}
