using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using Warren.Core.Connections;
using Warren.Server.Tests.Tls;
using Warren.Server.WebSockets;
using Warren.Transport.Tls;
using Xunit;

namespace Warren.Server.Tests.Mqtt;

public sealed class WebMqttTests : MqttServer
{
    [Theory]
    [InlineData("mqtt")]
    [InlineData("mqttv3.1")]
    public async Task Client_publishes_and_receives_through_a_WebSocket(string subprotocol)
    {
        using MqttClient client = await MqttClient.OpenWebSocketAsync(Url, o => o.AddSubProtocol(subprotocol));

        Assert.Equal(subprotocol, client.Socket.SubProtocol);
        Assert.Equal(0, await client.EnterAsync("web"));
        Assert.Equal(0, await client.SubscribeAsync("a/#"));
        await client.SendAsync(MqttClient.Publish("a/b", "hello"));

        Assert.Equal((0, "a/b", "hello"), await client.ReadMessageAsync());
    }

    [Fact]
    public async Task Packets_may_be_cut_into_messages_anywhere()
    {
        using MqttClient client = await MqttClient.OpenWebSocketAsync(Url);
        byte[] all = [.. MqttClient.Connect("cut"), .. MqttClient.Subscribe("a"), .. MqttClient.Publish("a", "one"), .. MqttClient.Publish("a", "two")];

        foreach (byte one in all[..40])
        {
            await client.SendAsync(one);
        }

        await client.SendAsync();
        await client.SendAsync(all[40..]);

        Assert.Equal(MqttClient.ConnAck, (await client.ReadAsync()).Header);
        Assert.Equal(MqttClient.SubAck, (await client.ReadAsync()).Header);
        Assert.Equal("one", (await client.ReadMessageAsync()).Payload);
        Assert.Equal("two", (await client.ReadMessageAsync()).Payload);
    }

    [Fact]
    public async Task Large_messages_pass()
    {
        string payload = new('x', 1_000_000);
        using MqttClient client = await MqttClient.OpenWebSocketAsync(Url);
        await client.EnterAsync("large");
        await client.SubscribeAsync("a");

        await client.SendAsync(MqttClient.Publish("a", payload));

        Assert.Equal(payload, (await client.ReadMessageAsync()).Payload);
    }

    [Fact]
    public async Task Packet_above_the_limit_before_the_login_ends_the_connection()
    {
        using MqttClient client = await MqttClient.OpenWebSocketAsync(Url);

        await client.SendAsync(0x10, 0xFF, 0xFF, 0x7F);

        await client.ReadEndAsync();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("amqp")]
    public async Task Client_that_does_not_offer_mqtt_is_refused(string? offered)
    {
        WebSocketException error = await Assert.ThrowsAsync<WebSocketException>(() => MqttClient.OpenWebSocketAsync(Url, o =>
        {
            if (offered is not null)
            {
                o.AddSubProtocol(offered);
            }
        }));

        Assert.Contains("400", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/ws", HttpStatusCode.UpgradeRequired)]
    [InlineData("/", HttpStatusCode.NotFound)]
    [InlineData("/ws/more", HttpStatusCode.NotFound)]
    public async Task Plain_request_is_told_what_is_wrong(string path, HttpStatusCode status)
    {
        using var http = new HttpClient();

        using HttpResponseMessage answer = await http.GetAsync(new Uri($"http://127.0.0.1:{Url.Port}{path}"));

        Assert.Equal(status, answer.StatusCode);
    }

    [Fact]
    public async Task Text_message_closes_with_1003()
    {
        using MqttClient client = await MqttClient.OpenWebSocketAsync(Url);
        await client.EnterAsync("text");

        await client.Socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        await client.ReadEndAsync();

        Assert.Equal(WebSocketCloseStatus.InvalidMessageType, client.Socket.CloseStatus);
    }

    [Fact]
    public async Task Client_that_closes_without_DISCONNECT_is_answered_and_its_will_is_published()
    {
        using MqttClient watcher = await EnterAsync("watcher");
        await watcher.SubscribeAsync("will");
        using MqttClient client = await MqttClient.OpenWebSocketAsync(Url);
        byte[] connect = MqttClient.Packet(0x10, [.. MqttClient.Text("MQTT"), 4, 0xC6, 0, 60, .. MqttClient.Text("dying"), .. MqttClient.Text("will"), .. MqttClient.Text("gone"), .. MqttClient.Text("guest"), .. MqttClient.Text("guest")]);
        await client.SendAsync(connect);
        Assert.Equal([0, 0], (await client.ReadAsync()).Body);

        await client.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);

        Assert.Equal(WebSocketState.Closed, client.Socket.State);
        Assert.Equal("gone", (await watcher.ReadMessageAsync()).Payload);
    }

    [Fact]
    public async Task Disconnect_closes_the_WebSocket_as_well()
    {
        using MqttClient client = await MqttClient.OpenWebSocketAsync(Url);
        await client.EnterAsync("polite");

        await client.SendAsync(0xE0, 0);
        await client.ReadEndAsync();

        Assert.Equal(WebSocketCloseStatus.NormalClosure, client.Socket.CloseStatus);
    }

    [Theory]
    [InlineData(4, "Web MQTT 3-1-1")]
    [InlineData(5, "Web MQTT 5-0")]
    public async Task Operators_see_what_is_spoken(byte version, string protocol)
    {
        using MqttClient client = await MqttClient.OpenWebSocketAsync(Url);
        await client.EnterAsync("seen", version: version);

        ConnectionView view = Assert.Single(Server.Broker.Connections.All).View();

        Assert.Equal(protocol, view.Protocol);
        Assert.Equal(IPAddress.Loopback, ((IPEndPoint)view.Peer!).Address);
    }

    [Fact]
    public async Task Stop_of_the_server_says_why_and_closes()
    {
        using MqttClient client = await MqttClient.OpenWebSocketAsync(Url);
        await client.EnterAsync("stopped");

        Task stopping = Server.StopAsync();
        (byte header, byte[] body) = await client.ReadAsync();
        await client.ReadEndAsync();
        await client.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        await stopping;

        Assert.Equal((MqttClient.Disconnect, 0x8B), (header, body[0]));
    }

    [Fact]
    public async Task Silent_client_does_not_hold_up_the_stop()
    {
        using MqttClient client = await MqttClient.OpenWebSocketAsync(Url);
        await client.EnterAsync("silent");

        await Server.StopAsync();

        Assert.Empty(Server.Broker.Connections.All);
    }
}

public sealed class WebMqttOriginTests : MqttServer
{
    protected override WarrenServerOptions Configure(WarrenServerOptions options) =>
        options with { WebMqtt = options.WebMqtt with { AllowedOrigins = ["https://shop.example"] } };

    [Fact]
    public async Task Script_of_an_allowed_site_may_connect()
    {
        using MqttClient client = await MqttClient.OpenWebSocketAsync(Url, static o => With(o, "https://shop.example"));

        Assert.Equal(0, await client.EnterAsync("allowed"));
    }

    [Fact]
    public async Task Script_of_another_site_is_refused()
    {
        WebSocketException error = await Assert.ThrowsAsync<WebSocketException>(
            () => MqttClient.OpenWebSocketAsync(Url, static o => With(o, "https://evil.example")));

        Assert.Contains("403", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Program_without_an_origin_may_connect()
    {
        using MqttClient client = await MqttClient.OpenWebSocketAsync(Url);

        Assert.Equal(0, await client.EnterAsync("program"));
    }

    private static void With(ClientWebSocketOptions options, string origin)
    {
        options.AddSubProtocol("mqtt");
        options.SetRequestHeader("Origin", origin);
    }
}

public sealed class WebMqttIdleTests : MqttServer
{
    protected override WarrenServerOptions Configure(WarrenServerOptions options) =>
        options with { WebMqtt = options.WebMqtt with { IdleTimeoutMs = 400 } };

    [Fact]
    public async Task Client_that_answers_no_ping_is_dropped()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Url.Port);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync("GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n"u8.ToArray());

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        byte[] buffer = new byte[1024];
        while (await ReadAsync(stream, buffer, patience.Token) > 0)
        {
        }
    }

    [Fact]
    public async Task Silent_client_that_answers_pings_stays()
    {
        using MqttClient client = await MqttClient.OpenWebSocketAsync(Url);
        await client.EnterAsync("quiet");
        Task<(byte Header, byte[] Body)> next = client.ReadAsync(); // answers pings meanwhile

        await Task.Delay(2000);
        await client.SendAsync(0xC0, 0);

        Assert.Equal(0xD0, (await next).Header);
    }

    private static async Task<int> ReadAsync(NetworkStream stream, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await stream.ReadAsync(buffer, cancellationToken);
        }
        catch (IOException)
        {
            return 0; // cut instead of closed
        }
    }
}

public sealed class WebMqttTlsTests : MqttServer
{
    private readonly TestAuthority _authority = new("Test authority");

    protected override WarrenServerOptions Configure(WarrenServerOptions options)
    {
        var files = new TlsFiles(DirectoryPath);
        using X509Certificate2 certificate = _authority.IssueServer();
        files.Write(certificate, _authority);
        return options with
        {
            WebMqtt = new WebMqttOptions { Port = null, SslPort = 0, SslAddress = "127.0.0.1" },
            WebMqttTls = new TlsOptions
            {
                CertificateFile = files.Certificate,
                KeyFile = files.Key,
                AuthorityFile = files.Authorities,
                Verify = PeerVerification.Peer,
                LoginFrom = CertificateLogin.CommonName,
            },
            Mqtt = options.Mqtt with { CertificateLogin = true },
        };
    }

    [Fact]
    public async Task Client_publishes_and_receives_through_TLS()
    {
        using MqttClient client = await OpenAsync(null);

        Assert.Equal("https/web-mqtt", Assert.Single(Server.WebSocketSites).Protocol);
        Assert.Equal(0, await client.EnterAsync("secure"));
        await client.SubscribeAsync("a");
        await client.SendAsync(MqttClient.Publish("a", "hello"));
        Assert.Equal("hello", (await client.ReadMessageAsync()).Payload);
        Assert.NotNull(Assert.Single(Server.Broker.Connections.All).View().Tls);
    }

    [Fact]
    public async Task Certificate_may_say_who_the_client_is()
    {
        using X509Certificate2 own = _authority.Issue("CN=guest");
        using MqttClient client = await OpenAsync(own);

        Assert.Equal(0, await client.EnterAsync("certified", user: null));
        Assert.Equal("guest", Assert.Single(Server.Broker.Connections.All).User!.Name);
    }

    private Task<MqttClient> OpenAsync(X509Certificate2? own) => MqttClient.OpenWebSocketAsync(
        new Uri($"wss://127.0.0.1:{Server.WebSocketSites[0].EndPoint.Port}/ws"),
        o =>
        {
            o.AddSubProtocol("mqtt");
            o.RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate?.Subject == "CN=warren";
            if (own is not null)
            {
                o.ClientCertificates.Add(own);
            }
        });
}
