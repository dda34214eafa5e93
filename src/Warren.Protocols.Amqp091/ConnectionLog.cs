using Microsoft.Extensions.Logging;

namespace Warren.Protocols.Amqp091;

/// <summary>Log lines of this protocol; event ids 2xxx.</summary>
internal static partial class ConnectionLog
{
    [LoggerMessage(2001, LogLevel.Information, "connection {Name}: user '{User}' authenticated and granted access to vhost '{VirtualHost}'")]
    public static partial void ConnectionOpened(this ILogger log, string name, string user, string virtualHost);

    [LoggerMessage(2002, LogLevel.Information, "closing AMQP connection {Name} {Reason}")]
    public static partial void ConnectionClosed(this ILogger log, string name, string reason);

    [LoggerMessage(2003, LogLevel.Error, "error on AMQP connection {Name}: {Text}")]
    public static partial void ConnectionError(this ILogger log, string name, string text);

    [LoggerMessage(2004, LogLevel.Warning, "missed heartbeats from client {Name}, timeout: {Seconds}s")]
    public static partial void HeartbeatMissed(this ILogger log, string name, int seconds);

    [LoggerMessage(2005, LogLevel.Error, "error on AMQP connection {Name}, channel {Channel}: {Text}")]
    public static partial void ChannelError(this ILogger log, string name, int channel, string text);

    [LoggerMessage(2006, LogLevel.Warning, "login refused for {Name}: user '{User}', mechanism {Mechanism}: {Reason}")]
    public static partial void LoginRefused(this ILogger log, string name, string user, string mechanism, string reason);

    [LoggerMessage(2007, LogLevel.Information, "closing AMQP connection {Name} from the broker's side: {Text}")]
    public static partial void ConnectionForced(this ILogger log, string name, string text);
}
