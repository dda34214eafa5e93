using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Warren.Transport.Carriers;

namespace Warren.Transport.Tls;

/// <summary>The server's side of a TLS handshake.</summary>
internal static class TlsHandshake
{
    /// <summary>Secures a client's socket, which the stream owns from here on.</summary>
    /// <exception cref="ClientRefusedException">The client does not speak TLS as we do, or its certificate is refused.</exception>
    public static Task<(SslStream Stream, TlsSession Session)> RunAsync(
        Socket client, TlsContext context, CancellationToken cancellationToken) =>
        RunAsync(new NetworkStream(client, ownsSocket: true), context, cancellationToken);

    /// <summary>Secures a client's bytes; the stream owns theirs from here on.</summary>
    /// <exception cref="ClientRefusedException">The client does not speak TLS as we do, or its certificate is refused.</exception>
    public static async Task<(SslStream Stream, TlsSession Session)> RunAsync(
        Stream client, TlsContext context, CancellationToken cancellationToken)
    {
        var check = new PeerCheck(context.Options);
        var stream = new SslStream(client, leaveInnerStreamOpen: false);
        try
        {
            await stream.AuthenticateAsServerAsync(context.HandshakeOptions(check), cancellationToken).ConfigureAwait(false);
            var certificate = stream.RemoteCertificate as X509Certificate2;
            string? name = certificate is null ? null : CertificateName.Read(certificate, context.Options);
            return (stream, new TlsSession(stream.SslProtocol, stream.NegotiatedCipherSuite.ToString(), certificate, name));
        }
        catch (Exception e)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            if (e is AuthenticationException or IOException)
            {
                throw new ClientRefusedException($"TLS handshake failed: {check.Refusal ?? Reason(e)}", e);
            }

            throw;
        }
    }

    /// <summary>Carries a connection's bytes through TLS.</summary>
    public static StreamCarrier Carry(SslStream stream, Socket client, EndPoint? local, EndPoint? remote) =>
        new(stream, waitsWithoutBuffer: true, abort: () => client.Close(0), local, remote, () => SayGoodbyeAsync(stream, client));

    // close_notify, and then the end of the bytes: the client may still be sending.
    private static async Task SayGoodbyeAsync(SslStream stream, Socket client)
    {
        try
        {
            await stream.ShutdownAsync().ConfigureAwait(false);
            client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The client or we were faster: there is nobody left to tell, and the read loop sees it too.
        }
    }

    // The innermost says what happened, in one line.
    private static string Reason(Exception error)
    {
        while (error.InnerException is { } inner)
        {
            error = inner;
        }

        return error.Message.ReplaceLineEndings(" ");
    }
}
