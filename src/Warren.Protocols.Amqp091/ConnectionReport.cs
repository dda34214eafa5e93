using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Warren.Buffers.Fields;
using Warren.Core;
using Warren.Core.Alarms;
using Warren.Core.Connections;
using Warren.Core.Metrics;
using Warren.Core.Security;
using Warren.Transport;
using Warren.Transport.Tls;
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
        Tls = TlsOf(connection.Tls),
        ReceivedOctets = connection.BytesReceived,
        ReceivedCount = connection.Reads,
        SentOctets = connection.BytesSent,
        SentCount = connection.Output.Sends,
        PendingOctets = connection.Output.PendingBytes,
    };

    private static TlsView? TlsOf(TlsSession? tls)
    {
        if (tls is null)
        {
            return null;
        }

        X509Certificate2? peer = tls.PeerCertificate;
        return new TlsView(
            tls.Protocol == SslProtocols.Tls13 ? "tlsv1.3" : "tlsv1.2",
            tls.CipherSuite,
            peer?.Subject,
            peer?.Issuer,
            peer is null ? null : $"{peer.NotBefore.ToUniversalTime():yyyy-MM-ddTHH:mm:ssZ} - {peer.NotAfter.ToUniversalTime():yyyy-MM-ddTHH:mm:ssZ}");
    }
}
