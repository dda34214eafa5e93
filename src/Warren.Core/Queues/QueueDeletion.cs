namespace Warren.Core.Queues;

/// <summary>When a queue is to be deleted and when not.</summary>
/// <param name="IfUnused">Refuse while there are consumers.</param>
/// <param name="IfEmpty">Refuse while there are messages.</param>
/// <param name="IfExpired">Only if its x-expires is over, still: somebody may have come in between.</param>
public readonly record struct QueueDeletion(bool IfUnused = false, bool IfEmpty = false, bool IfExpired = false);
