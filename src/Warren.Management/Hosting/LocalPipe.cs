using System.IO.Pipelines;
using System.IO.Pipes;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Connections;
using PipeOptions = System.IO.Pipes.PipeOptions;

namespace Warren.Management.Hosting;

/// <summary>A named pipe for programs of the same user of this machine: what Windows has in place of a socket's file mode.</summary>
/// <remarks>The system lets in nobody but that user; a pipe of the name that somebody else made first stops it from being made.</remarks>
public sealed class LocalPipe : IConnectionListener
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly string _name;
    private NamedPipeServerStream? _first;

    internal LocalPipe(string name)
    {
        _name = name;
        EndPoint = new NamedPipeEndPoint(name);
        _first = Create(PipeOptions.FirstPipeInstance);
    }

    /// <inheritdoc/>
    public EndPoint EndPoint { get; }

    /// <summary>The name of the pipe of a data directory.</summary>
    public static string NameOf(string dataDirectory)
    {
        string path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(dataDirectory)).ToUpperInvariant();
        return "warren-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)).AsSpan(0, 16));
    }

    /// <inheritdoc/>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        NamedPipeServerStream stream = Interlocked.Exchange(ref _first, null) ?? Create(PipeOptions.None);
        try
        {
            await stream.WaitForConnectionAsync(_stopping.Token);
            return new PipeConnection(stream);
        }
        catch (OperationCanceledException)
        {
            await stream.DisposeAsync();
            return null;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default) => await _stopping.CancelAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        if (Interlocked.Exchange(ref _first, null) is { } unused)
        {
            await unused.DisposeAsync();
        }

        _stopping.Dispose();
    }

    private NamedPipeServerStream Create(PipeOptions more) => new(
        _name,
        PipeDirection.InOut,
        NamedPipeServerStream.MaxAllowedServerInstances,
        PipeTransmissionMode.Byte,
        PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly | more);

    /// <summary>Marks a connection that came this way, whose program is the user's own.</summary>
    internal interface ILocalPipeFeature;

    private sealed class PipeConnection : DefaultConnectionContext, ILocalPipeFeature
    {
        private readonly NamedPipeServerStream _stream;

        public PipeConnection(NamedPipeServerStream stream)
            : base(Guid.NewGuid().ToString("N"))
        {
            _stream = stream;
            Transport = new Duplex(PipeReader.Create(stream), PipeWriter.Create(stream));
            Features.Set<ILocalPipeFeature>(this);
        }

        public override void Abort(ConnectionAbortedException abortReason) => _stream.Dispose();

        public override async ValueTask DisposeAsync()
        {
            await _stream.DisposeAsync();
            await base.DisposeAsync();
        }
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
