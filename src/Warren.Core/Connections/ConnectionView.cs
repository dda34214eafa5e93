using System.Net;
using Warren.Buffers.Fields;

namespace Warren.Core.Connections;

/// <summary>A connection at one moment.</summary>
public sealed record ConnectionView
{
    /// <summary>As RabbitMQ calls it: <c>AMQP 0-9-1</c>, <c>MQTT 5-0</c>, <c>STOMP 1.2</c>.</summary>
    public required string Protocol { get; init; }

    /// <summary>The same as events call it, where RabbitMQ has another word there; null: the same.</summary>
    public string? ProtocolTerm { get; init; }

    /// <summary><c>starting</c>, <c>tuning</c>, <c>opening</c>, <c>running</c>, <c>blocking</c>, <c>blocked</c>, <c>flow</c> or <c>closing</c>.</summary>
    public required string State { get; init; }

    /// <summary>Unix time in milliseconds.</summary>
    public long ConnectedAtMs { get; init; }

    /// <summary>The address of the client.</summary>
    public EndPoint? Peer { get; init; }

    /// <summary>Our address.</summary>
    public EndPoint? Local { get; init; }

    /// <summary>The SASL mechanism, or its like.</summary>
    public string AuthMechanism { get; init; } = "";

    /// <summary>Highest channel number.</summary>
    public int ChannelMax { get; init; }

    /// <summary>Largest frame in bytes.</summary>
    public int FrameMax { get; init; }

    /// <summary>Heartbeat or keep-alive in seconds; 0: none.</summary>
    public int HeartbeatSeconds { get; init; }

    /// <summary>What the client says of itself.</summary>
    public FieldTable ClientProperties { get; init; } = FieldTable.Empty;

    /// <summary>What else the protocol knows of the client; empty for AMQP 0-9-1.</summary>
    public FieldTable Variables { get; init; } = FieldTable.Empty;

    /// <summary>TLS in use; null: none.</summary>
    public TlsView? Tls { get; init; }

    /// <summary>Octets from the client.</summary>
    public long ReceivedOctets { get; init; }

    /// <summary>Reads from the socket.</summary>
    public long ReceivedCount { get; init; }

    /// <summary>Octets to the client.</summary>
    public long SentOctets { get; init; }

    /// <summary>Writes to the socket.</summary>
    public long SentCount { get; init; }

    /// <summary>Octets waiting to be sent.</summary>
    public long PendingOctets { get; init; }

    /// <summary>The name the client gave to its connection; null: none.</summary>
    public string? UserProvidedName =>
        ClientProperties.TryGet("connection_name", out FieldValue name) && name.Type == FieldType.LongString
            ? name.AsText()
            : null;
}

/// <summary>TLS of a connection.</summary>
/// <param name="Protocol">Such as <c>tlsv1.3</c>.</param>
/// <param name="Cipher">Such as <c>TLS_AES_256_GCM_SHA384</c>.</param>
/// <param name="PeerSubject">The client's certificate; null: none.</param>
/// <param name="PeerIssuer">Its issuer.</param>
/// <param name="PeerValidity">From and until.</param>
public sealed record TlsView(string Protocol, string Cipher, string? PeerSubject, string? PeerIssuer, string? PeerValidity);
