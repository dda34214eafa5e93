using Warren.Core;
using Warren.Core.Alarms;
using Warren.Core.Connections;
using Warren.Core.Metrics;
using Warren.Core.Security;
using Warren.Transport;

namespace Warren.Protocols;

/// <summary>A connection as operators see it, and what they ask of it.</summary>
/// <remarks>Any thread. What the socket knows is filled in here, the rest by the protocol.</remarks>
public abstract class ConnectionReport : IClientConnection
{
    private readonly Connection _connection;
    private readonly int _leastTraffic;
    private ObjectHistory? _history;

    /// <param name="connection">The socket.</param>
    /// <param name="leastTraffic">Bytes below which no history is kept: one connection of many that say little.</param>
    protected ConnectionReport(Connection connection, int leastTraffic = 0)
    {
        _connection = connection;
        _leastTraffic = leastTraffic;
    }

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public abstract string ProtocolLabel { get; }

    /// <inheritdoc/>
    public abstract User? User { get; }

    /// <inheritdoc/>
    public abstract VirtualHost? VirtualHost { get; }

    /// <inheritdoc/>
    public abstract int ChannelCount { get; }

    /// <inheritdoc/>
    public long ReceivedOctets => _connection.BytesReceived;

    /// <inheritdoc/>
    public long SentOctets => _connection.BytesSent;

    /// <inheritdoc/>
    public ObjectHistory History => _history ??= new ObjectHistory(Series.ConnectionCount, _leastTraffic);

    /// <inheritdoc/>
    public abstract IReadOnlyList<IClientChannel> ListChannels();

    /// <inheritdoc/>
    public abstract void CloseFor(string reason);

    /// <inheritdoc/>
    public abstract void OnAlarm(AlarmKinds alarms);

    /// <inheritdoc/>
    public ConnectionView View() => Describe() with
    {
        Peer = _connection.RemoteEndPoint,
        Local = _connection.LocalEndPoint,
        Tls = TlsViews.Of(_connection.Tls),
        ReceivedOctets = _connection.BytesReceived,
        ReceivedCount = _connection.Reads,
        SentOctets = _connection.BytesSent,
        SentCount = _connection.Output.Sends,
        PendingOctets = _connection.Output.PendingBytes,
    };

    /// <summary>What only the protocol knows.</summary>
    protected abstract ConnectionView Describe();
}
