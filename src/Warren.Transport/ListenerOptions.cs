using Warren.Buffers;
using Warren.Buffers.Options;

namespace Warren.Transport;

/// <summary>How a listener accepts, and the limits of its connections.</summary>
public sealed record ListenerOptions
{
    /// <summary>Clients the system may hold that are not yet accepted.</summary>
    [ConfigKey("tcp_listen_options.backlog", Min = 1)]
    public int Backlog { get; init; } = 4096;

    /// <summary>Sends small pieces at once (TCP_NODELAY).</summary>
    [ConfigKey("tcp_listen_options.nodelay")]
    public bool NoDelay { get; init; } = true;

    /// <summary>Whether a listener on an IPv6 wildcard address takes IPv4 clients too.</summary>
    public bool DualMode { get; init; } = true;

    /// <summary>Lets the system look after silent peers (SO_KEEPALIVE).</summary>
    [ConfigKey("tcp_listen_options.keepalive")]
    public bool KeepAlive { get; init; }

    /// <summary>Bytes of the system's send buffer per connection. Null: the system decides and adapts.</summary>
    [ConfigKey("tcp_listen_options.sndbuf", Unit = ConfigUnit.Bytes)]
    public int? SendBufferBytes { get; init; }

    /// <summary>Bytes of the system's receive buffer per connection. Null: the system decides and adapts.</summary>
    [ConfigKey("tcp_listen_options.recbuf", Unit = ConfigUnit.Bytes)]
    public int? ReceiveBufferBytes { get; init; }

    /// <summary>Connections open at a time; further clients are accepted and closed at once. Null: no limit.</summary>
    [ConfigKey("connection_max", "max_connections")]
    public int? MaxConnections { get; init; }

    /// <summary>Whether each client comes through a proxy that says first, in a PROXY header, who it is. Then nobody but
    /// the proxy should be able to reach the listener: the address it says is believed.</summary>
    [ConfigKey("proxy_protocol")]
    public bool ProxyProtocol { get; init; }

    /// <summary>Milliseconds a proxy has for its header.</summary>
    public int ProxyHeaderTimeoutMs { get; init; } = 3000;

    /// <summary>File descriptors kept free for log segments and for the runtime (but at most half of all there are):
    /// clients that would take them are accepted and closed at once. No meaning on Windows.</summary>
    public int ReservedDescriptors { get; init; } = 128;

    /// <summary>Bytes waiting at which an output counts as full.</summary>
    public int OutputHighWater { get; init; } = OutputBuffer.DefaultHighWater;

    /// <summary>Bytes waiting beyond which a connection is given up.</summary>
    public long OutputHardLimit { get; init; } = OutputBuffer.DefaultHardLimit;
}
