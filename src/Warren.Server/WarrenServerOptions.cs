using System.Net;
using Warren.Buffers.Options;
using Warren.Server.Logging;

namespace Warren.Server;

/// <summary>Everything a server is started with. A new instance starts a broker as RabbitMQ's defaults would.</summary>
public sealed record WarrenServerOptions
{
    /// <summary>Where the broker keeps its data. Null: <see cref="DataDirectoryLocation.Default"/>.</summary>
    [ConfigKey("warren.data_dir")]
    public string? DataDirectory { get; init; }

    /// <summary>Addresses on which AMQP 0-9-1 is spoken over TCP; port 0 lets the system choose.</summary>
    [ConfigKey("listeners.tcp.$name")]
    public IReadOnlyList<IPEndPoint> TcpListeners { get; init; } = [new IPEndPoint(IPAddress.IPv6Any, 5672)];

    /// <summary>What is logged and where to.</summary>
    public LogOptions Log { get; init; } = new();
}
