using Warren.Buffers.Fields;
using Warren.Core.Arguments;

namespace Warren.Core.Queues;

/// <summary>How a queue was declared (AMQP 0-9-1, queue.declare).</summary>
/// <param name="Durable">Survives a restart.</param>
/// <param name="AutoDelete">Goes with its last consumer.</param>
/// <param name="Arguments">The arguments as given.</param>
/// <param name="Parsed">What they mean.</param>
/// <param name="Owner">The connection an exclusive queue belongs to; null for a shared queue.</param>
public sealed record QueueDefinition(
    bool Durable,
    bool AutoDelete,
    FieldTable Arguments,
    QueueArguments Parsed,
    IQueueOwner? Owner)
{
    /// <summary>Whether only its owner may use it.</summary>
    public bool Exclusive => Owner is not null;
}

/// <summary>A connection, as the owner of exclusive queues.</summary>
public interface IQueueOwner
{
    /// <summary>Name of the connection, for operators.</summary>
    string Name { get; }
}
