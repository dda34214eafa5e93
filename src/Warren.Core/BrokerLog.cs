using Microsoft.Extensions.Logging;
using Warren.Core.Alarms;
using Warren.Storage;

namespace Warren.Core;

/// <summary>Log lines of the core; event ids 1xxx.</summary>
internal static partial class BrokerLog
{
    [LoggerMessage(1001, LogLevel.Information, "recovered {Queues} queues with {Messages} messages ({Start})")]
    public static partial void Recovered(this ILogger log, int queues, long messages, string start);

    [LoggerMessage(1002, LogLevel.Warning, "resource alarms: {Alarms}")]
    public static partial void AlarmsChanged(this ILogger log, AlarmKinds alarms);

    [LoggerMessage(1003, LogLevel.Error, "the log is {State}")]
    public static partial void LogStateChanged(this ILogger log, LogState state, Exception? error);

    [LoggerMessage(1004, LogLevel.Error, "storage damage: {Text}, {File} at byte {Offset}, LSN {FirstLsn} to {LastLsn}")]
    public static partial void Damaged(this ILogger log, string text, string file, long offset, ulong firstLsn, ulong lastLsn);

    [LoggerMessage(1005, LogLevel.Information, "storage: {Text}, {File} at byte {Offset}")]
    public static partial void Mended(this ILogger log, string text, string file, long offset);

    [LoggerMessage(1006, LogLevel.Warning, "everything stored was forgotten; there are the defaults of a first start")]
    public static partial void Forgotten(this ILogger log);

    [LoggerMessage(1007, LogLevel.Warning, "{Count} messages of the broker itself (events, traces, log lines) were left out: they are published more slowly than they come")]
    public static partial void OwnMessagesLeftOut(this ILogger log, long count);

    [LoggerMessage(1008, LogLevel.Warning, "file descriptors are short: no more clients are let in until some have gone")]
    public static partial void DescriptorsShort(this ILogger log);

    [LoggerMessage(1010, LogLevel.Error, "what was scheduled for {Owner} failed; it costs this one only")]
    public static partial void ScheduledWorkFailed(this ILogger log, object owner, Exception fault);

    [LoggerMessage(1009, LogLevel.Information, "there are file descriptors again, clients are let in")]
    public static partial void DescriptorsFree(this ILogger log);
}
