namespace Warren.Core.DeadLettering;

/// <summary>What has become of dead letters since the start.</summary>
/// <param name="Forwarded">Stored in the queues of a dead-letter exchange.</param>
/// <param name="Dropped">Went nowhere: no exchange, or no queue behind it.</param>
/// <param name="Damaged">Not readable; their records stay in the log.</param>
/// <param name="Postponed">Times that one could not go on, as on a full disk, and stayed with its queue.</param>
public readonly record struct DeadLetterCounts(long Forwarded, long Dropped, long Damaged, long Postponed);
