using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Warren.Management.Hosting;

/// <summary>Listens on a named pipe where one is meant, else on sockets.</summary>
internal sealed class SiteTransport(IConnectionListenerFactory sockets) : IConnectionListenerFactory
{
    /// <inheritdoc/>
    [SuppressMessage("Reliability", "CA2000", Justification = "Kestrel disposes its listeners.")]
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        endpoint is NamedPipeEndPoint pipe
            ? ValueTask.FromResult<IConnectionListener>(new LocalPipe(pipe.PipeName))
            : sockets.BindAsync(endpoint, cancellationToken);
}
