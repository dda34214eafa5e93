using Warren.Core.Metrics;

namespace Warren.Core.Connections;

/// <summary>A channel or session of a client, as an operator sees it.</summary>
/// <remarks>Called from any thread.</remarks>
public interface IClientChannel
{
    /// <summary>The connection it is on.</summary>
    IClientConnection Connection { get; }

    /// <summary>Its number on the connection.</summary>
    int Number { get; }

    /// <summary>What was counted since it was opened.</summary>
    MessageCounts Counts { get; }

    /// <summary>The rates of the last minutes.</summary>
    ObjectHistory History { get; }

    /// <summary>The sizes of what it published.</summary>
    MessageSizes Sizes => default;

    /// <summary>What it published to each exchange; null: nobody counts.</summary>
    NeighbourTable? Publishes => null;

    /// <summary>What it took from each queue, and acknowledged; null: nobody counts.</summary>
    NeighbourTable? Deliveries => null;

    /// <summary>How it stands now.</summary>
    ChannelView View();

    /// <summary>Its consumers at this moment.</summary>
    IReadOnlyList<ConsumerView> ListConsumers();
}
