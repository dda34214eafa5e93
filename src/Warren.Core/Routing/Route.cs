using Warren.Core.Queues;

namespace Warren.Core.Routing;

/// <summary>Where messages with one exchange and one routing key go, as long as the topology stands.</summary>
/// <remarks>Immutable.</remarks>
public sealed class Route
{
    /// <summary>A route to these queues.</summary>
    public Route(MessageQueue[] queues)
    {
        Queues = queues;
        foreach (MessageQueue queue in queues)
        {
            LoggedCount += queue.IsLogged ? 1 : 0;
        }
    }

    /// <summary>The queues, each once.</summary>
    public MessageQueue[] Queues { get; }

    /// <summary>How many of them store persistent messages.</summary>
    public int LoggedCount { get; }
}
