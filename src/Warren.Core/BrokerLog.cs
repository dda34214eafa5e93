using Microsoft.Extensions.Logging;
using Warren.Core.Alarms;
using Warren.Core.Queues;
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

    [LoggerMessage(1020, LogLevel.Error, "{Count} messages belong to a queue or session whose definition is lost (id {Owner}, LSN {FirstLsn} to {LastLsn}); they stay in the log, and nobody gets them")]
    public static partial void OwnerLost(this ILogger log, int count, ulong owner, ulong firstLsn, ulong lastLsn);

    [LoggerMessage(1021, LogLevel.Error, "the definition at LSN {Lsn} ({Type}{Of}) cannot be read; it is left out and stays in the log: {Reason}")]
    public static partial void DefinitionUnreadable(this ILogger log, ulong lsn, RecordType type, string of, string reason);

    [LoggerMessage(1022, LogLevel.Warning, "the last {Bytes} bytes of the definitions' log cannot be read and were cut off: a write that was never finished, or a definition that is lost; they are kept as {Path}")]
    public static partial void DefinitionsCut(this ILogger log, long bytes, string path);

    [LoggerMessage(1023, LogLevel.Error, "a message of {Queue} cannot be delivered: its bytes on the disk are wrong (LSN {Lsn}); its record stays there")]
    public static partial void MessageDamaged(this ILogger log, MessageQueue queue, ulong lsn);

    [LoggerMessage(1024, LogLevel.Error, "storage damage was found {Count} more times and not named one by one")]
    public static partial void DamageNotNamed(this ILogger log, long count);
}
