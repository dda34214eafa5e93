using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Warren.Buffers.Fields;
using Warren.Core.Connections;
using Warren.Transport;
using Warren.Transport.Tls;

namespace Warren.Protocols.Amqp091;

/// <summary>A connection as operators see it.</summary>
internal static class ConnectionReport
{
    public static ConnectionView Of(Amqp091Connection session, Connection connection, string state) => new()
    {
        Protocol = "AMQP 0-9-1",
        State = state,
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
