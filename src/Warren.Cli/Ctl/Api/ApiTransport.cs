using System.Diagnostics.CodeAnalysis;
using System.IO.Pipes;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Warren.Cli.Ctl.Line;

namespace Warren.Cli.Ctl.Api;

/// <summary>How the bytes get there: the one place that knows sockets and certificates.</summary>
internal static class ApiTransport
{
    /// <summary>A handler that connects to the socket if the address has one, else by TCP, with TLS if the URL says so.</summary>
    [SuppressMessage("Security", "CA5359", Justification = "The operator asked for it with --insecure.")]
    public static HttpMessageHandler Open(ApiAddress address, ParsedLine line)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
        };
        if (address.SocketPath is { } path)
        {
            handler.ConnectCallback = path.StartsWith(ApiAddress.PipeFolder, StringComparison.Ordinal)
                ? (_, cancellationToken) => ConnectPipeAsync(path[ApiAddress.PipeFolder.Length..], cancellationToken)
                : (_, cancellationToken) => ConnectAsync(path, cancellationToken);
        }

        if (line.Has(GlobalOptions.Insecure))
        {
            handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
        }
        else if (line.Value(GlobalOptions.CaCertificate) is { } file)
        {
            handler.SslOptions.CertificateChainPolicy = TrustOnly(file);
        }

        return handler;
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "The stream owns the socket.")]
    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // A pipe of another user's is not spoken to.
    private static async ValueTask<Stream> ConnectPipeAsync(string name, CancellationToken cancellationToken)
    {
        var pipe = new NamedPipeClientStream(".", name, PipeDirection.InOut, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
        try
        {
            await pipe.ConnectAsync(cancellationToken);
            return pipe;
        }
        catch
        {
            await pipe.DisposeAsync();
            throw;
        }
    }

    private static X509ChainPolicy TrustOnly(string file)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            policy.CustomTrustStore.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw CtlError.Usage($"cannot read the certificates in {file}: {e.Message}");
        }

        return policy;
    }
}
