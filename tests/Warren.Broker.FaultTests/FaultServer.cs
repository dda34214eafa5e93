using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Warren.Core;
using Warren.Management.Hosting;
using Warren.Server;
using Warren.Server.WebSockets;
using Warren.Storage;

namespace Warren.FaultTests;

/// <summary>A whole broker in this process, on free ports, over a disk and a clock of the test.</summary>
internal sealed class FaultServer : IAsyncDisposable
{
    /// <summary>How long anything that must happen may take on a busy machine; only a hang takes that long.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // A broker that has ended by itself listens nowhere: the ports are those it had.
    private FaultServer(WarrenServer server)
    {
        Server = server;
        AmqpPort = server.EndPoints[0].Port;
        MqttPort = server.EndPoints[1].Port;
        Api = $"http://127.0.0.1:{server.HttpSites[0].EndPoint.Port}/api";
    }

    internal WarrenServer Server { get; }

    internal int AmqpPort { get; }

    internal int MqttPort { get; }

    /// <summary>Where the API is, with <c>/api</c>.</summary>
    internal string Api { get; }

    /// <summary>Starts a broker.</summary>
    /// <exception cref="StartupError">It cannot.</exception>
    internal static async Task<FaultServer> StartAsync(
        string directory, IBlockDisk disk, TimeProvider time, Func<WarrenServerOptions, WarrenServerOptions>? configure = null)
    {
        var options = new WarrenServerOptions
        {
            DataDirectory = directory,
            TcpListeners = [new IPEndPoint(IPAddress.Loopback, 0)],
            MqttTcpListeners = [new IPEndPoint(IPAddress.Loopback, 0)],
            WebMqtt = new WebMqttOptions { Port = null },
            Management = new ManagementOptions { Port = 0, Address = "127.0.0.1" },
            Prometheus = new PrometheusOptions { Port = null },
            Broker = new BrokerOptions
            {
                PageBudgetBytes = 1 << 20,
                MemoryWatermarkBytes = long.MaxValue,
                DiskFreeLimitBytes = 0,
            },
            Loggers = NullLoggerFactory.Instance,
            Time = time,
            Disk = disk,
        };
        return new FaultServer(await WarrenServer.StartAsync(configure?.Invoke(options) ?? options, CancellationToken.None));
    }

    /// <summary>Stops it; a broker that does not stop is a failure of its own.</summary>
    /// <returns>Why it had ended by itself; null when it had not.</returns>
    internal async Task<Exception?> StopAsync()
    {
        try
        {
            await Server.StopAsync().WaitAsync(Patience);
        }
        catch (IOException)
        {
            // what could not be written any more; the next start shows whether anything was promised
        }

        return await Server.Ended.WaitAsync(Patience);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync();
}
