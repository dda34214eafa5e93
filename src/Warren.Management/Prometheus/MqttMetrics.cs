using Warren.Core;
using Warren.Core.Sessions;

namespace Warren.Management.Prometheus;

/// <summary>What is kept of clients of MQTT and for them.</summary>
internal static class MqttMetrics
{
    private const string Prefix = "warren_";

    private static readonly Metric Sessions = new("mqtt_sessions", MetricType.Gauge, "Client sessions");
    private static readonly Metric Retained = new("mqtt_retained_messages", MetricType.Gauge, "Retained messages");
    private static readonly Metric Inflight = new("mqtt_inflight", MetricType.Gauge, "Deliveries that clients have not acknowledged yet");

    /// <summary>Writes them.</summary>
    public static void Write(MetricText text, NodeSample sample)
    {
        long connected = 0;
        long disconnected = 0;
        long retained = 0;
        long inflight = 0;
        foreach (VirtualHost virtualHost in sample.Broker.VirtualHosts)
        {
            retained += virtualHost.Retained.Count;
            foreach (ClientSession session in virtualHost.Sessions.List())
            {
                connected += session.IsConnected ? 1 : 0;
                disconnected += session.IsConnected ? 0 : 1;
                inflight += session.IsConnected ? 0 : session.Unfinished.Count;
            }
        }

        foreach (ChannelSample channel in sample.Channels)
        {
            inflight += channel.Channel.Connection.ProtocolLabel == ProtocolSample.DefaultProtocol ? 0 : channel.View.Unacknowledged;
        }

        text.Head(Prefix, Sessions);
        text.Value(Prefix, Sessions, MetricText.Labels(("state", "connected")), connected);
        text.Value(Prefix, Sessions, MetricText.Labels(("state", "disconnected")), disconnected);
        text.Single(Prefix, Retained, retained);
        text.Single(Prefix, Inflight, inflight);
    }
}
