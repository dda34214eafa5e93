using System.Net;

namespace Warren.Transport.Proxy;

/// <summary>What a proxy says of the connection it passes on (PROXY protocol, versions 1 and 2).</summary>
/// <param name="Source">The client's address. Null: the proxy speaks for itself or does not know it.</param>
/// <param name="Destination">The address the client connected to; null when <paramref name="Source"/> is.</param>
public readonly record struct ProxyHeader(IPEndPoint? Source, IPEndPoint? Destination);

/// <summary>What <see cref="ProxyHeaderReader.Read"/> made of the bytes so far.</summary>
public enum ProxyHeaderStatus
{
    /// <summary>All bytes belong to a header whose end has not arrived.</summary>
    Incomplete,

    /// <summary>The header is there whole.</summary>
    Complete,

    /// <summary>No header begins like this.</summary>
    Malformed,
}
