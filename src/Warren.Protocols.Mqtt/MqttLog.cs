using Microsoft.Extensions.Logging;
using Warren.Wire.Mqtt;

namespace Warren.Protocols.Mqtt;

/// <summary>Log lines of this protocol; event ids 3xxx.</summary>
internal static partial class MqttLog
{
    [LoggerMessage(3001, LogLevel.Information, "MQTT connection {Name}: client '{ClientId}', user '{User}' granted access to vhost '{VirtualHost}'")]
    public static partial void ConnectionOpened(this ILogger log, string name, string clientId, string user, string virtualHost);

    [LoggerMessage(3002, LogLevel.Information, "closing MQTT connection {Name} of client '{ClientId}' {Reason}")]
    public static partial void ConnectionClosed(this ILogger log, string name, string clientId, string reason);

    [LoggerMessage(3003, LogLevel.Warning, "MQTT connection {Name} of client '{ClientId}' refused with {Code}: {Reason}")]
    public static partial void ConnectRefused(this ILogger log, string name, string clientId, ReasonCode code, string reason);

    [LoggerMessage(3004, LogLevel.Warning, "MQTT connection {Name} of client '{ClientId}': nothing came, keep alive {Seconds}s")]
    public static partial void KeepAliveMissed(this ILogger log, string name, string clientId, int seconds);

    [LoggerMessage(3005, LogLevel.Information, "closing MQTT connection {Name} of client '{ClientId}' from the broker's side with {Code}: {Text}")]
    public static partial void ConnectionForced(this ILogger log, string name, string clientId, ReasonCode code, string text);

    [LoggerMessage(3006, LogLevel.Warning, "MQTT connection {Name} of client '{ClientId}': publish refused: {Text}")]
    public static partial void PublishRefused(this ILogger log, string name, string clientId, string text);

    [LoggerMessage(3007, LogLevel.Warning, "MQTT connection {Name} of client '{ClientId}': subscription '{Filter}' refused: {Text}")]
    public static partial void SubscriptionRefused(this ILogger log, string name, string clientId, string filter, string text);

    [LoggerMessage(3008, LogLevel.Warning, "MQTT client '{ClientId}': will not published: {Text}")]
    public static partial void WillRefused(this ILogger log, string clientId, string text);

    [LoggerMessage(3009, LogLevel.Warning, "exchange '{Exchange}' of mqtt.exchange is missing in vhost '{VirtualHost}' and is declared as a durable topic exchange")]
    public static partial void ExchangeMissing(this ILogger log, string exchange, string virtualHost);

    [LoggerMessage(3010, LogLevel.Warning, "MQTT connection {Name} of client '{ClientId}': subscription '{Filter}' brings nothing until the client connects again: {Text}")]
    public static partial void SubscriptionIdle(this ILogger log, string name, string clientId, string filter, string text);

    [LoggerMessage(3011, LogLevel.Warning, "MQTT connection {Name} of client '{ClientId}': the message to '{Topic}' is delivered but not retained, as there is no room; the client cannot be told, and further ones are not logged")]
    public static partial void NotRetained(this ILogger log, string name, string clientId, string topic);

    [LoggerMessage(3012, LogLevel.Warning, "MQTT client '{ClientId}': will published but not retained: there is no room")]
    public static partial void WillNotRetained(this ILogger log, string clientId);

    [LoggerMessage(3013, LogLevel.Warning, "MQTT connection {Name} of client '{ClientId}': the log has no space for the will, which is lost if the broker crashes while the client is connected")]
    public static partial void WillNotStored(this ILogger log, string name, string clientId);
}
