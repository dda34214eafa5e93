using Warren.Core.Exchanges;
using Warren.Core.Queues;

namespace Warren.Core.Routing;

/// <summary>Where messages with one exchange and one routing key go, as long as the topology stands.</summary>
/// <remarks>Immutable.</remarks>
public sealed class Route
{
    /// <summary>A route to these queues.</summary>
    public Route(MessageQueue[] queues)
        : this(queues, [])
    {
    }

    /// <summary>A route to these queues through exchanges that keep the messages.</summary>
    public Route(MessageQueue[] queues, RecentHistoryExchange[] histories)
    {
        Queues = queues;
        Histories = histories;
        foreach (MessageQueue queue in queues)
        {
            LoggedCount += queue.IsLogged ? 1 : 0;
        }
    }

    /// <summary>To nowhere.</summary>
    public static Route None { get; } = new([]);

    /// <summary>The exchange it starts from, for its counts; null: nobody counts.</summary>
    public Exchange? Source { get; init; }

    /// <summary>The queues, each once.</summary>
    public MessageQueue[] Queues { get; }

    /// <summary>The exchanges on the way that keep what is published.</summary>
    public RecentHistoryExchange[] Histories { get; }

    /// <summary>How many of the queues store persistent messages.</summary>
    public int LoggedCount { get; }

    /// <summary>The queues of a set, to be kept.</summary>
    public static Route Of(RouteSet routes, Exchange? source = null)
    {
        ArgumentNullException.ThrowIfNull(routes);
        return new Route(routes.Queues.ToArray(), routes.Histories.ToArray()) { Source = source };
    }
}
