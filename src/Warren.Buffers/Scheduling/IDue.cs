namespace Warren.Buffers.Scheduling;

/// <summary>Something that wants to be called at a time. Its <see cref="object.ToString"/> names it in the log.</summary>
public interface IDue
{
    /// <summary>
    /// The time has come. On a pool thread, outside every lock, never two at a time for one <see cref="Deadline"/>. May
    /// wait for a queue's lock, never for a session's.
    /// </summary>
    void OnDue(Uptime now);
}
