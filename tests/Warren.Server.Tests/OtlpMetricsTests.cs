using System.Net;
using System.Net.Sockets;
using System.Text;
using Warren.Server.Telemetry;
using Warren.Server.Tests.Tls;
using Xunit;

namespace Warren.Server.Tests;

public sealed class OtlpMetricsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Totals_are_sent_to_the_collector_when_the_server_stops_at_the_latest()
    {
        using var collector = new TcpListener(IPAddress.Loopback, 0);
        collector.Start();
        Task<string> received = ReceiveAsync(collector);
        WarrenServer server = await WarrenServer.StartAsync(Options($"http://{collector.LocalEndpoint}/v1/metrics"), CancellationToken.None);

        await server.StopAsync();

        string request = await received;
        Assert.StartsWith("POST /v1/metrics HTTP/1.1", request, StringComparison.Ordinal);
        Assert.Contains("warren.messages.published", request, StringComparison.Ordinal);
        Assert.Contains("warren.messages.ready", request, StringComparison.Ordinal);
        Assert.Contains("warren.connections", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Endpoint_that_is_no_address_stops_the_start()
    {
        var error = await Assert.ThrowsAsync<StartupError>(() => WarrenServer.StartAsync(Options("collector"), CancellationToken.None));

        Assert.Equal(StartupFault.Configuration, error.Fault);
    }

    private WarrenServerOptions Options(string endpoint) => new()
    {
        DataDirectory = _directory["data"],
        TcpListeners = [new IPEndPoint(IPAddress.Loopback, 0)],
        MqttTcpListeners = [],
        WebMqtt = new() { Port = null },
        Telemetry = new TelemetryOptions { Endpoint = endpoint, Protocol = TelemetryProtocol.Http },
        Loggers = new LogLines(),
    };

    private static async Task<string> ReceiveAsync(TcpListener collector)
    {
        using TcpClient client = await collector.AcceptTcpClientAsync();
        NetworkStream stream = client.GetStream();
        var text = new StringBuilder();
        byte[] buffer = new byte[64 * 1024];
        while (!text.ToString().Contains("warren.connections", StringComparison.Ordinal))
        {
            int count = await stream.ReadAsync(buffer);
            if (count == 0)
            {
                break;
            }

            text.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }

        await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
        return text.ToString();
    }
}
