using Warren.Core.Connections;
using Warren.Core.Metrics;

namespace Warren.Protocols.Mqtt;

/// <summary>The session of a connection as operators see it: as if it were a channel.</summary>
/// <remarks>Any thread.</remarks>
internal sealed class SessionReport(MqttConnection session) : IClientChannel
{
    public IClientConnection Connection => session.Report;

    public int Number => 1;

    public MessageCounts Counts => session.Statistics.Counts;

    public ObjectHistory History => session.Statistics.History;

    public ChannelView View()
    {
        long unacknowledged = 0;
        lock (session.Output.Lock)
        {
            unacknowledged = session.Deliverer?.Sender.Inflight.Sent ?? 0;
        }

        return new ChannelView
        {
            State = session.StateName,
            ConsumerCount = session.Deliverer?.Consumers.Count ?? 0,
            PrefetchCount = session.Limits.Window,
            Unacknowledged = unacknowledged,
        };
    }

    public IReadOnlyList<ConsumerView> ListConsumers()
    {
        IReadOnlyList<ConsumerView> views = [];
        session.WhileStill(() => views =
        [
            .. from consumer in session.Deliverer?.Consumers ?? []
               select new ConsumerView
               {
                   Tag = consumer.Tag,
                   Queue = consumer.Queue.Name,
                   AckRequired = !consumer.NoAck,
                   PrefetchCount = session.Limits.Window,
                   IsActive = consumer.Queue.IsActive(consumer),
                   Arguments = consumer.Arguments,
               },
        ]);
        return views;
    }
}
