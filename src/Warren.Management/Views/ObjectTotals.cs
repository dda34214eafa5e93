using Warren.Core;
using Warren.Core.Connections;
using Warren.Core.Metrics;
using Warren.Core.Queues;

namespace Warren.Management.Views;

/// <summary>How many objects there are, and how many messages in the queues, without looking at each of very many queues.</summary>
/// <param name="Connections">Connections that have logged in.</param>
/// <param name="Channels">Channels.</param>
/// <param name="Consumers">Consumers.</param>
/// <param name="Exchanges">Exchanges.</param>
/// <param name="Queues">Queues.</param>
/// <param name="Ready">Ready messages.</param>
/// <param name="Unacknowledged">Messages delivered and not acknowledged.</param>
internal readonly record struct ObjectTotals(
    long Connections, long Channels, long Consumers, long Exchanges, long Queues, long Ready, long Unacknowledged)
{
    private const int FewQueues = 5000; // beyond which the last sample has to do

    /// <summary>Of the whole broker.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="totals">The totals as of the last sample.</param>
    public static ObjectTotals Of(Broker broker, long[] totals)
    {
        long connections = 0;
        long channels = 0;
        foreach (IClientConnection connection in broker.Connections.All)
        {
            connections += connection.VirtualHost is null ? 0 : 1;
            channels += connection.ChannelCount;
        }

        long exchanges = 0;
        long queues = 0;
        foreach (VirtualHost virtualHost in broker.VirtualHosts)
        {
            exchanges += virtualHost.ExchangeCount;
            queues += virtualHost.QueueCount;
        }

        (long ready, long unacknowledged) = queues <= FewQueues
            ? CountMessages(broker)
            : (totals[Series.Ready], totals[Series.Unacknowledged]);
        return new ObjectTotals(
            connections, channels, broker.ConsumerCount, exchanges, queues, ready, unacknowledged);
    }

    private static (long Ready, long Unacknowledged) CountMessages(Broker broker)
    {
        long ready = 0;
        long unacknowledged = 0;
        foreach (VirtualHost virtualHost in broker.VirtualHosts)
        {
            foreach (MessageQueue queue in virtualHost.Queues)
            {
                QueueCounts counts = queue.Counts;
                ready += counts.Ready;
                unacknowledged += counts.Unacked;
            }
        }

        return (ready, unacknowledged);
    }
}
