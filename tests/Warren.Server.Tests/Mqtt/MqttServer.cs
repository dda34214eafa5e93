using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Warren.Management.Hosting;
using Warren.Server.WebSockets;
using Xunit;

namespace Warren.Server.Tests.Mqtt;

/// <summary>A server in this process that speaks MQTT, with and without WebSocket.</summary>
public abstract class MqttServer : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private WarrenServer? _server;

    protected WarrenServer Server => _server!;

    protected string DirectoryPath => _directory.Path;

    /// <summary>The address of the WebSocket.</summary>
    protected Uri Url => new($"ws://127.0.0.1:{Server.WebSocketSites[0].EndPoint.Port}/ws");

    public async ValueTask InitializeAsync() => _server = await WarrenServer.StartAsync(
        Configure(new WarrenServerOptions
        {
            DataDirectory = _directory["data"],
            TcpListeners = [new IPEndPoint(IPAddress.Loopback, 0)],
            MqttTcpListeners = [new IPEndPoint(IPAddress.Loopback, 0)],
            WebMqtt = new WebMqttOptions { Port = 0, Address = "127.0.0.1" },
            Management = new ManagementOptions { Port = null },
            Prometheus = new PrometheusOptions { Port = null },
            Loggers = NullLoggerFactory.Instance,
        }),
        CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    protected virtual WarrenServerOptions Configure(WarrenServerOptions options) => options;

    /// <summary>Stops the server and starts it again on the same data.</summary>
    protected async Task RestartAsync()
    {
        await Server.DisposeAsync();
        await InitializeAsync();
    }

    /// <summary>A client that is in.</summary>
    private protected async Task<MqttClient> EnterAsync(string clientId)
    {
        MqttClient client = await MqttClient.OpenAsync(Server);
        Assert.Equal(0, await client.EnterAsync(clientId));
        return client;
    }
}
