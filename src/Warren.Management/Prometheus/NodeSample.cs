using Warren.Core;
using Warren.Core.Connections;
using Warren.Core.Exchanges;
using Warren.Core.Metrics;
using Warren.Management.Views;
using Warren.Management.Hosting;

namespace Warren.Management.Prometheus;

/// <summary>The broker as a whole at the moment of a scrape.</summary>
internal sealed class NodeSample
{
    /// <summary>Looks now.</summary>
    public NodeSample(ManagementContext context)
    {
        Broker broker = context.Broker;
        Broker = broker;
        Totals = broker.Statistics.Totals();
        Process = ProcessResources.Look();
        Objects = ObjectTotals.Of(broker, Totals);
        UptimeSeconds = Math.Max(0, (broker.Time.GetUtcNow().ToUnixTimeMilliseconds() - context.StartedAt.ToUnixTimeMilliseconds()) / 1000.0);
        foreach (IClientConnection connection in broker.Connections.All)
        {
            foreach (IClientChannel channel in connection.ListChannels())
            {
                ChannelView view = channel.View();
                Channels.Add(new ChannelSample(channel, view, channel.Counts));
            }
        }

        foreach (VirtualHost virtualHost in broker.VirtualHosts)
        {
            foreach (Exchange exchange in virtualHost.Exchanges)
            {
                Routed += exchange.Counts.Get(MessageCounter.PublishOut);
            }
        }
    }

    /// <summary>The broker.</summary>
    public Broker Broker { get; }

    /// <summary>Its totals as of the last sample, in the order of <see cref="Series"/>.</summary>
    public long[] Totals { get; }

    /// <summary>What the process uses.</summary>
    public ProcessResources Process { get; }

    /// <summary>How many objects there are.</summary>
    public ObjectTotals Objects { get; }

    /// <summary>Seconds since the start.</summary>
    public double UptimeSeconds { get; }

    /// <summary>The channels.</summary>
    public List<ChannelSample> Channels { get; } = [];

    /// <summary>Messages routed to queues, once for each queue; raised by <see cref="MetricsPage"/> to what was seen before.</summary>
    public long Routed { get; set; }
}
