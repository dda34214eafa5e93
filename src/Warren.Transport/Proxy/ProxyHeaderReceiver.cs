using System.Buffers;
using System.Net.Sockets;

namespace Warren.Transport.Proxy;

/// <summary>Takes a proxy's header off a socket, and not one byte more: TLS or a protocol begins right behind it.</summary>
internal static class ProxyHeaderReceiver
{
    /// <summary>Reads the header.</summary>
    /// <exception cref="ClientRefusedException">What arrived is no header, or the client closed.</exception>
    public static async Task<ProxyHeader> ReceiveAsync(Socket client, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ProxyHeaderReader.MaxSize);
        try
        {
            return await ReceiveAsync(client, buffer.AsMemory(0, ProxyHeaderReader.MaxSize), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Looks at what is there without taking it: as long as the header is not whole, all of it belongs to the header.
    private static async Task<ProxyHeader> ReceiveAsync(Socket client, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int taken = 0;
        while (true)
        {
            int seen = await client.ReceiveAsync(buffer[taken..], SocketFlags.Peek, cancellationToken).ConfigureAwait(false);
            if (seen == 0)
            {
                throw new ClientRefusedException("closed before its PROXY header was whole");
            }

            ProxyHeaderStatus status = ProxyHeaderReader.Read(buffer.Span[..(taken + seen)], out ProxyHeader header, out int size);
            if (status == ProxyHeaderStatus.Malformed)
            {
                throw new ClientRefusedException("no PROXY header, or a malformed one");
            }

            int end = status == ProxyHeaderStatus.Complete ? size : taken + seen;
            while (taken < end)
            {
                taken += await client.ReceiveAsync(buffer[taken..end], SocketFlags.None, cancellationToken).ConfigureAwait(false);
            }

            if (status == ProxyHeaderStatus.Complete)
            {
                return header;
            }
        }
    }
}
