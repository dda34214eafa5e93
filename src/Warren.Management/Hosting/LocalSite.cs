using System.Net.Sockets;
using System.Runtime.Versioning;
using Microsoft.AspNetCore.Http;

namespace Warren.Management.Hosting;

/// <summary>A socket in the file system for programs of the same user of this machine, who need no password.</summary>
/// <remarks>Only that user (and root) can open it: its mode is set before anybody can connect.</remarks>
public sealed class LocalSite : IDisposable
{
    private const int Backlog = 64;
    private const int PathMax = 100; // of the 108 bytes that sockets have room for

    private LocalSite(string path, Socket? socket, RequestDelegate answer)
    {
        Path = path;
        Socket = socket;
        Answer = answer;
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Answers requests.</summary>
    public RequestDelegate Answer { get; }

    /// <summary>Null: it is a named pipe.</summary>
    internal Socket? Socket { get; }

    /// <summary>A named pipe, made when the server starts; the path is its name.</summary>
    public static LocalSite Pipe(string name, RequestDelegate answer) => new(name, null, answer);

    /// <summary>Whether a path is short enough for a socket.</summary>
    public static bool Fits(string path) => System.Text.Encoding.UTF8.GetByteCount(path) <= PathMax;

    /// <summary>Listens at a path; what an earlier broker left there goes.</summary>
    /// <exception cref="SocketException">The path cannot be had.</exception>
    /// <exception cref="IOException">The path cannot be had.</exception>
    [UnsupportedOSPlatform("windows")]
    public static LocalSite Bind(string path, RequestDelegate answer)
    {
        File.Delete(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            socket.Listen(Backlog);
            return new LocalSite(path, socket, answer);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Socket is null)
        {
            return;
        }

        Socket.Dispose();
        try
        {
            File.Delete(Path);
        }
        catch (IOException)
        {
            // the next start deletes it
        }
    }
}
