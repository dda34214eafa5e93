using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Warren.Transport.Carriers;
using Warren.Transport.Proxy;
using Warren.Transport.Tls;

namespace Warren.Transport;

/// <summary>What comes on a socket before a protocol: a proxy's header, and then TLS.</summary>
internal sealed class ClientPreamble
{
    private readonly ListenerOptions _options;
    private readonly TlsContext? _tls;
    private readonly TimeProvider _time;

    public ClientPreamble(ListenerOptions options, TlsContext? tls, TimeProvider time)
    {
        _options = options;
        _tls = tls;
        _time = time;
    }

    /// <summary>Whether there is anything before the protocol at all.</summary>
    public bool IsEmpty => _tls is null && !_options.ProxyProtocol;

    /// <summary>Runs it to its end.</summary>
    /// <param name="client">The socket; the carrier's afterwards, disposed of by the caller when this fails.</param>
    /// <param name="stopping">Gives it up.</param>
    /// <exception cref="ClientRefusedException">The client did it wrong or took too long.</exception>
    public async Task<(IByteCarrier Carrier, TlsSession? Tls)> RunAsync(Socket client, CancellationToken stopping)
    {
        EndPoint? remote = client.RemoteEndPoint;
        EndPoint? local = client.LocalEndPoint;
        if (_options.ProxyProtocol)
        {
            ProxyHeader header = await LimitedAsync(
                token => ProxyHeaderReceiver.ReceiveAsync(client, token), _options.ProxyHeaderTimeoutMs, "PROXY header", stopping)
                .ConfigureAwait(false);
            remote = Believed(header.Source, remote);
            local = header.Destination ?? local;
        }

        if (_tls is null)
        {
            return (new SocketCarrier(client, local, remote), null);
        }

        (SslStream stream, TlsSession session) = await LimitedAsync(
            token => TlsHandshake.RunAsync(client, _tls, token), _tls.Options.HandshakeTimeoutMs, "TLS handshake", stopping)
            .ConfigureAwait(false);
        return (TlsHandshake.Carry(stream, client, local, remote), session);
    }

    // Loopback is the proxy's own machine: what another machine says of its loopback, or pretends, is not ours.
    private static EndPoint? Believed(IPEndPoint? source, EndPoint? socket) =>
        source is null || (IsLoopback(source) && !IsLoopback(socket)) ? socket : source;

    private static bool IsLoopback(EndPoint? end) =>
        end is IPEndPoint { Address: var address }
        && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    private async Task<T> LimitedAsync<T>(
        Func<CancellationToken, Task<T>> step, int limitMs, string what, CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(limitMs), _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        try
        {
            return await step(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!stopping.IsCancellationRequested)
        {
            throw new ClientRefusedException($"no {what} within {limitMs} ms", e);
        }
    }
}
