using System.Net;
using System.Net.Http.Headers;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;
using Warren.Core;
using Warren.Interop.Tests.Raw;
using Warren.Management.Hosting;
using Warren.Server;

namespace Warren.Interop.Tests.Security;

/// <summary>A broker of one test, in this process, on free ports of all addresses.</summary>
public sealed class OwnServer : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("warren-own-").FullName;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false });

    private OwnServer()
    {
    }

    public WarrenServer Server { get; private set; } = null!;

    public Broker Broker => Server.Broker;

    public int AmqpPort => Server.EndPoints[0].Port;

    public int HttpPort => Server.HttpSites[0].EndPoint.Port;

    /// <summary>An address of this machine that is not loopback; null when it has none.</summary>
    public static IPAddress? OwnAddress => NetworkInterface.GetAllNetworkInterfaces()
        .Where(i => i.OperationalStatus == OperationalStatus.Up)
        .SelectMany(i => i.GetIPProperties().UnicastAddresses)
        .Select(a => a.Address)
        .FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a));

    public static async Task<OwnServer> StartAsync(Func<WarrenServerOptions, WarrenServerOptions>? configure = null)
    {
        var own = new OwnServer();
        var options = new WarrenServerOptions
        {
            DataDirectory = Path.Combine(own._directory, "data"),
            TcpListeners = [new IPEndPoint(IPAddress.Any, 0)],
            MqttTcpListeners = [],
            WebMqtt = new() { Port = null },
            Management = new ManagementOptions { Port = 0, Address = "0.0.0.0" },
            Prometheus = new PrometheusOptions { Port = null },
            Loggers = NullLoggerFactory.Instance,
        };
        own.Server = await WarrenServer.StartAsync(configure?.Invoke(options) ?? options, CancellationToken.None);
        return own;
    }

    /// <summary>A connection of RabbitMQ.Client.</summary>
    public Task<IConnection> ConnectAsync(string user = "guest", string password = "guest", TimeSpan? heartbeat = null) => new ConnectionFactory
    {
        HostName = "127.0.0.1",
        Port = AmqpPort,
        UserName = user,
        Password = password,
        AutomaticRecoveryEnabled = false,
        RequestedHeartbeat = heartbeat ?? TimeSpan.Zero,
    }.CreateConnectionAsync();

    /// <summary>Sends connection.start-ok from an address of this machine and returns what comes back.</summary>
    /// <param name="from">The address; null for any.</param>
    /// <param name="to">The address connected to.</param>
    /// <param name="response">The response, for PLAIN <c>\0user\0password</c>.</param>
    /// <param name="mechanism">The mechanism.</param>
    /// <param name="before">Bytes before the protocol header.</param>
    /// <returns>The method that answers, as class and method; (0, 0) when the socket is closed without one.</returns>
    public (int Class, int Method, string Text) Login(
        IPAddress to, string response, IPAddress? from = null, string mechanism = "PLAIN", string before = "")
    {
        using RawClient client = RawClient.Connect(to, AmqpPort, from);
        client.Send(Encoding.Latin1.GetBytes(before));
        client.SendProtocolHeader();
        client.Expect(0, 10, 10);
        client.Send(0, RawMethod.ConnectionStartOk(
            mechanism, response, [("capabilities", RawClient.Capabilities("authentication_failure_close"))]));
        try
        {
            RawFrame answer = client.ReadNoHeartbeat();
            return (answer.ClassId, answer.MethodId, answer.Is(10, 50) ? RawClose.Of(answer).Text : "");
        }
        catch (EndOfStreamException)
        {
            return (0, 0, "");
        }
    }

    /// <summary>Sends a request; the path begins after <c>/api</c>.</summary>
    public async Task<(int Status, string Body)> SendAsync(
        HttpMethod method, string path, HttpContent? body = null, string user = "guest", string password = "guest", IPAddress? to = null)
    {
        using var request = new HttpRequestMessage(method, new Uri($"http://{to ?? IPAddress.Loopback}:{HttpPort}/api{path}")) { Content = body };
        request.Headers.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
        request.Headers.ExpectContinue = body?.Headers.ContentLength > 1_000_000; // to hear a refusal instead of a broken pipe
        using HttpResponseMessage reply = await _http.SendAsync(request);
        return ((int)reply.StatusCode, await reply.Content.ReadAsStringAsync());
    }

    /// <summary>The same with JSON.</summary>
    public Task<(int Status, string Body)> SendAsync(HttpMethod method, string path, string body, string user = "guest", string password = "guest") =>
        SendAsync(method, path, new StringContent(body, Encoding.UTF8, "application/json"), user, password);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
