namespace Warren.Core.Queues;

/// <summary>Looks through the messages of a queue, in the order they would be delivered, without touching any of them.</summary>
/// <remarks>Not thread-safe; one for each walk. What comes and goes meanwhile is seen or not.</remarks>
public abstract class QueueBrowser
{
    private protected QueueBrowser()
    {
    }

    /// <summary>Messages passed so far.</summary>
    public long Position { get; private protected set; }

    /// <summary>Whether the end of the queue was reached.</summary>
    public bool AtEnd { get; private protected set; }

    /// <summary>Goes on without looking.</summary>
    public abstract void Skip(long count);

    /// <summary>Shows the next messages.</summary>
    /// <param name="most">How many to look at.</param>
    /// <param name="visit">Sees each one outside every lock; the bytes are there for the time of the call.</param>
    /// <returns>False when the visitor has stopped or the end was reached.</returns>
    public abstract bool Read(long most, BrowseVisitor visit);
}
