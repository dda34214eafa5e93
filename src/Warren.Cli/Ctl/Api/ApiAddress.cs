using Warren.Cli.Ctl.Line;
using Warren.Management.Hosting;

namespace Warren.Cli.Ctl.Api;

/// <summary>Where the management API is and as whom to speak to it.</summary>
/// <param name="Url">Scheme, host, port and perhaps a path before <c>/api</c>; ends with a slash.</param>
/// <param name="User">The user, null when the socket's owner is enough.</param>
/// <param name="Password">The password.</param>
/// <param name="SocketPath">A Unix socket, or on Windows a named pipe, to use in place of the URL's host and port; null for TCP.</param>
internal sealed record ApiAddress(Uri Url, string? User, string? Password, string? SocketPath)
{
    /// <summary>Where Windows shows named pipes.</summary>
    public const string PipeFolder = @"\\.\pipe\";

    /// <summary>The port of the management API.</summary>
    public const int DefaultPort = 15672;

    /// <summary>Name of the socket in the broker's data directory.</summary>
    public const string SocketName = "management.sock";

    /// <summary>Reads the options; without a URL the local socket comes first and the local port second.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="dataDirectories">Where a broker of this machine may keep its data, the likeliest first.</param>
    /// <param name="exists">Whether there is a file; <see cref="Path.Exists"/>.</param>
    /// <param name="hasPipes">Whether this is Windows, where the broker has a named pipe and no socket; null: as it is.</param>
    /// <exception cref="CtlError">The URL is none.</exception>
    public static ApiAddress Of(ParsedLine line, IEnumerable<string> dataDirectories, Func<string, bool> exists, bool? hasPipes = null)
    {
        string? user = line.Value(GlobalOptions.UserName);
        string? password = line.Value(GlobalOptions.Password);
        if ((line.Value(GlobalOptions.Url) ?? line.Value(GlobalOptions.Uri)) is { } text)
        {
            return Parse(text, user, password);
        }

        if (RemoteHost(line.Value(GlobalOptions.Node)) is { } host)
        {
            return new ApiAddress(Root($"http://{host}:{DefaultPort}"), user ?? "guest", password ?? "guest", null);
        }

        IEnumerable<string> directories = line.Value(GlobalOptions.DataDirectory) is { } named ? [named] : dataDirectories;
        bool pipes = hasPipes ?? OperatingSystem.IsWindows();
        string? socket = directories
            .Select(d => pipes ? PipeFolder + LocalPipe.NameOf(d) : Path.Combine(Path.GetFullPath(d), SocketName))
            .FirstOrDefault(exists);
        Uri local = Root($"http://localhost:{DefaultPort}");
        return socket is not null && user is null
            ? new ApiAddress(local, null, null, socket)
            : new ApiAddress(local, user ?? "guest", password ?? "guest", null);
    }

    /// <summary>Reads <c>http://user:password@host:port/prefix</c>; credentials beside it win.</summary>
    /// <exception cref="CtlError">It is no such URL.</exception>
    public static ApiAddress Parse(string text, string? user, string? password)
    {
        string full = text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}";
        if (!Uri.TryCreate(full, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https"))
        {
            throw CtlError.Usage($"'{text}' is no URL of a management API, such as http://guest:guest@localhost:15672");
        }

        string[] login = url.UserInfo.Split(':', 2);
        string? named = login[0].Length > 0 ? Uri.UnescapeDataString(login[0]) : null;
        string? secret = login.Length == 2 ? Uri.UnescapeDataString(login[1]) : null;
        string port = HasPort(full) ? $":{url.Port}" : url.Scheme == "https" ? ":15671" : $":{DefaultPort}";
        string path = url.AbsolutePath.TrimEnd('/');
        path = path.EndsWith("/api", StringComparison.Ordinal) ? path[..^4] : path;
        return new ApiAddress(Root($"{url.Scheme}://{url.Host}{port}{path}"), user ?? named ?? "guest", password ?? secret ?? "guest", null);
    }

    private static Uri Root(string text) => new(text.EndsWith('/') ? text : $"{text}/");

    // Uri fills in 80 and 443, which are not where RabbitMQ listens.
    private static bool HasPort(string url)
    {
        string authority = url[(url.IndexOf("://", StringComparison.Ordinal) + 3)..].Split('/', 2)[0];
        string host = authority[(authority.LastIndexOf('@') + 1)..];
        return host.LastIndexOf(':') > host.LastIndexOf(']');
    }

    // rabbit@here is this machine; only another host's name leads elsewhere.
    private static string? RemoteHost(string? node)
    {
        string host = node?.Split('@', 2) is [_, { Length: > 0 } named] ? named : "localhost";
        bool isHere = host is "localhost" or "127.0.0.1"
            || string.Equals(host, Environment.MachineName, StringComparison.OrdinalIgnoreCase)
            || Environment.MachineName.StartsWith($"{host}.", StringComparison.OrdinalIgnoreCase);
        return isHere ? null : host;
    }
}
