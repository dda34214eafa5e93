namespace Warren.Core.Queues;

/// <summary>What operators do to a queue.</summary>
/// <remarks>Thread-safe.</remarks>
public static class QueueControl
{
    /// <summary>Stops deliveries to consumers, or lets them go on. Meanwhile a get finds nothing; publishing and
    /// acknowledging are not touched.</summary>
    /// <remarks>Lasts until it is undone, for a durable queue over restarts too.</remarks>
    /// <exception cref="IOException">It could not be stored; nothing has changed.</exception>
    public static void SetPaused(this MessageQueue queue, Broker broker, bool paused)
    {
        ArgumentNullException.ThrowIfNull(broker);
        broker.Pauses.Set(queue, paused);
    }
}
