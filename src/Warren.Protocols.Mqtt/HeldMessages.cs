using Warren.Buffers;

namespace Warren.Protocols.Mqtt;

/// <summary>Messages that wait for their identifiers to be on the disk: marks them, has that committed, and sends what may go.</summary>
internal sealed class HeldMessages(MqttConnection connection) : IFlushable
{
    /// <inheritdoc/>
    public void Flush()
    {
        bool marked;
        lock (connection.Output.Lock)
        {
            marked = connection.Deliverer?.Sender.MarkHeld(connection.Broker.Commits) ?? false;
        }

        if (marked)
        {
            connection.Broker.Commits.Register(connection.Commits);
            connection.Broker.Commits.Request();
        }

        connection.Output.Flush();
    }
}
