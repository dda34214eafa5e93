using Microsoft.Extensions.Logging;

namespace Warren.Management.Hosting;

/// <summary>Log lines of the HTTP API; event ids 8xxx.</summary>
internal static partial class ManagementLog
{
    [LoggerMessage(8001, LogLevel.Error, "the HTTP API could not be started")]
    public static partial void NotStarted(this ILogger log, Exception error);

    [LoggerMessage(8002, LogLevel.Error, "{Method} {Path} failed, please report it")]
    public static partial void RequestFailed(this ILogger log, Exception error, string method, string path);

    [LoggerMessage(8003, LogLevel.Warning, "login of user '{User}' from {Client} to the HTTP API was refused: {Reason}")]
    public static partial void LoginRefused(this ILogger log, string user, System.Net.IPAddress client, string reason);

    [LoggerMessage(8004, LogLevel.Information, "user '{User}' imported definitions")]
    public static partial void DefinitionsImported(this ILogger log, string user);
}
