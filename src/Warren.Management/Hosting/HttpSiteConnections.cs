using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Warren.Management.Hosting;

/// <summary>What happens to every connection of one site before HTTP is spoken: it is counted, and TLS is put around it.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class HttpSiteConnections
{
    private readonly HttpSite _site;
    private readonly int _most;
    private int _open;

    public HttpSiteConnections(HttpSite site, int? most)
    {
        _site = site;
        _most = most ?? int.MaxValue;
    }

    /// <summary>The step in front of HTTP.</summary>
    public ConnectionDelegate Before(ConnectionDelegate next) => connection => RunAsync(connection, next);

    private async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        try
        {
            if (Interlocked.Increment(ref _open) > _most
                || (connection.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket && _site.Refuses?.Invoke(socket) == true))
            {
                connection.Abort();
                return;
            }

            connection.Features.Set(_site);
            if (_site.Secure is { } secure)
            {
                await RunSecuredAsync(connection, next, secure);
            }
            else
            {
                await next(connection);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private static async Task RunSecuredAsync(ConnectionContext connection, ConnectionDelegate next, SecureClient secure)
    {
        IDuplexPipe plain = connection.Transport;
        await using var carried = new PipeStream(plain);
        await using Stream? inside = await secure(carried, connection.ConnectionClosed);
        if (inside is null)
        {
            connection.Abort();
            return;
        }

        var pipe = new SecuredPipe(inside);
        connection.Transport = pipe;
        connection.Features.Set<ITlsConnectionFeature>(new TlsFeature());
        if (inside is SslStream secured)
        {
            connection.Features.Set<ISslStreamFeature>(new SslFeature(secured));
        }

        try
        {
            await next(connection);
            await pipe.Input.CompleteAsync();
            await pipe.Output.CompleteAsync();
            if (inside is SslStream tls)
            {
                await tls.ShutdownAsync();
            }
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or ObjectDisposedException or ConnectionAbortedException)
        {
            connection.Abort(); // the client did not wait for the end
        }
        finally
        {
            connection.Transport = plain;
        }
    }

    private sealed class SecuredPipe : IDuplexPipe
    {
        public SecuredPipe(Stream inside)
        {
            Input = PipeReader.Create(inside, new StreamPipeReaderOptions(leaveOpen: true));
            Output = PipeWriter.Create(inside, new StreamPipeWriterOptions(leaveOpen: true));
        }

        public PipeReader Input { get; }

        public PipeWriter Output { get; }
    }

    private sealed class SslFeature(SslStream stream) : ISslStreamFeature
    {
        public SslStream SslStream => stream;
    }

    // That it is there makes the scheme https.
    private sealed class TlsFeature : ITlsConnectionFeature
    {
        public X509Certificate2? ClientCertificate { get; set; }

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);
    }
}
