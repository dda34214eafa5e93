using System.Net;
using Microsoft.Extensions.Logging;

namespace Warren.Server;

/// <summary>Log lines of the server; event ids 9xxx.</summary>
internal static partial class ServerMessages
{
    [LoggerMessage(9001, LogLevel.Warning, "connection of {Client} failed: {Reason}")]
    public static partial void ConnectionFault(this ILogger log, EndPoint? client, string reason);

    [LoggerMessage(9002, LogLevel.Information, "stopping, {Connections} connections open")]
    public static partial void Stopping(this ILogger log, int connections);

    [LoggerMessage(9003, LogLevel.Information, "stopped")]
    public static partial void Stopped(this ILogger log);
}
