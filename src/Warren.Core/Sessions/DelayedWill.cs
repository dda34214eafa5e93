namespace Warren.Core.Sessions;

/// <summary>A will that waits for its delay (MQTT 5.0, 3.1.3.2.2).</summary>
/// <param name="DueMs">When it is published, Unix time in milliseconds.</param>
/// <param name="Publish">Publishes it. On a pool thread.</param>
public sealed record DelayedWill(long DueMs, Action Publish);
