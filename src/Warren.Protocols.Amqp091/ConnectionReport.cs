using Warren.Buffers.Fields;
using Warren.Core;
using Warren.Core.Alarms;
using Warren.Core.Connections;
using Warren.Core.Metrics;
using Warren.Core.Security;
using Warren.Transport;
using Warren.Wire.Amqp091;

namespace Warren.Protocols.Amqp091;

/// <summary>A connection as operators see it, and what they ask of it.</summary>
/// <remarks>Any thread.</remarks>
internal sealed class ConnectionReport(Amqp091Connection session, Connection connection, ChannelTable channels) : IClientConnection
{
    private ObjectHistory? _history;

    public string Name => session.Name;

    public User? User => session.User;

    public VirtualHost? VirtualHost => session.VirtualHost;

    public int ChannelCount => channels.Count;

    public long ReceivedOctets => connection.BytesReceived;

    public long SentOctets => connection.BytesSent;

    public ObjectHistory History => _history ??= new ObjectHistory(Series.ConnectionCount);

    public IReadOnlyList<IClientChannel> ListChannels() => channels.List();

    public void CloseFor(string reason) => session.Close(ReplyCode.ConnectionForced, reason);

    public void OnAlarm(AlarmKinds alarms) => session.Alarms.OnAlarm(alarms);

    public ConnectionView View() => new()
    {
        Protocol = "AMQP 0-9-1",
        State = session.StateName,
        ConnectedAtMs = session.ConnectedAtMs,
        Peer = connection.RemoteEndPoint,
        Local = connection.LocalEndPoint,
        AuthMechanism = session.Introduction?.Mechanism ?? "",
        ClientProperties = session.Introduction?.Properties ?? FieldTable.Empty,
        ChannelMax = session.ChannelMax,
        FrameMax = session.NegotiatedFrameMax,
        HeartbeatSeconds = session.Heartbeats.Seconds,
        Tls = TlsViews.Of(connection.Tls),
        ReceivedOctets = connection.BytesReceived,
        ReceivedCount = connection.Reads,
        SentOctets = connection.BytesSent,
        SentCount = connection.Output.Sends,
        PendingOctets = connection.Output.PendingBytes,
    };
}
