using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Warren.Management.Hosting;

/// <summary>An address and who answers there.</summary>
/// <remarks>The socket is bound and listens from the start: who connects early waits, and a taken port is told at once.</remarks>
public sealed class HttpSite : IDisposable
{
    private const int Backlog = 512;

    private HttpSite(string protocol, Socket socket, RequestDelegate answer)
    {
        Protocol = protocol;
        Socket = socket;
        Answer = answer;
        EndPoint = (IPEndPoint)socket.LocalEndPoint!;
    }

    /// <summary><c>http</c> or <c>http/prometheus</c>.</summary>
    public string Protocol { get; }

    /// <summary>Address and port, the one the system chose where it was asked to.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Answers requests.</summary>
    public RequestDelegate Answer { get; }

    internal Socket Socket { get; }

    /// <summary>Listens.</summary>
    /// <param name="protocol"><c>http</c> or <c>http/prometheus</c>.</param>
    /// <param name="endPoint">Where; port 0: the system chooses.</param>
    /// <param name="answer">Answers requests.</param>
    /// <exception cref="SocketException">The address cannot be had.</exception>
    public static HttpSite Bind(string protocol, IPEndPoint endPoint, RequestDelegate answer)
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
            return new HttpSite(protocol, socket, answer);
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
