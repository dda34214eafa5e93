using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Warren.Management.Hosting;
using Warren.Server.WebSockets;
using Xunit;

namespace Warren.Server.Tests;

public sealed class WarrenServerTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Client_is_greeted_on_the_port_the_system_chose()
    {
        await using WarrenServer server = await StartAsync("data");

        byte[] greeting = await GreetingAsync(Assert.Single(server.EndPoints));

        // A method frame on channel 0: connection.start.
        Assert.Equal([1, 0, 0], greeting[..3]);
        Assert.Equal([0, 10, 0, 10], greeting[7..11]);
    }

    [Fact]
    public async Task Several_servers_run_in_one_process()
    {
        await using WarrenServer one = await StartAsync("one");
        await using WarrenServer two = await StartAsync("two");

        await GreetingAsync(one.EndPoints[0]);
        await GreetingAsync(two.EndPoints[0]);

        Assert.NotEqual(one.EndPoints[0].Port, two.EndPoints[0].Port);
    }

    [Fact]
    public async Task Stopped_server_takes_nobody_and_gives_its_data_up()
    {
        WarrenServer server = await StartAsync("data");
        IPEndPoint endPoint = server.EndPoints[0];

        await server.StopAsync();
        await server.StopAsync();

        await Assert.ThrowsAsync<SocketException>(() => GreetingAsync(endPoint));
        await using WarrenServer again = await StartAsync("data");
    }

    [Fact]
    public async Task Taken_port_is_named_and_leaves_the_data_free()
    {
        await using WarrenServer first = await StartAsync("first");
        WarrenServerOptions options = Options("second") with { TcpListeners = [first.EndPoints[0]] };

        var error = await Assert.ThrowsAsync<StartupError>(() => WarrenServer.StartAsync(options, CancellationToken.None));

        Assert.Equal(StartupFault.Unavailable, error.Fault);
        Assert.Equal($"cannot listen on {first.EndPoints[0]}: another program listens there", error.Message);
        await using WarrenServer second = await StartAsync("second");
    }

    [Fact]
    public async Task Taken_port_of_the_http_api_is_named_and_leaves_the_rest_free()
    {
        var management = new ManagementOptions { Port = 0, Address = "127.0.0.1" };
        await using WarrenServer first = await WarrenServer.StartAsync(Options("first") with { Management = management }, CancellationToken.None);
        IPEndPoint taken = first.HttpSites[0].EndPoint;
        WarrenServerOptions options = Options("second") with { Management = management with { Port = (ushort)taken.Port } };

        var error = await Assert.ThrowsAsync<StartupError>(() => WarrenServer.StartAsync(options, CancellationToken.None));

        Assert.Equal(StartupFault.Unavailable, error.Fault);
        Assert.Equal($"cannot listen on {taken}: another program listens there", error.Message);
        await using WarrenServer second = await StartAsync("second");
    }

    [Fact]
    public async Task Data_directory_is_for_one_server_at_a_time()
    {
        await using WarrenServer first = await StartAsync("data");

        var error = await Assert.ThrowsAsync<StartupError>(() => StartAsync("data"));

        Assert.Equal(StartupFault.Unavailable, error.Fault);
        Assert.Contains(first.DataDirectory, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_that_cannot_be_read_is_refused_and_left_as_it_is()
    {
        Directory.CreateDirectory(_directory["data"]);
        string format = Path.Combine(_directory["data"], "FORMAT");
        await File.WriteAllTextAsync(format, "something else\n");

        var error = await Assert.ThrowsAsync<StartupError>(() => StartAsync("data"));

        Assert.Equal(StartupFault.Data, error.Fault);
        Assert.Equal("something else\n", await File.ReadAllTextAsync(format));
    }

    [Fact]
    public async Task Data_directory_that_cannot_be_made_is_named()
    {
        await File.WriteAllTextAsync(_directory["file"], "");

        var error = await Assert.ThrowsAsync<StartupError>(() => StartAsync(Path.Combine("file", "data")));

        Assert.Equal(StartupFault.CannotCreate, error.Fault);
        Assert.Contains(_directory["file"], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_that_never_reads_does_not_hold_up_the_stop()
    {
        WarrenServer server = await StartAsync("data");
        using var client = new TcpClient();
        await client.ConnectAsync(server.EndPoints[0]);

        await server.StopAsync();

        Assert.Empty(server.Listeners.SelectMany(l => l.ListConnections()));
    }

    private static async Task<byte[]> GreetingAsync(IPEndPoint endPoint)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(endPoint);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync("AMQP\0\0\u0009\u0001"u8.ToArray());
        byte[] greeting = new byte[11];
        await stream.ReadExactlyAsync(greeting);
        return greeting;
    }

    private Task<WarrenServer> StartAsync(string directory) => WarrenServer.StartAsync(Options(directory), CancellationToken.None);

    private WarrenServerOptions Options(string directory) => new()
    {
        DataDirectory = _directory[directory],
        TcpListeners = [new IPEndPoint(IPAddress.Loopback, 0)],
        MqttTcpListeners = [],
        WebMqtt = new WebMqttOptions { Port = null },
        Management = new ManagementOptions { Port = null },
        Prometheus = new PrometheusOptions { Port = null },
        Loggers = NullLoggerFactory.Instance,
    };
}
