using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Warren.Management.Hosting;

/// <summary>Shakes hands with a client and carries what it says through TLS.</summary>
/// <param name="client">Its bytes; the result owns them.</param>
/// <param name="cancellationToken">Gives it up.</param>
/// <returns>What is inside; null: the client is refused.</returns>
public delegate Task<Stream?> SecureClient(Stream client, CancellationToken cancellationToken);

/// <summary>An address and who answers there.</summary>
/// <remarks>The socket is bound and listens from the start: who connects early waits, and a taken port is told at once.</remarks>
public sealed class HttpSite : IDisposable
{
    private const int Backlog = 512;

    private HttpSite(
        string protocol, Socket socket, RequestDelegate answer, SecureClient? secure, Func<Socket, bool>? refuses)
    {
        Refuses = refuses;
        Protocol = protocol;
        Socket = socket;
        Answer = answer;
        Secure = secure;
        EndPoint = (IPEndPoint)socket.LocalEndPoint!;
    }

    /// <summary><c>http</c>, <c>https</c>, <c>http/prometheus</c>, <c>http/web-mqtt</c> and the like.</summary>
    public string Protocol { get; }

    /// <summary>Address and port, the one the system chose where it was asked to.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Answers requests.</summary>
    public RequestDelegate Answer { get; }

    /// <summary>Whether it is spoken over TLS.</summary>
    public bool IsTls => Secure is not null;

    /// <summary>Shakes hands for TLS; null: plain.</summary>
    public SecureClient? Secure { get; }

    /// <summary>Whether a client that was just accepted is closed at once; null: none is.</summary>
    internal Func<Socket, bool>? Refuses { get; }

    internal Socket Socket { get; }

    /// <summary>Listens.</summary>
    /// <param name="protocol">See <see cref="Protocol"/>.</param>
    /// <param name="endPoint">Where; port 0: the system chooses.</param>
    /// <param name="answer">Answers requests.</param>
    /// <param name="secure">Shakes hands for TLS; null: plain.</param>
    /// <param name="refuses">Whether a client that was just accepted is closed at once; on any thread. Null: none is.</param>
    /// <exception cref="SocketException">The address cannot be had.</exception>
    public static HttpSite Bind(
        string protocol, IPEndPoint endPoint, RequestDelegate answer, SecureClient? secure = null, Func<Socket, bool>? refuses = null)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(endPoint);
            socket.Listen(Backlog);
            return new HttpSite(protocol, socket, answer, secure, refuses);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Socket.Dispose();
}
