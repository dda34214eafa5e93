using Microsoft.Extensions.Logging;
using Warren.Core.Alarms;
using Warren.Storage;

namespace Warren.Core;

/// <summary>Log lines of the core; event ids 1xxx.</summary>
internal static partial class BrokerLog
{
    [LoggerMessage(1001, LogLevel.Information, "recovered {Queues} queues with {Messages} messages after a {Stop} stop")]
    public static partial void Recovered(this ILogger log, int queues, long messages, string stop);

    [LoggerMessage(1002, LogLevel.Warning, "resource alarms: {Alarms}")]
    public static partial void AlarmsChanged(this ILogger log, AlarmKinds alarms);

    [LoggerMessage(1003, LogLevel.Error, "the log is {State}")]
    public static partial void LogStateChanged(this ILogger log, LogState state, Exception? error);
}
